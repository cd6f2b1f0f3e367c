"""Neurons that cross their threshold within an interval, followed through all their spikes together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import part
from spikeproof.event.kernels.crossings import (
    I_NEXT,
    LEFT,
    N_COLUMNS,
    NOW,
    UNTIL,
    V_NEXT,
    V_RESET,
    V_TH,
    WAIT,
    I,
    V,
    pass_crossings,
    search,
)
from spikeproof.memory import aligned, whole_lines
from spikeproof.numbers import Array, Float64Array, IntArray


class Queue(NamedTuple):
    """Working memory. Shapes: L lanes (neurons of all samples of a block), K spikes."""

    column: Array  # (N_COLUMNS, L) state and constants of the queued lanes, see `crossings`
    lane: IntArray  # (L,) number of the lane in the block
    after: IntArray  # (L,) arrivals of the lane's sample before its spikes
    spike_time: Float64Array  # (K,) spikes of the block in the order in which they were found
    spike_slope: Float64Array  # (K,)
    spike_lane: IntArray  # (K,)
    spike_after: IntArray  # (K,)
    spike_sample: IntArray  # (K,)
    place: IntArray  # (L + 1,) number of spikes of the samples before


def new_queue(n_lanes: int, n_spikes: int) -> Queue:
    """Working memory for blocks of this many lanes and spikes."""
    column = aligned(N_COLUMNS, whole_lines(n_lanes))
    column[:] = 1.0
    return Queue(
        column=column,
        lane=np.zeros(n_lanes, np.int64),
        after=np.zeros(n_lanes, np.int64),
        spike_time=np.empty(n_spikes),
        spike_slope=np.empty(n_spikes),
        spike_lane=np.empty(n_spikes, np.int64),
        spike_after=np.empty(n_spikes, np.int64),
        spike_sample=np.empty(n_spikes, np.int64),
        place=np.empty(n_lanes + 1, np.int64),
    )


@part
def follow(queue, n, k, room, states, row, tau_mem, tau_syn, share):
    """Record all spikes of the queued lanes 0 .. n after the first `k`; returns the new number, -1 beyond `room`.

    The lanes have the same time constants; for `share` see `reaches`. Rows `row` and ``row + 1`` of the states, V and
    I by lane at the end of the interval, hold those without spikes and are set to those with them.
    """
    column, lane, after = queue.column, queue.lane, queue.after
    while n > 0:
        search(column, n, tau_mem, tau_syn)
        again = pass_crossings(column, n, tau_mem, tau_syn, share)
        if k + n > room:
            return -1
        k = _record(
            column[NOW], column[I], column[V_TH], column[WAIT], column[V_NEXT], column[I_NEXT], lane, after, n, k,
            queue.spike_time, queue.spike_slope, queue.spike_lane, queue.spike_after, states[row], states[row + 1],
        )  # fmt: skip
        if again:
            _keep(column, lane, after, n)
        n = again
    return k


@part
def _record(now, i, v_th, wait, v_next, i_next, lane, after, n, k, time, slope, spike_lane, spike_after, v_end, i_end):
    """Append the spikes of those that cross; without a branch, which would often be guessed wrong."""
    for q in range(n):
        m = lane[q]
        time[k], slope[k], spike_lane[k], spike_after[k] = now[q], i[q] - v_th[q], m, after[q]
        v_end[m], i_end[m] = v_next[q], i_next[q]
        k += wait[q] >= 0.0
    return k


@part
def _keep(column, lane, after, n):
    """Move the lanes that are left to the front."""
    to = 0
    for q in range(n):
        if column[LEFT, q] != 0.0:
            for field in (V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL):
                column[field, to] = column[field, q]
            lane[to], after[to] = lane[q], after[q]
            to += 1
