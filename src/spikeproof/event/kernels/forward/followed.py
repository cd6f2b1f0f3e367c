"""Neurons that cross their threshold within an interval, followed through all their spikes together.

Loop: rounds of the queue; in each every queued lane has its next spike, and those that may have another one stay
queued. At the start of a round each lane stands at the start of its interval or just after its last spike. The queue
is the caller's, and so are the states at the end of the interval, which are overwritten for lanes that spike.
"""

from __future__ import annotations

from spikeproof.compiled import inner, once
from spikeproof.dynamics.equations import spike_slope
from spikeproof.event.kernels.core.queue import DT_CROSS, I_NEXT, NOW, UNSETTLED, UNTIL, V_NEXT, V_RESET, V_TH, I, V
from spikeproof.event.kernels.forward.crossings import first_crossing_batch, pass_crossings


@inner
def follow(queue, n, k, room, states, row, tau_mem, tau_syn, syn_fraction):
    """Record all spikes of the queued lanes 0 .. n after the first `k`; returns the new number, -1 beyond `room`.

    The lanes have the same time constants; for `syn_fraction` see `may_cross`. Rows `row` and ``row + 1`` of the
    states, V and I by lane at the end of the interval, hold those without spikes and are set to those with them.
    """
    column, lane, after = queue.column, queue.lane, queue.after
    while n > 0:
        first_crossing_batch(column, n, tau_mem, tau_syn)
        again = pass_crossings(column, n, tau_mem, tau_syn, syn_fraction)
        if k + n > room:
            return -1
        k = _record(queue, n, k, states[row], states[row + 1])
        if again:
            _keep(column, lane, after, n)
        n = again
    return k


@once
def _record(queue, n, k, v_end, i_end):
    """Append the spikes of those that cross; without a branch, which would often be guessed wrong."""
    column, lane, after, time, slope = queue.column, queue.lane, queue.after, queue.spike_time, queue.spike_slope
    now, i, v_th, wait = column[NOW], column[I], column[V_TH], column[DT_CROSS]
    v_next, i_next, spike_lane, spike_after = column[V_NEXT], column[I_NEXT], queue.spike_lane, queue.spike_after
    for q in range(n):
        m = lane[q]
        time[k], slope[k], spike_lane[k], spike_after[k] = now[q], spike_slope(i[q], v_th[q]), m, after[q]
        v_end[m], i_end[m] = v_next[q], i_next[q]
        k += wait[q] >= 0.0
    return k


@inner
def _keep(column, lane, after, n):
    """Move the lanes that are left to the front."""
    to = 0
    for q in range(n):
        if column[UNSETTLED, q] != 0.0:
            for field in (V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL):
                column[field, to] = column[field, q]
            lane[to], after[to] = lane[q], after[q]
            to += 1
