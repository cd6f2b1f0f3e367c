"""The forward pass: component by component."""

from __future__ import annotations

from typing import Any

from spikeproof.errors import EventLimitExceeded
from spikeproof.event.kernels.layer import LANES, layer_forward
from spikeproof.event.kernels.recurrent import recurrent_forward
from spikeproof.event.kernels.sparse_layer import sparse_layer_forward
from spikeproof.event.kernels.tables import EXTERNAL, INTERNAL, MIXED, SIZES, Layout
from spikeproof.event.kernels.tape import DONE, LIMIT, ROOM, Tape, grown
from spikeproof.event.pool import recycle_scratch, scratch_for, tape_for
from spikeproof.numbers import Float64Array
from spikeproof.problem import Problem


def forward(
    problem: Problem, flat: Layout, v_end: Float64Array, i_end: Float64Array, first: int, last: int, limit: int
) -> tuple[Tape, int]:
    """The tape of samples first .. last, and its number of spikes; writes their final states, by slot.

    Raises
    ------
    EventLimitExceeded
        If a sample has more than `limit` events.
    """
    stimulus, sizes = problem.stimulus, [int(n) for n in flat.component[SIZES, :-1]]
    n_inputs, n_slots = int(stimulus.offsets[last] - stimulus.offsets[first]), flat.slot.shape[1]
    n_spikes = (last - first) * n_slots + 64
    tape = tape_for((last - first) * len(sizes), 4 * n_inputs + n_spikes, n_spikes)
    tape = tape._replace(v_end=v_end, i_end=i_end)
    lanes = max(LANES, *sizes)
    memory, a, k = scratch_for(lanes, 2 * lanes), 0, 0
    try:
        for c in range(len(sizes)):
            kernel, sample, together = _kernel(flat, c), first, last - first
            while sample < last:
                status, sample, a, k = kernel(
                    flat, c, float(stimulus.duration), stimulus.times, stimulus.channels, stimulus.offsets, tape, first,
                    sample, min(sample + together, last), a, k, memory, limit,
                )  # fmt: skip
                if status == DONE:
                    continue
                room = len(memory.queue.spike_time)
                left = room if status == ROOM else min(len(tape.arrival_time) - a, len(tape.spike_time) - k)
                if status == LIMIT or (together == 1 and left > 4 * limit + 4 * n_slots):
                    raise EventLimitExceeded(sample, limit)
                if left > 4 * limit:
                    together = 1  # to know which sample has too many
                if status == ROOM:
                    memory = scratch_for(lanes, 2 * room)
                else:
                    tape = grown(tape)
    finally:
        recycle_scratch(memory)
    return tape, k


def _kernel(flat: Layout, c: int) -> Any:
    """What runs component `c`."""
    if flat.component[INTERNAL, c] < flat.component[EXTERNAL, c + 1]:
        return recurrent_forward
    return sparse_layer_forward if flat.component[MIXED, c] else layer_forward
