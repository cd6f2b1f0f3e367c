"""Neurons that cross their threshold within an interval, followed through all their spikes together.

Loop: rounds of the queue; in each every queued lane has its next spike, and those that may have another one stay
queued. At the start of a round each lane stands at the start of its interval or just after its last spike, or release
where neurons have refractory times. The queue is the caller's, and so are the states at the end of the interval, which
are overwritten for lanes that spike.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.dynamics.elementary import exp
from spikeproof.dynamics.equations import advance, propagator, spike_slope
from spikeproof.event.kernels.core.queue import (
    DT_CROSS,
    HOLD,
    I_NEXT,
    NOW,
    UNSETTLED,
    UNTIL,
    V_NEXT,
    V_RESET,
    V_TH,
    I,
    V,
)
from spikeproof.event.kernels.forward.crossings import first_crossing_batch, may_cross, pass_crossings, to_spike

NEAR = 2.0**-40  # of the numbers that V is computed from: V this close to v_th may have been found to cross


@inner
def follow(queue, n, k, room, states, row, horizon, tau_mem, tau_syn, syn_fraction):
    """Record all spikes of the queued lanes 0 .. n after the first `k`; returns the new number, -1 beyond `room`.

    Spikes after the horizon are left out, and the states are then of no use.

    The lanes have the same time constants; for `syn_fraction` see `may_cross`. Rows `row` and ``row + 1`` of the
    states, V and I by lane at the end of the interval, hold those without spikes and are set to those with them.
    """
    column, lane, after = queue.column, queue.lane, queue.after
    if horizon < np.inf:
        n = _leave_out_late(column, lane, after, n, horizon, tau_mem)
    while n > 0:
        first_crossing_batch(column, n, tau_mem, tau_syn)
        if horizon < np.inf:
            _forget_late(column, n, horizon)
        again = pass_crossings(column, n, tau_mem, tau_syn, syn_fraction)
        if k + n > room:
            return -1
        k = _record(queue, n, k, states[row], states[row + 1])
        if again:
            _keep(column, lane, after, n)
        n = again
    return k


@inner
def _leave_out_late(column, lane, after, n, horizon, tau_mem):
    """Leave out lanes that certainly do not cross up to the horizon; returns how many are left.

    Below a positive threshold that the current exceeds V is concave: it crosses after its tangent does.
    """
    to = np.int64(0)
    for q in range(n):
        v, i, v_th = column[V, q], column[I, q], column[V_TH, q]
        gap = v_th - v - NEAR * (abs(v) + abs(i) + abs(v_th))
        driven = (v_th > 0.0) & (i > v_th) & (gap > 0.0)
        if column[NOW, q] + (tau_mem * gap / (i - v) if driven else 0.0) <= horizon:
            _move(column, lane, after, q, to)
            to += 1
    return to


@inner
def _forget_late(column, n, horizon):
    """Let the lanes that cross after the horizon count as if they did not."""
    for q in range(n):
        time = min(column[NOW, q] + max(column[DT_CROSS, q], 0.0), column[UNTIL, q])
        if time > horizon:
            column[DT_CROSS, q] = -1.0


@inner
def follow_held(queue, n, k, room, states, row, held, horizon, tau_mem, tau_syn, syn_fraction):
    """`follow`, where neurons have refractory times; docs/theory.md (refractory).

    A round starts with the release of those that are held: they go on from there, or stay held to the end.
    """
    column, lane, after, v_end, i_end = queue.column, queue.lane, queue.after, states[row], states[row + 1]
    n = _release(column, lane, after, n, held, v_end, i_end, tau_mem, tau_syn, syn_fraction)
    while n > 0:
        first_crossing_batch(column, n, tau_mem, tau_syn)
        if horizon < np.inf:
            _forget_late(column, n, horizon)
        to_spike(column[I], column[NOW], column[UNTIL], column[DT_CROSS], tau_syn, n)
        if k + n > room:
            return -1
        k = _record(queue, n, k, v_end, i_end)
        n = _hold(column, lane, after, n, held)
        n = _release(column, lane, after, n, held, v_end, i_end, tau_mem, tau_syn, syn_fraction)
    return k


@inner
def _hold(column, lane, after, n, held):
    """Hold the lanes that have spiked and move them to the front; returns their number."""
    to = np.int64(0)
    for q in range(n):
        if column[DT_CROSS, q] >= 0.0:
            held.until[lane[q]] = column[NOW, q] + column[HOLD, q]
            _move(column, lane, after, q, to)
            to += 1
    return to


@inner
def _release(column, lane, after, n, held, v_end, i_end, tau_mem, tau_syn, syn_fraction):
    """Take the held lanes to their release, and move all that may cross then to the front; returns their number.

    Written is also where the lanes end without a spike. V does not move before the release, and I goes on.
    """
    to = np.int64(0)
    for q in range(n):
        m, now, until = lane[q], column[NOW, q], column[UNTIL, q]
        free, crosses = held.until[m], True
        if free >= now:
            begin, v = min(free, until), column[V_RESET, q]
            i = column[I, q] * exp(-(begin - now) / tau_syn)
            e_mem, e_syn, gain = propagator(until - begin, tau_mem, tau_syn)
            v_next, i_next = advance(v, i, e_mem, e_syn, gain)
            crosses = may_cross(v, i, v_next, i_next, column[V_TH, q], syn_fraction) and free < until
            v_end[m], i_end[m] = v_next, i_next
            column[V, q], column[I, q], column[NOW, q], column[V_NEXT, q], column[I_NEXT, q] = (
                v, i, begin, v_next, i_next
            )  # fmt: skip
        if crosses:
            _move(column, lane, after, q, to)
            to += 1
    return to


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
    to = np.int64(0)
    for q in range(n):
        if column[UNSETTLED, q] != 0.0:
            _move(column, lane, after, q, to)
            to += 1


@inner
def _move(column, lane, after, q, to):
    """Move lane `q` of the queue to place `to`."""
    for field in (V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL, HOLD):
        column[field, to] = column[field, q]
    lane[to], after[to] = lane[q], after[q]
