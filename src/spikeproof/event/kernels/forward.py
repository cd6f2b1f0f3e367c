"""Forward pass of whole samples, block by block and component by component."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import merge_arrivals
from spikeproof.event.kernels.layer import FEW, layer_forward
from spikeproof.event.kernels.queue import Queue, new_queue
from spikeproof.event.kernels.record import record_spikes
from spikeproof.event.kernels.recurrent import recurrent_forward
from spikeproof.event.kernels.sparse_layer import sparse_layer_forward
from spikeproof.event.kernels.tape import DONE, FULL, ROOM
from spikeproof.numbers import Array

APART = 40  # more lanes than there are: rows whose lengths are powers of two would contend for the same cache lines


class Entries(NamedTuple):
    """Arrivals at single neurons, see `sparse_layer`. Shape: R, room for them."""

    event: Array  # (R, 2) time and weight, side by side
    arrival: Array  # (R,) int32: number of the arrival in its block


class Scratch(NamedTuple):
    """Working memory of one forward pass."""

    queue: Queue
    entries: Entries
    states: Array  # (4, L) V and I of the lanes of a block, before and after an interval
    log: Array  # (R, 3) int32: arrivals of a component's own spikes, see `internal`


def new_scratch(n_lanes: int, room: int) -> Scratch:
    """Working memory for blocks of this many lanes, with room for so many spikes, or arrivals at single neurons."""
    entries, n_lanes = Entries(np.empty((room, 2)), np.empty(room, np.int32)), n_lanes // 8 * 8 + APART
    return Scratch(new_queue(n_lanes, room), entries, np.empty((4, n_lanes)), np.empty((room, 3), np.int32))


@njit(cache=True, nogil=True, error_model="numpy")
def forward(
    layout, duration, times, channels, offsets, first, start, stop, width, tape, a, k, scratch, limit, sparse, recurrent
):
    """Solve samples start .. stop in blocks of `width`; returns status, where it stopped, and the counts on the tape.

    The tape holds samples from `first` on, `a` arrivals and `k` spikes. When it is full, or there is too little room to
    work, the call can be repeated from the sample it stopped at. `sparse` and `recurrent` are None where no component
    needs these passes, which are then not compiled. (Functions that only pass on what they are given would have
    everything compiled once more.)
    """
    n_components = len(layout.internal)
    for block in range(start, stop, width):
        last, a_block, k_block = min(block + width, stop), a, k
        for c in range(n_components):
            if recurrent is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if layout.internal[c] < layout.external[c + 1]:
                    status, s, a, k = recurrent_forward(
                        layout, c, duration, times, channels, offsets, tape, first, block, last, a, k, scratch.queue,
                        scratch.states, scratch.log, limit,
                    )  # fmt: skip
                    if status in (FULL, ROOM):
                        return status, block, a_block, k_block
                    if status != DONE:
                        return status, s, a, k
                    continue
            for s in range(block, last):
                inputs = (times[offsets[s] : offsets[s + 1]], channels[offsets[s] : offsets[s + 1]])
                row = (s - first) * n_components
                end = merge_arrivals(layout, c, duration, inputs, tape, row, a)
                if end < 0:
                    return FULL, block, a_block, k_block
                tape.arrival_start[row + c], tape.arrival_stop[row + c] = a, end
                a = end
            if sparse is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if layout.mixed[c]:
                    for s in range(block, last):
                        status, n = sparse_layer_forward(
                            layout, c, duration, tape, s - first, scratch.queue, scratch.states, scratch.entries
                        )
                        if status == DONE:
                            status, _, k = record_spikes(
                                layout, c, tape, s - first, s - first + 1, scratch.queue, n, False, k, limit
                            )
                        if status in (FULL, ROOM):
                            return status, block, a_block, k_block
                        if status != DONE:
                            return status, s, a, k
                    continue
            status, n = layer_forward(
                layout, c, duration, tape, block - first, last - first, scratch.queue, scratch.states
            )
            at = block - first
            if status == DONE:
                few = layout.slot_start[c + 1] - layout.slot_start[c] <= FEW
                status, at, k = record_spikes(
                    layout, c, tape, block - first, last - first, scratch.queue, n, few, k, limit
                )
            if status in (FULL, ROOM):
                return status, block, a_block, k_block
            if status != DONE:
                return status, first + at, a, k
    return DONE, stop, a, k
