"""Lookups of the first, second, ... spike of each neuron, which losses share."""

from __future__ import annotations

import numpy as np

from spikeproof.numbers import IntArray
from spikeproof.spikes import Spikes


def first_spikes(spikes: Spikes, neurons: range) -> IntArray:
    """Index of each neuron's first spike, shape (n_samples, len(neurons)); -1 for a silent neuron."""
    index, key = _own(spikes, neurons)
    first = np.full(spikes.n_samples * len(neurons), -1)
    first[key[::-1]] = index[::-1]  # the earliest is written last
    return first.reshape(spikes.n_samples, len(neurons))


def ranked_spikes(spikes: Spikes, neurons: range, n_ranks: int) -> IntArray:
    """Index of spike k of each neuron, shape (n_samples, len(neurons), n_ranks); -1 where there is none."""
    table = np.full((spikes.n_samples, len(neurons), n_ranks), -1)
    index, key = _own(spikes, neurons)
    order = np.argsort(key, kind="stable")
    key, index = key[order], index[order]
    rank = np.arange(len(key)) - np.searchsorted(key, key)
    kept = rank < n_ranks
    table[key[kept] // len(neurons), key[kept] % len(neurons), rank[kept]] = index[kept]
    return table


def _own(spikes: Spikes, neurons: range) -> tuple[IntArray, IntArray]:
    """Indices of the spikes of these neurons, and the number of the neuron of each, counted through all samples."""
    number = spikes.neurons - neurons.start
    index = np.flatnonzero(number.view(np.uint64) < len(neurons))  # negative numbers are large ones
    per_sample = np.diff(np.searchsorted(index, spikes.offsets))
    sample = np.repeat(np.arange(0, spikes.n_samples * len(neurons), len(neurons)), per_sample)
    return index, sample + number[index]
