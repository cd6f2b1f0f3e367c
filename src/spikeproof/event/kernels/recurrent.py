"""Forward pass of a component whose neurons act on each other: one event after the other, in time."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import merge_arrivals, weight_row
from spikeproof.event.kernels.flow import crosses, crossing, decays, peak_time
from spikeproof.event.kernels.tape import DONE, FULL, LIMIT, SPIKE


@njit(cache=True)
def recurrent_forward(layout, c, duration, inputs, tape, e, k0, k, scratch, limit):
    """Run component `c` over [0, duration]; returns status and the new numbers of events and spikes.

    Each neuron is advanced only when a spike arrives at it or it spikes; its next crossing is predicted then.
    Neurons that cross at the same time all spike and reset before any of their weights arrives.
    """
    cursor, due = scratch.cursor, scratch.due
    a, b = layout.slot_start[c], layout.slot_start[c + 1]
    internal, last = layout.internal[c], layout.external[c + 1]
    scratch.at[a:b], due[a:b] = 0.0, np.inf
    n_arrivals, n = merge_arrivals(layout, c, duration, inputs, tape, k0, k, cursor), 0
    if n_arrivals < 0:
        return FULL, e, k
    for p in range(internal, last):
        cursor[p] = k
    now, n_touched = 0.0, 0
    for s in range(a, b):
        n_touched = _touch(s, scratch, n_touched)
    while True:
        arrival = tape.arrival_time[n] if n < n_arrivals else np.inf
        p, delayed = _next_delayed(layout, internal, last, cursor, tape.spike_time, tape.spike_slot, k)
        if min(arrival, delayed) > now:  # else a crossing may not come between arrivals at the same time
            for m in range(n_touched):
                _predict(layout, scratch.touched[m], duration, scratch)
            n_touched = 0
        crossing_time = np.min(due[a:b])
        now, k_now = min(arrival, delayed, crossing_time), k
        if now > duration:
            break
        if crossing_time == now:
            for s in range(a, b):
                if due[s] == now:
                    if k >= len(tape.spike_time) or e >= len(tape.event_time):
                        return FULL, e, k
                    _advance(layout, s, now, scratch)
                    e, k = _spike(layout, s, now, tape, e, k0, k, scratch)
                    n_touched = _touch(s, scratch, n_touched)
        elif arrival == now:
            row = tape.arrival_row[n]
            status, e, k, n_touched = _deliver(
                layout, tape.arrival_projection[n], tape.arrival_source[n], row, now, tape, e, k0, k, scratch, n_touched
            )
            n += 1
            if status != DONE:
                return status, e, k
        else:
            row = weight_row(layout, p, tape.spike_slot[cursor[p]])
            status, e, k, n_touched = _deliver(layout, p, cursor[p] - k0, row, now, tape, e, k0, k, scratch, n_touched)
            cursor[p] += 1
            if status != DONE:
                return status, e, k
        while k_now < k:  # spikes that happened now and whose undelayed weights have not arrived yet
            for q in range(internal, last):
                if layout.delay[q] == 0.0 and layout.pre_start[q] <= tape.spike_slot[k_now] < layout.pre_stop[q]:
                    row = weight_row(layout, q, tape.spike_slot[k_now])
                    status, e, k, n_touched = _deliver(
                        layout, q, k_now - k0, row, now, tape, e, k0, k, scratch, n_touched
                    )
                    if status != DONE:
                        return status, e, k
            k_now += 1
        if e > limit:
            return LIMIT, e, k
    for s in range(a, b):
        _advance(layout, s, duration, scratch)
    return DONE, e, k


@njit(cache=True)
def _next_delayed(layout, internal, last, cursor, spike_time, spike_slot, k):
    """Internal projection with a delay through which the next spike arrives, and its time; (-1, inf) if none."""
    best, best_time = -1, np.inf
    for p in range(internal, last):
        if layout.delay[p] > 0.0:
            while cursor[p] < k and not layout.pre_start[p] <= spike_slot[cursor[p]] < layout.pre_stop[p]:
                cursor[p] += 1
            if cursor[p] < k and spike_time[cursor[p]] + layout.delay[p] < best_time:
                best, best_time = p, spike_time[cursor[p]] + layout.delay[p]
    return best, best_time


@njit(cache=True)
def _advance(layout, s, now, scratch):
    """Advance slot s to `now` without a spike."""
    dt = now - scratch.at[s]
    if dt > 0.0:
        g = layout.group[s]
        e_mem, e_syn, j = decays(dt, layout.tau_mem[g], layout.tau_syn[g])
        scratch.v[s] = scratch.v[s] * e_mem + scratch.i[s] * (j / layout.tau_mem[g])
        scratch.i[s] *= e_syn
        scratch.at[s] = now


@njit(cache=True)
def _spike(layout, s, now, tape, e, k0, k, scratch):
    """Record a spike of slot s, whose state is at `now`, and reset it."""
    tape.spike_time[k] = now
    tape.spike_slot[k] = s
    tape.spike_slope[k] = scratch.i[s] - layout.v_th[s]
    tape.event_time[e] = now
    tape.event_projection[e] = SPIKE
    tape.event_source[e] = k - k0
    scratch.v[s] = layout.v_reset[s]
    scratch.due[s] = np.inf
    return e + 1, k + 1


@njit(cache=True)
def _deliver(layout, p, source, row, now, tape, e, k0, k, scratch, n_touched):
    """Add a source spike's weights to its targets at `now`; returns status and the new counts.

    A target whose crossing lies within rounding of `now` spikes first.
    """
    start, stop = layout.post_start[p], layout.post_stop[p]
    if e + (stop - start) + 1 > len(tape.event_time) or k + (stop - start) > len(tape.spike_time):
        return FULL, e, k, n_touched
    for s in range(start, stop):
        if layout.weights[row + s - start] != 0.0:
            _advance(layout, s, now, scratch)
            if scratch.v[s] >= layout.v_th[s]:
                e, k = _spike(layout, s, now, tape, e, k0, k, scratch)
    tape.event_time[e] = now
    tape.event_projection[e] = p
    tape.event_source[e] = source
    for s in range(start, stop):
        weight = layout.weights[row + s - start]
        if weight != 0.0:
            scratch.i[s] += weight
            n_touched = _touch(s, scratch, n_touched)
    return DONE, e + 1, k, n_touched


@njit(cache=True)
def _touch(s, scratch, n_touched):
    """List slot s, once, among those whose next crossing must be predicted again."""
    if scratch.marked[s]:
        return n_touched
    scratch.marked[s] = True
    scratch.due[s] = np.inf
    scratch.touched[n_touched] = s
    return n_touched + 1


@njit(cache=True)
def _predict(layout, s, duration, scratch):
    """Set the time of slot s's next crossing, infinite if there is none up to `duration`."""
    v, i, v_th, g = scratch.v[s], scratch.i[s], layout.v_th[s], layout.group[s]
    scratch.due[s] = np.inf
    scratch.marked[s] = False
    rest = duration - scratch.at[s]
    if rest <= 0.0 or (i <= v_th and v_th >= 0.0):
        return
    tau_mem, tau_syn = layout.tau_mem[g], layout.tau_syn[g]
    e_mem, e_syn, j = decays(rest, tau_mem, tau_syn)
    v_end, i_end = v * e_mem + i * (j / tau_mem), i * e_syn
    if not crosses(v, i, v_end, i_end, v_th, tau_mem, tau_syn):
        return
    if i_end < v_end or v_end < v_th:
        rest = min(rest, peak_time(v, i, tau_mem, tau_syn))
    scratch.due[s] = min(scratch.at[s] + crossing(v, i, rest, v_th, tau_mem, tau_syn), duration)
