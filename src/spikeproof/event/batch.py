"""A batch and its parts: consecutive samples, each part solved by one thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spikeproof.event.kernels.core.releases import Releases
from spikeproof.event.kernels.core.tables import MEM, SYN, T_REF, Layout
from spikeproof.event.kernels.core.tape import Tape
from spikeproof.event.layout import Structure, layout, structure
from spikeproof.event.limits import check_duration, check_refractory_times
from spikeproof.event.releases import releases_of
from spikeproof.numbers import Float64Array, IntArray
from spikeproof.problem import Problem
from spikeproof.threads import chunk_bounds, shares


@dataclass(frozen=True)
class Batch:
    """The data that the parts of a batch share.

    Attributes
    ----------
    problem : what is solved, in binary64.
    structure, layout : its network.
    ends : array, shape (2, n_samples, n_neurons), by slot: V and I at the end, which the parts write.
    event_limit : largest number of events of a sample.
    """

    problem: Problem
    structure: Structure
    layout: Layout
    ends: Float64Array
    event_limit: int

    @classmethod
    def of(cls, problem: Problem, event_limit: int) -> Batch:
        """The batch of a problem in binary64, not yet solved."""
        s, stimulus = structure(problem.network), problem.stimulus
        flat = layout(s, problem.network, problem.parameters)
        check_duration(float(stimulus.duration), flat.time[[MEM, SYN]])
        check_refractory_times(problem.network, s.neuron, flat.slot[T_REF], float(stimulus.duration))
        ends = np.empty((2, stimulus.n_samples, len(s.neuron)))
        return cls(problem, s, flat, ends, event_limit)

    def shares(self, threads: int) -> list[IntArray]:
        """Bounds of the chunks of each part, for up to so many threads."""
        return shares(chunk_bounds(self.problem.stimulus.n_samples, len(self.layout.weights)), threads)


@dataclass(frozen=True)
class Part:
    """The tape of consecutive chunks of samples.

    Attributes
    ----------
    batch : whose part it is.
    bounds : int array, first sample of each chunk, and the end of the last one.
    tape : its events.
    n_spikes : int, number of its spikes.
    until : array, shape (n_samples,), until when each sample was followed; None if all were to the end.
    """

    batch: Batch
    bounds: IntArray
    tape: Tape
    n_spikes: int
    until: Float64Array | None = None

    @property
    def first(self) -> int:
        """The first sample of the part."""
        return int(self.bounds[0])

    @property
    def last(self) -> int:
        """The sample after the last one of the part."""
        return int(self.bounds[-1])

    @cached_property
    def releases(self) -> Releases:
        """The ends of the refractory times of its spikes."""
        return releases_of(self.batch.layout, self.tape, self.n_spikes, float(self.batch.problem.stimulus.duration))

    @cached_property
    def shift(self) -> IntArray:
        """The number of each block's first spike, counted block by block, less its place on the tape."""
        counts = self.tape.spike_stop - self.tape.spike_start
        return np.cumsum(counts) - self.tape.spike_stop

    def numbers(self) -> IntArray:
        """Number of each spike of the tape, counted block by block."""
        order = np.argsort(self.tape.spike_start, kind="stable")  # blocks as they lie on the tape
        counts = self.tape.spike_stop - self.tape.spike_start
        return np.arange(self.n_spikes) + np.repeat(self.shift[order], counts[order])
