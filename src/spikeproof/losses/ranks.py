"""Which spike is the first, second, ... of its neuron: the lookups that losses share."""

from __future__ import annotations

import numpy as np

from spikeproof.numbers import IntArray
from spikeproof.spikes import Spikes


def first_spikes(spikes: Spikes, neurons: range) -> IntArray:
    """Index of each neuron's first spike, shape (n_samples, len(neurons)); -1 for a silent neuron."""
    index = np.flatnonzero((spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop))[::-1]
    first = np.full((spikes.n_samples, len(neurons)), -1)
    first[spikes.samples()[index], spikes.neurons[index] - neurons.start] = index  # the earliest is written last
    return first


def ranked_spikes(spikes: Spikes, neurons: range, n_ranks: int) -> IntArray:
    """Index of spike k of each neuron, shape (n_samples, len(neurons), n_ranks); -1 where there is none."""
    table = np.full((spikes.n_samples, len(neurons), n_ranks), -1)
    index = np.flatnonzero((spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop))
    key = spikes.samples()[index] * len(neurons) + spikes.neurons[index] - neurons.start
    order = np.argsort(key, kind="stable")
    key, index = key[order], index[order]
    rank = np.arange(len(key)) - np.searchsorted(key, key)
    kept = rank < n_ranks
    table[key[kept] // len(neurons), key[kept] % len(neurons), rank[kept]] = index[kept]
    return table
