"""Forward pass of a component without internal projections: its neurons do not act on each other."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import merge_arrivals
from spikeproof.event.kernels.flow import crosses, crossing, decays, peak_time
from spikeproof.event.kernels.tape import DONE, FULL, LIMIT, SPIKE


@njit(cache=True)
def layer_forward(layout, c, duration, inputs, tape, e, k0, k, scratch, limit):
    """Run component `c` over [0, duration]; returns status and the new numbers of events and spikes.

    `e` and `k` count the events and spikes on the tape so far; the sample's spikes start at `k0`. All neurons
    are stepped from one arrival to the next with shared exponentials; those that reach their threshold on the
    way are then followed one by one.
    """
    v, i, candidates = scratch.v, scratch.i, scratch.candidates
    a, b = layout.slot_start[c], layout.slot_start[c + 1]
    n_arrivals = merge_arrivals(layout, c, duration, inputs, tape, k0, k, scratch.cursor)
    if n_arrivals < 0:
        return FULL, e, k
    now = 0.0
    for n in range(n_arrivals + 1):
        until = tape.arrival_time[n] if n < n_arrivals else duration
        dt, k_step = until - now, k
        for g in range(len(layout.tau_mem)):
            e_mem, e_syn, j = decays(dt, layout.tau_mem[g], layout.tau_syn[g])
            scratch.e_mem[g], scratch.e_syn[g], scratch.k[g] = e_mem, e_syn, j / layout.tau_mem[g]
        n_candidates = _step(
            a, b, v, i, layout.v_th, layout.group, scratch.e_mem, scratch.e_syn, scratch.k,
            layout.tau_mem, layout.tau_syn, candidates,
        )  # fmt: skip
        for m in range(n_candidates):
            s = candidates[m]
            g = layout.group[s]
            k = _follow(
                s, now, until, v, i, layout.v_th[s], layout.v_reset[s], layout.tau_mem[g], layout.tau_syn[g],
                tape.spike_time, tape.spike_slot, tape.spike_slope, k,
            )  # fmt: skip
            if k < 0:
                return FULL, e, k_step
        if e + k - k_step + 1 > len(tape.event_time):
            return FULL, e, k
        if e + k - k_step > limit:
            return LIMIT, e, k
        _sort(tape.spike_time, tape.spike_slot, tape.spike_slope, k_step, k)
        for m in range(k_step, k):
            tape.event_time[e] = tape.spike_time[m]
            tape.event_projection[e] = SPIKE
            tape.event_source[e] = m - k0
            e += 1
        now = until
        if n < n_arrivals:
            p, row = tape.arrival_projection[n], tape.arrival_row[n]
            start = layout.post_start[p]
            for m in range(layout.post_stop[p] - start):
                i[start + m] += layout.weights[row + m]
            tape.event_time[e] = now
            tape.event_projection[e] = p
            tape.event_source[e] = tape.arrival_source[n]
            e += 1
    return DONE, e, k


@njit(cache=True)
def _step(a, b, v, i, v_th, group, e_mem, e_syn, k, tau_mem, tau_syn, candidates):
    """Advance slots a .. b by one interval; those that spike on the way are left as they were and listed."""
    n = 0
    for s in range(a, b):
        g = group[s]
        v_next = v[s] * e_mem[g] + i[s] * k[g]
        i_next = i[s] * e_syn[g]
        if (i[s] > v_th[s] or v_th[s] < 0.0) and crosses(v[s], i[s], v_next, i_next, v_th[s], tau_mem[g], tau_syn[g]):
            candidates[n] = s
            n += 1
        else:
            v[s], i[s] = v_next, i_next
    return n


@njit(cache=True)
def _follow(s, now, until, v, i, v_th, v_reset, tau_mem, tau_syn, spike_time, spike_slot, spike_slope, k):
    """Record all spikes of slot s in (now, until] and advance it to `until`; returns k, -1 when the tape is full.

    Intervals are differences of the rounded spike times, here as in the adjoint: a current taken at the unrounded
    time would not belong to the trajectory that is replayed, and time constants that are short compared with
    EPS t would amplify the difference.
    """
    v_now, i_now = v[s], i[s]
    while True:
        rest = until - now
        e_mem, e_syn, j = decays(rest, tau_mem, tau_syn)
        v_next, i_next = v_now * e_mem + i_now * (j / tau_mem), i_now * e_syn
        if not crosses(v_now, i_now, v_next, i_next, v_th, tau_mem, tau_syn):
            break
        if i_next < v_next or v_next < v_th:
            rest = min(rest, peak_time(v_now, i_now, tau_mem, tau_syn))
        if k == len(spike_time):
            return -1
        time = min(now + crossing(v_now, i_now, rest, v_th, tau_mem, tau_syn), until)
        v_now, i_now = v_reset, i_now * math.exp(-(time - now) / tau_syn)
        now = time
        spike_time[k] = now
        spike_slot[k] = s
        spike_slope[k] = i_now - v_th
        k += 1
    v[s], i[s] = v_next, i_next
    return k


@njit(cache=True)
def _sort(spike_time, spike_slot, spike_slope, start, stop):
    """Sort spikes start .. stop by time; simultaneous ones stay in the order of their slots."""
    if stop - start < 2:
        return
    order = np.argsort(spike_time[start:stop], kind="mergesort")
    spike_time[start:stop] = spike_time[start:stop][order]
    spike_slot[start:stop] = spike_slot[start:stop][order]
    spike_slope[start:stop] = spike_slope[start:stop][order]
