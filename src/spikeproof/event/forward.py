"""The forward pass of a part of a batch: component by component."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.errors import EventLimitExceeded, InvalidInput
from spikeproof.event.batch import Batch, Part
from spikeproof.event.kernels.core.arrivals import Inputs
from spikeproof.event.kernels.core.scratch import new_held
from spikeproof.event.kernels.core.tables import EXTERNAL, INTERNAL, MIXED, RUNS, SIZES, T_REF, Layout
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, Tape, grown
from spikeproof.event.kernels.forward.dense import LANES, layer_forward
from spikeproof.event.kernels.forward.record import crowd
from spikeproof.event.kernels.forward.recurrent import recurrent_forward
from spikeproof.event.kernels.forward.sliced import sliced_forward
from spikeproof.event.kernels.forward.sparse import sparse_layer_forward
from spikeproof.event.layout import LAYER, RECURRENT, SPARSE_LAYER
from spikeproof.event.pool import recycle_scratch, scratch_for, tape_for
from spikeproof.numbers import Float64Array, IntArray

KERNELS = {LAYER: layer_forward, SPARSE_LAYER: sparse_layer_forward, RECURRENT: recurrent_forward}
SLICED_FROM = 512  # neurons of a recurrent component with sparse projections: fewer of them are taken side by side,
FOR_A_SLICE = 6  # and so are fewer for each slice, which takes a neuron as long as 25 events of others do,
SLICED_RUNS = 32  # unless there are so many runs of neurons with the same time constants
MOST_SLICES = 10_000  # of a run


def forward(batch: Batch, bounds: IntArray) -> Part:
    """The samples of these chunks; writes their final states to the batch.

    Raises
    ------
    EventLimitExceeded
        If a sample has too many events.
    InvalidInput
        If a current overflows binary64.
    """
    first, last = int(bounds[0]), int(bounds[-1])
    inputs = inputs_of(batch, slice(first, last))
    tape, n_spikes = follow(batch, inputs, empty_tape(batch, first, last), batch.ends[:, first:last], first)
    return Part(batch, bounds, tape, n_spikes)


def inputs_of(
    batch: Batch, samples: slice | IntArray, horizon: float = np.inf, ranks: IntArray | None = None
) -> Inputs:
    """The input spikes of some samples, which are to be followed up to a horizon, and until their loss knows enough.

    `ranks`, shape (n_slots,), are numbers of spikes, see `Inputs`; None if the loss looks at more.
    """
    s = batch.problem.stimulus
    start, stop = s.offsets[:-1][samples], s.offsets[1:][samples]
    offsets = np.concatenate([[0], np.cumsum(stop - start)])
    if isinstance(samples, slice):
        times, channels = s.times[start[0] : stop[-1]], s.channels[start[0] : stop[-1]]
    else:
        chosen = np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], stop - start)
        times, channels = s.times[chosen], s.channels[chosen]
        times.flags.writeable = channels.flags.writeable = False  # as in a stimulus, for which kernels are compiled
    complete = np.full((len(start), len(batch.structure.kinds)), np.inf)
    ranks = np.zeros(batch.layout.slot.shape[1], np.int64) if ranks is None else ranks
    return Inputs(float(s.duration), times, channels, offsets, horizon, complete, ranks)


def empty_tape(batch: Batch, first: int, last: int) -> Tape:
    """A tape for samples first .. last, with room for as many events as may be expected."""
    offsets, n_components = batch.problem.stimulus.offsets, len(batch.structure.kinds)
    n_inputs, n_spikes = int(offsets[last] - offsets[first]), (last - first) * batch.layout.slot.shape[1] + 64
    return tape_for((last - first) * n_components, 4 * n_inputs + n_spikes, n_spikes)


def follow(batch: Batch, inputs: Inputs, tape: Tape, ends: Float64Array, first: int = 0) -> tuple[Tape, int]:
    """Take the samples of `inputs`, which are sample `first` and so on of the batch, through all components.

    Writes their states where they end to `ends`; returns the tape, which may be a larger one, and its number of spikes.

    Raises
    ------
    EventLimitExceeded
        If a sample has too many events.
    InvalidInput
        If a current overflows binary64.
    """
    flat, limit, kinds, n = batch.layout, batch.event_limit, batch.structure.kinds, ends.shape[1]
    tape = tape._replace(v_end=ends[0], i_end=ends[1])
    lanes = max(LANES, batch.structure.widest)
    held = new_held(lanes) if flat.slot[T_REF].any() else None
    memory, a, k = scratch_for(lanes, 2 * lanes), 0, 0
    try:
        for c, kind in enumerate(kinds):
            kernel, sample, together = kernel_of(flat, c, kind, inputs.duration), 0, n
            while sample < n:
                status, sample, a, k = kernel(
                    flat, c, inputs, tape, sample, min(sample + together, n), a, k, memory, limit, held
                )
                if status == DONE:
                    continue
                if status == LIMIT:
                    raise EventLimitExceeded(first + sample, limit)
                room = len(memory.queue.spike_time)
                left = room if status == SCRATCH_FULL else min(len(tape.arrival_time) - a, len(tape.spike_time) - k)
                if together > 1 and left >= crowd(limit, memory.queue):
                    together = 1  # to know which sample has too many
                elif status == SCRATCH_FULL:
                    memory = scratch_for(lanes, 2 * room)
                else:
                    tape = grown(tape)
    finally:
        recycle_scratch(memory)
    if not np.isfinite(ends).all():
        raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
    return tape, k


def kernel_of(flat: Layout, c: int, kind: int, duration: float) -> Any:
    """The forward pass of a component of this kind."""
    if kind == RECURRENT and flat.component[MIXED, c]:
        shortest = float(np.min(flat.delay[flat.component[INTERNAL, c] : flat.component[EXTERNAL, c + 1]]))
        size, runs = flat.component[SIZES, c], flat.component[RUNS, c + 1] - flat.component[RUNS, c]
        large = size >= SLICED_FROM and duration * FOR_A_SLICE <= shortest * size
        if (large or runs >= SLICED_RUNS) and duration <= shortest * MOST_SLICES:
            return sliced_forward
    return KERNELS[kind]
