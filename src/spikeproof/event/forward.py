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
from spikeproof.numbers import IntArray

KERNELS = {LAYER: layer_forward, SPARSE_LAYER: sparse_layer_forward, RECURRENT: recurrent_forward}
SLICED_FROM = 2048  # neurons of a recurrent component with sparse projections: fewer of them are taken side by side,
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
    tape, n_spikes = _tape(batch, first, last)
    if not np.isfinite(batch.ends[:, first:last]).all():
        raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
    return Part(batch, bounds, tape, n_spikes)


def empty_tape(batch: Batch, first: int, last: int) -> Tape:
    """A tape for samples first .. last, with room for as many events as may be expected."""
    offsets, n_components = batch.problem.stimulus.offsets, len(batch.structure.kinds)
    n_inputs, n_spikes = int(offsets[last] - offsets[first]), (last - first) * batch.layout.slot.shape[1] + 64
    return tape_for((last - first) * n_components, 4 * n_inputs + n_spikes, n_spikes)


def _tape(batch: Batch, first: int, last: int) -> tuple[Tape, int]:
    """The tape of samples first .. last, and its number of spikes."""
    flat, stimulus, limit, kinds = batch.layout, batch.problem.stimulus, batch.event_limit, batch.structure.kinds
    inputs = Inputs(float(stimulus.duration), stimulus.times, stimulus.channels, stimulus.offsets)
    tape = empty_tape(batch, first, last)
    tape = tape._replace(v_end=batch.ends[0, first:last], i_end=batch.ends[1, first:last])
    lanes = max(LANES, batch.structure.widest)
    held = new_held(lanes) if np.any(flat.slot[T_REF]) else None
    memory, a, k = scratch_for(lanes, 2 * lanes), 0, 0
    try:
        for c, kind in enumerate(kinds):
            kernel, sample, together = _kernel(flat, c, kind, inputs.duration), first, last - first
            while sample < last:
                status, sample, a, k = kernel(
                    flat, c, inputs, tape, first, sample, min(sample + together, last), a, k, memory, limit, held
                )
                if status == DONE:
                    continue
                if status == LIMIT:
                    raise EventLimitExceeded(sample, limit)
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
    return tape, k


def _kernel(flat: Layout, c: int, kind: int, duration: float) -> Any:
    """The forward pass of a component of this kind."""
    delays = flat.delay[flat.component[INTERNAL, c] : flat.component[EXTERNAL, c + 1]]
    runs = flat.component[RUNS, c + 1] - flat.component[RUNS, c]
    large = flat.component[SIZES, c] >= SLICED_FROM or runs >= SLICED_RUNS
    if kind == RECURRENT and flat.component[MIXED, c] and large and duration <= MOST_SLICES * float(np.min(delays)):
        return sliced_forward
    return KERNELS[kind]
