"""Neurons that cross their threshold within an interval, followed through all their spikes together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import part
from spikeproof.event.kernels.crossings import (
    I_NEXT,
    N_COLUMNS,
    NOW,
    UNTIL,
    V_NEXT,
    V_RESET,
    V_TH,
    WAIT,
    I,
    V,
    can_reach,
    finish_search,
    may_cross,
    pass_crossings,
    start_search,
)
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
    return Queue(
        column=np.ones((N_COLUMNS, (n_lanes + 7) // 8 * 8)),
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
def follow(queue, n, k, states, row, tau_mem, tau_syn, share):
    """Record all spikes of the queued lanes 0 .. n after the first `k`; returns the new number, -1 without room.

    The lanes have the same time constants; for `share` see `may_cross`. Rows `row` and ``row + 1`` of the states, V and
    I by lane at the end of the interval, hold those without spikes and are set to those with them.
    """
    column, lane, after = queue.column, queue.lane, queue.after
    spike_time, spike_slope = queue.spike_time, queue.spike_slope
    spike_lane, spike_after = queue.spike_lane, queue.spike_after
    while n > 0:
        start_search(column, n, tau_mem, tau_syn)
        finish_search(column, n, tau_mem, tau_syn)
        pass_crossings(column, n, tau_mem, tau_syn)
        if k + n > len(spike_time):
            return -1
        again = 0
        for q in range(n):
            if column[WAIT, q] >= 0.0:
                m, i_now, v_th = lane[q], column[I, q], column[V_TH, q]
                spike_time[k], spike_slope[k], spike_lane[k], spike_after[k] = column[NOW, q], i_now - v_th, m, after[q]
                k += 1
                v, v_next, i_next = column[V, q], column[V_NEXT, q], column[I_NEXT, q]
                states[row, m], states[row + 1, m] = v_next, i_next
                if may_cross(v, i_now, v_next, i_next, v_th, share) and can_reach(v, i_now, v_next, v_th, share):
                    for field in (V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL):
                        column[field, again] = column[field, q]
                    lane[again], after[again] = m, after[q]
                    again += 1
        n = again
    return k
