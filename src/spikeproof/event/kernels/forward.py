"""Forward pass of whole samples, block by block and component by component."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import merge_arrivals
from spikeproof.event.kernels.layer import layer_forward
from spikeproof.event.kernels.queue import Queue, new_queue
from spikeproof.event.kernels.record import record_spikes
from spikeproof.event.kernels.recurrent import recurrent_forward
from spikeproof.event.kernels.sparse_layer import sparse_layer_forward
from spikeproof.event.kernels.tape import DONE, FULL
from spikeproof.numbers import Array, IntArray


class Scratch(NamedTuple):
    """Working memory of one forward pass."""

    queue: Queue
    states: Array  # (4, L) V and I of the lanes of a block, before and after an interval
    cursor: IntArray  # (P,)


def new_scratch(n_lanes: int, n_projections: int, n_spikes: int) -> Scratch:
    """Working memory for blocks of this many lanes and spikes."""
    return Scratch(new_queue(n_lanes, n_spikes), np.empty((4, n_lanes)), np.zeros(n_projections, np.int64))


@njit(cache=True, nogil=True, error_model="numpy")
def forward(
    layout, duration, times, channels, offsets, first, start, stop, width, tape, a, k, scratch, limit, sparse, recurrent
):
    """Solve samples start .. stop in blocks of `width`; returns status, where it stopped, and the counts on the tape.

    The tape holds samples from `first` on, `a` arrivals and `k` spikes. When it is full the call can be repeated from
    the sample it stopped at. `sparse` and `recurrent` are None where no component needs these passes, which are then
    not compiled.
    """
    s = start
    while s < stop:
        last = min(s + width, stop)
        status, at, a_new, k_new = _block(
            layout, duration, times, channels, offsets, first, s, last, tape, a, k, scratch, limit, sparse, recurrent
        )
        if status == FULL:
            return status, s, a, k
        if status != DONE:
            return status, at, a, k
        s, a, k = last, a_new, k_new
    return DONE, stop, a, k


@njit(cache=True, error_model="numpy")
def _block(
    layout, duration, times, channels, offsets, first, start, stop, tape, a, k, scratch, limit, sparse, recurrent
):
    """Solve samples start .. stop together; returns status, a sample, and the counts on the tape."""
    n_components = len(layout.internal)
    for c in range(n_components):
        if recurrent is not None:
            if layout.internal[c] < layout.external[c + 1]:
                for s in range(start, stop):
                    inputs = (times[offsets[s] : offsets[s + 1]], channels[offsets[s] : offsets[s + 1]])
                    end = merge_arrivals(
                        layout, c, duration, inputs, tape, (s - first) * n_components, a, scratch.cursor
                    )
                    if end < 0:
                        return FULL, s, a, k
                    outside = (
                        tape.arrival_time[a:end].copy(), tape.arrival_projection[a:end].copy(),
                        tape.arrival_source[a:end].copy(), tape.arrival_row[a:end].copy(),
                    )  # fmt: skip
                    status, a, k = recurrent_forward(
                        layout, c, duration, tape, s - first, a, end - a, k, outside, limit
                    )
                    if status != DONE:
                        return status, s, a, k
                continue
        for s in range(start, stop):
            inputs = (times[offsets[s] : offsets[s + 1]], channels[offsets[s] : offsets[s + 1]])
            block = (s - first) * n_components
            tape.arrival_start[block + c] = a
            a = merge_arrivals(layout, c, duration, inputs, tape, block, a, scratch.cursor)
            if a < 0:
                return FULL, s, a, k
            tape.arrival_stop[block + c] = a
        if sparse is not None:
            if layout.mixed[c]:
                for s in range(start, stop):
                    status, n = sparse_layer_forward(
                        layout, c, duration, tape, s - first, scratch.queue, scratch.states
                    )
                    if status == DONE:
                        status, _, k = record_spikes(
                            layout, c, tape, s - first, s - first + 1, scratch.queue, n, k, limit
                        )
                    if status != DONE:
                        return status, s, a, k
                continue
        status, n = layer_forward(layout, c, duration, tape, start - first, stop - first, scratch.queue, scratch.states)
        if status != DONE:
            return status, start, a, k
        status, at, k = record_spikes(layout, c, tape, start - first, stop - first, scratch.queue, n, k, limit)
        if status != DONE:
            return status, first + at, a, k
    return DONE, stop, a, k
