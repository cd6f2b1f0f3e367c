"""The membrane potentials of one population between its events, read back from the tapes of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spikeproof.event.batch import Part
from spikeproof.event.kernels.core.tables import BIAS, GROUP, MEM, RESET, SYN, THRESHOLD, Layout
from spikeproof.event.kernels.reading.trajectory import Segments, count_segments, potentials, record_segments
from spikeproof.numbers import Array, Float64Array, IntArray


@dataclass(frozen=True)
class Trajectories:
    """Segments of V - bias and I of every neuron of a population in every sample, each starting with an event.

    Attributes
    ----------
    slots : where the population lies in the layout.
    offset : int array, shape (n_samples * size + 1,); segments of neuron n of sample s start at [s * size + n].
    time, v, i : arrays, shape (n_segments,): start, V - bias and I just after it.
    held : bool array, shape (n_segments,): V stays what it is.
    arrival : int array, shape (n_segments,): the arrival that starts a segment, numbered in its sample and component,
        or -1.
    spike : int array, shape (n_segments,): the spike that starts it, numbered as in ``Spikes``, or -1.
    v_th, v_reset, tau_mem, tau_syn, bias : arrays, shape (size,); thresholds and resets measured from the bias.
    """

    slots: range
    n_samples: int
    duration: float
    offset: IntArray
    time: Float64Array
    v: Float64Array
    i: Float64Array
    held: Array
    arrival: IntArray
    spike: IntArray
    v_th: Float64Array
    v_reset: Float64Array
    tau_mem: Float64Array
    tau_syn: Float64Array
    bias: Float64Array

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.slots)

    def alone(self, sample: int) -> Trajectories:
        """One sample of them."""
        own = self.offset[sample * self.size : (sample + 1) * self.size + 1]
        return replace(self, n_samples=1, offset=own)

    def at(self, nodes: Float64Array, node_offset: IntArray) -> Float64Array:
        """V at ascending times of each sample, shape (n_nodes, size); left limits where V jumps."""
        out = np.empty((len(nodes), self.size))
        potentials(
            self.offset, self.time, self.v, self.i, self.held, self.tau_mem, self.tau_syn, node_offset, nodes, out
        )
        return out + self.bias

    def spikes(self) -> tuple[IntArray, IntArray, IntArray, Float64Array]:
        """Number, sample, neuron of the population, and time of every spike of the population."""
        found = np.flatnonzero(self.spike >= 0)
        row = np.searchsorted(self.offset, found, side="right") - 1
        return self.spike[found], row // self.size, row % self.size, self.time[found]

    def boundaries(self) -> tuple[Float64Array, IntArray]:
        """Times of all events of the population, 0 and T, ascending and distinct in each sample, and their offsets."""
        parts = []
        for s in range(self.n_samples):
            own = slice(self.offset[s * self.size], self.offset[(s + 1) * self.size])
            parts.append(np.unique(np.concatenate([self.time[own], [0.0, self.duration]])))
        return np.concatenate(parts), np.cumsum([0, *(len(p) for p in parts)])


def trajectories(
    layout: Layout, component: int, slots: range, duration: float, parts: Sequence[Part], starts: Sequence[int]
) -> Trajectories:
    """Trajectories of neurons in some slots of a component, read from the tapes of all parts of a run.

    `starts` says which number the first spike of each part has.
    """
    columns: list[Sequence[Array]] = []
    counts: list[IntArray] = []
    for part, start in zip(parts, starts, strict=False):
        number = start + part.numbers()
        count, recorded = _recorded(layout, component, slots, part)
        spike = recorded[-1]
        spike[spike >= 0] = number[spike[spike >= 0]]
        counts.append(count.ravel())
        columns.append(recorded)
    time, v, i, held, arrival, spike = (np.concatenate(c) for c in zip(*columns, strict=True))
    own = slice(slots.start, slots.stop)
    group = layout.number[GROUP, own]
    return Trajectories(
        slots=slots,
        n_samples=sum(part.last - part.first for part in parts),
        duration=duration,
        offset=np.concatenate([[0], np.cumsum(np.concatenate(counts))]),
        time=time,
        v=v,
        i=i,
        held=held,
        arrival=arrival,
        spike=spike,
        v_th=layout.slot[THRESHOLD, own],
        v_reset=layout.slot[RESET, own],
        tau_mem=layout.time[MEM, group],
        tau_syn=layout.time[SYN, group],
        bias=layout.slot[BIAS, own],
    )


def _recorded(layout: Layout, component: int, slots: range, part: Part) -> tuple[IntArray, Sequence[Array]]:
    """Number of segments per sample and slot of a part, and the segments' time, V, I, held, arrival and spike."""
    counts, place = np.zeros((part.last - part.first, len(slots)), np.int64), (component, slots.start, slots.stop)
    count_segments(layout, *place, part.tape, part.releases, counts)
    total = int(np.sum(counts))
    event = np.empty((2, total), np.int64)
    recorded = Segments(np.empty(total), np.empty(total), np.empty(total), np.empty(total, np.bool_), *event)
    start_of = (np.cumsum(counts.ravel()) - counts.ravel()).reshape(counts.shape)
    record_segments(layout, *place, part.tape, part.releases, start_of, recorded)
    return counts, recorded
