"""Forward pass of whole samples, block by block and component by component."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import kernel
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
    interval: Array  # (5, L) of each sample: begin, end, and the decays between
    count: Array  # (2, L) of each sample: first arrival and number of arrivals
    flags: Array  # (L,) bool
    words: Array  # (L / 8,) int64: the flags, eight at a time
    chosen: Array  # (L,) int64: numbers of those that are flagged
    log: Array  # (R, 3) int32: arrivals of a component's own spikes, see `internal`


def new_scratch(n_lanes: int, room: int) -> Scratch:
    """Working memory for blocks of this many lanes, with room for so many spikes, or arrivals at single neurons."""
    entries, n_lanes = Entries(np.empty((room, 2)), np.empty(room, np.int32)), n_lanes // 8 * 8 + APART
    flags = np.zeros((n_lanes + 7) // 8 * 8, np.bool_)
    return Scratch(
        queue=new_queue(n_lanes, room),
        entries=entries,
        states=np.empty((4, n_lanes)),
        interval=np.empty((5, n_lanes)),
        count=np.empty((2, n_lanes), np.int64),
        flags=flags,
        words=flags.view(np.int64),
        chosen=np.empty(n_lanes, np.int64),
        log=np.empty((room, 3), np.int32),
    )


@kernel
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
            size = layout.slot_start[c + 1] - layout.slot_start[c]
            together = max(1, scratch.states.shape[1] // size)  # samples
            for s in range(block, last, together):
                at, end = s - first, min(s + together, last) - first
                status, n = layer_forward(layout, c, duration, tape, at, end, scratch)
                if status == DONE:
                    status, at, k = record_spikes(layout, c, tape, at, end, scratch.queue, n, size <= FEW, k, limit)
                if status in (FULL, ROOM):
                    return status, block, a_block, k_block
                if status != DONE:
                    return status, first + at, a, k
    return DONE, stop, a, k
