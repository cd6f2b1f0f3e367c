"""Forward pass of a component without internal projections: its neurons do not act on each other."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import next_arrival, weight_row
from spikeproof.event.kernels.flow import crossing, decays, has_peak_above, peak_time
from spikeproof.event.kernels.tape import DONE, FULL, LIMIT, SPIKE


@njit(cache=True)
def layer_forward(layout, c, duration, inputs, tape, e, k0, k, scratch, limit):
    """Run component `c` over [0, duration]; returns status and the new numbers of events and spikes.

    `e` and `k` count the events and spikes on the tape so far; the sample's spikes start at `k0`. All neurons
    are stepped from one arrival to the next with shared exponentials; those that can reach their threshold on
    the way are followed one by one.
    """
    input_times, input_channels = inputs
    v, i, cursor, candidates = scratch.v, scratch.i, scratch.cursor, scratch.candidates
    a, b = layout.slot_start[c], layout.slot_start[c + 1]
    first, last = layout.external[c], layout.external[c + 1]
    spike_time, spike_slot = tape.spike_time[k0:], tape.spike_slot[k0:]
    capacity, n_before = len(tape.event_time), k - k0
    now = 0.0
    while True:
        p, time = next_arrival(
            layout, first, last, cursor, input_times, input_channels, spike_time, spike_slot, n_before
        )
        arrives = time <= duration
        until = time if arrives else duration
        n_candidates = _step(layout, a, b, until - now, v, i, candidates, scratch)
        k_step = k
        for n in range(n_candidates):
            status, k = _follow(layout, candidates[n], now, until, v, i, tape, k)
            if status != DONE:
                return status, e, k
        if e + k - k_step + 1 > capacity:
            return FULL, e, k
        if e + k - k_step > limit:
            return LIMIT, e, k
        _sort(tape, k_step, k)
        for n in range(k_step, k):
            tape.event_time[e] = tape.spike_time[n]
            tape.event_projection[e] = SPIKE
            tape.event_source[e] = n - k0
            e += 1
        if not arrives:
            return DONE, e, k
        now = time
        source = cursor[p]
        cursor[p] += 1
        w = weight_row(layout, p, source, input_channels, spike_slot)
        start = layout.post_start[p]
        for m in range(layout.post_stop[p] - start):
            i[start + m] += layout.weights[w + m]
        tape.event_time[e] = time
        tape.event_projection[e] = p
        tape.event_source[e] = source
        e += 1


@njit(cache=True)
def _step(layout, a, b, dt, v, i, candidates, scratch):
    """Advance slots a .. b by dt; those that may spike on the way are left as they were and listed."""
    for g in range(len(layout.tau_mem)):
        e_mem, e_syn, j = decays(dt, layout.tau_mem[g], layout.tau_syn[g])
        scratch.e_mem[g], scratch.e_syn[g], scratch.k[g] = e_mem, e_syn, j / layout.tau_mem[g]
    n = 0
    for s in range(a, b):
        g = layout.group[s]
        v_next = v[s] * scratch.e_mem[g] + i[s] * scratch.k[g]
        i_next = i[s] * scratch.e_syn[g]
        if i[s] > layout.v_th[s] and (v_next >= layout.v_th[s] or i_next <= v_next):
            candidates[n] = s
            n += 1
        else:
            v[s], i[s] = v_next, i_next
    return n


@njit(cache=True)
def _follow(layout, s, now, until, v, i, tape, k):
    """Record all spikes of slot s in (now, until] and advance it to `until`."""
    g, v_th = layout.group[s], layout.v_th[s]
    tau_mem, tau_syn = layout.tau_mem[g], layout.tau_syn[g]
    while True:
        rest = until - now
        e_mem, e_syn, j = decays(rest, tau_mem, tau_syn)
        v_next, i_next = v[s] * e_mem + i[s] * (j / tau_mem), i[s] * e_syn
        if i[s] <= v_th:
            break
        if v_next >= v_th:
            hi = rest if i_next >= v_next else min(rest, peak_time(v[s], i[s], tau_mem, tau_syn))
        elif i_next <= v_next and has_peak_above(v[s], i[s], v_th, tau_mem, tau_syn):
            hi = min(rest, peak_time(v[s], i[s], tau_mem, tau_syn))
        else:
            break
        if k >= len(tape.spike_time):
            return FULL, k
        dt = crossing(v[s], i[s], hi, v_th, tau_mem, tau_syn)
        now = min(now + dt, until)
        i[s] *= decays(dt, tau_mem, tau_syn)[1]
        v[s] = layout.v_reset[s]
        tape.spike_time[k] = now
        tape.spike_slot[k] = s
        tape.spike_slope[k] = i[s] - v_th
        k += 1
    v[s], i[s] = v_next, i_next
    return DONE, k


@njit(cache=True)
def _sort(tape, start, stop):
    """Sort spikes start .. stop of the tape by time; simultaneous ones stay in the order of their slots."""
    if stop - start < 2:
        return
    order = np.argsort(tape.spike_time[start:stop], kind="mergesort")
    tape.spike_time[start:stop] = tape.spike_time[start:stop][order]
    tape.spike_slot[start:stop] = tape.spike_slot[start:stop][order]
    tape.spike_slope[start:stop] = tape.spike_slope[start:stop][order]
