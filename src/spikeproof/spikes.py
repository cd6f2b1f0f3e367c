"""Output spikes of a batch of samples, as ragged arrays in the order in which an engine found them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray, integer


@dataclass(frozen=True)
class Spikes:
    """Spikes of all LIF neurons.

    Attributes
    ----------
    times : array, shape (n_spikes,)
        Ascending within each population of a sample; an engine that solves a feed-forward network layer by layer
        lists the layers one after the other. float64, or mpmath numbers when a reference solved the problem.
    neurons : int array, shape (n_spikes,)
        Neuron numbers, counted through over the network's populations.
    offsets : int array, shape (n_samples + 1,)
        Sample s owns spikes ``offsets[s] : offsets[s + 1]``.
    vdot : array, shape (n_spikes,)
        dV/dt just before each spike.
    """

    times: Array
    neurons: IntArray
    offsets: IntArray
    vdot: Array

    @property
    def n_samples(self) -> int:
        """Number of samples in the batch."""
        return len(self.offsets) - 1

    def __len__(self) -> int:
        return len(self.times)

    def sample(self, number: int) -> Spikes:
        """The spikes of one sample."""
        number = integer("sample", number, low=0, high=self.n_samples - 1)
        a, b = int(self.offsets[number]), int(self.offsets[number + 1])
        return Spikes(self.times[a:b], self.neurons[a:b], np.array([0, b - a]), self.vdot[a:b])

    def samples(self) -> IntArray:
        """Sample number of each spike, shape (n_spikes,)."""
        return np.repeat(np.arange(self.n_samples), np.diff(self.offsets))

    def read_only(self) -> Spikes:
        """These spikes in arrays that cannot be written."""
        columns = [column.view() for column in (self.times, self.neurons, self.offsets, self.vdot)]
        for column in columns:
            column.setflags(write=False)
        return Spikes(*columns)

    def trains(self, neurons: range) -> list[Array]:
        """Spike times of each neuron in `neurons`, for spikes of a single sample.

        Raises
        ------
        InvalidInput
            If there are several samples.
        """
        instance("neurons", neurons, range)
        if self.n_samples != 1:
            raise InvalidInput("spikes", f"{self.n_samples} samples", "one sample: see `Spikes.sample`")
        order = np.argsort(self.neurons, kind="stable")
        bounds = np.searchsorted(self.neurons[order], np.arange(neurons.start, neurons.stop + 1))
        return [self.times[order[a:b]] for a, b in pairwise(bounds)]
