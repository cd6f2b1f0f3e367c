"""Forward pass of a component whose neurons act on each other: from one event to the next, all neurons together."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.crossings import (
    I_NEXT,
    NOW,
    UNTIL,
    V_NEXT,
    V_TH,
    WAIT,
    I,
    V,
    finish_search,
    start_search,
)
from spikeproof.event.kernels.flow import decays
from spikeproof.event.kernels.step import add, step
from spikeproof.event.kernels.tape import DONE, FULL, LIMIT


@njit(cache=True, error_model="numpy")
def recurrent_forward(layout, c, duration, tape, sample, a0, n_external, k, queue, external, limit):
    """Run component `c` of a sample; returns status and the new numbers of arrivals and spikes on the tape.

    `external` holds time, projection, source and row of the arrivals from outside; those of the component's own spikes
    are put between them. Neurons that cross at the same time all spike and reset before their weights arrive.
    """
    block = sample * len(layout.internal) + c
    lo, hi = layout.slot_start[c], layout.slot_start[c + 1]
    internal, last = layout.internal[c], layout.external[c + 1]
    runs = layout.run_start[layout.run_of[c] : layout.run_of[c + 1] + 1]
    v_th, v_reset, group = layout.v_th[lo:hi], layout.v_reset[lo:hi], layout.group  # a layout is dear to look up
    tau_mem, tau_syn, share, delay = layout.tau_mem, layout.tau_syn, layout.share, layout.delay
    pre_start, pre_stop, post_start, row_start = layout.pre_start, layout.pre_stop, layout.post_start, layout.row
    row_offset, weights, sparse = layout.row_offset, layout.weights, layout.sparse
    listed, unlisted = layout.target, layout.unlisted
    spike_time, spike_slot, spike_slope, spike_after = (
        tape.spike_time,
        tape.spike_slot,
        tape.spike_slope,
        tape.spike_after,
    )
    arrival_time, arrival_projection = tape.arrival_time, tape.arrival_projection
    arrival_source, arrival_row = tape.arrival_source, tape.arrival_row
    column, lane = queue.column, queue.lane
    v, i = layout.v_init[lo:hi].copy(), layout.i_init[lo:hi].copy()
    v_next, i_next, flags, due = np.empty_like(v), np.empty_like(i), np.zeros(hi - lo, np.bool_), np.empty(hi - lo)
    cursor = np.full(last - internal, k)
    now, n, a, k0, delivered, delays = 0.0, 0, a0, k, k, np.any(delay[internal:last] > 0.0)
    while True:
        if delivered < k:  # spikes that happened now: their undelayed weights arrive before anything else
            slot = spike_slot[delivered]
            for p in range(internal, last):
                if delay[p] == 0.0 and pre_start[p] <= slot < pre_stop[p]:
                    if a >= len(arrival_time):
                        return FULL, a, k
                    row = row_start[p] + slot - pre_start[p]
                    _deliver(row, row_offset, weights, post_start[p] - lo, sparse[p], listed, unlisted[p], lo, i)
                    arrival_time[a], arrival_projection[a], arrival_source[a], arrival_row[a] = now, p, delivered, row
                    a += 1
            delivered += 1
            if a - a0 + k - k0 > limit:
                return LIMIT, a, k
            continue
        arrival = external[0][n] if n < n_external else np.inf
        p, delayed = -1, np.inf
        if delays:
            p, delayed = _next_delayed(delay, pre_start, pre_stop, internal, last, cursor, spike_time, spike_slot, k)
        until = min(arrival, delayed, duration)
        if until > now:  # else a crossing may not come between arrivals at the same time
            first = np.inf
            for r in range(len(runs) - 1):
                g, start, stop = group[runs[r]], runs[r] - lo, runs[r + 1] - lo
                found = _fly(
                    until - now, tau_mem[g], tau_syn[g], share[g], start, stop, v, i, v_next, i_next, v_th, flags
                )
                if found:
                    first = min(
                        first,
                        _first(
                            column, lane, flags, due, start, stop, found, now, until, v, i, v_next, i_next, v_th,
                            tau_mem[g], tau_syn[g],
                        ),
                    )  # fmt: skip
                else:
                    due[start:stop] = np.inf
            if first <= until:
                for r in range(len(runs) - 1):
                    g, start, stop = group[runs[r]], runs[r] - lo, runs[r + 1] - lo
                    _fly(first - now, tau_mem[g], tau_syn[g], share[g], start, stop, v, i, v_next, i_next, v_th, flags)
                now = first
                if k + hi - lo > len(spike_time):
                    return FULL, a, k
                for s in range(hi - lo):
                    # those that cross now, and those that rounding has put on their threshold
                    if due[s] <= now or (due[s] < np.inf and v_next[s] >= v_th[s]):
                        spike_time[k], spike_slot[k], spike_after[k] = now, lo + s, a - a0
                        spike_slope[k] = i_next[s] - v_th[s]
                        v_next[s] = v_reset[s]
                        k += 1
                v, v_next, i, i_next = v_next, v, i_next, i
                continue
            v, v_next, i, i_next = v_next, v, i_next, i
            now = until
        if min(arrival, delayed) > duration:
            break
        if a >= len(arrival_time):
            return FULL, a, k
        if arrival <= delayed:
            p, source, row = external[1][n], external[2][n], external[3][n]
            n += 1
        else:
            source = cursor[p - internal]
            row = row_start[p] + spike_slot[source] - pre_start[p]
            cursor[p - internal] += 1
        _deliver(row, row_offset, weights, post_start[p] - lo, sparse[p], listed, unlisted[p], lo, i)
        arrival_time[a], arrival_projection[a], arrival_source[a], arrival_row[a] = now, p, source, row
        a += 1
        if a - a0 + k - k0 > limit:
            return LIMIT, a, k
    tape.arrival_start[block], tape.arrival_stop[block] = a0, a
    tape.spike_start[block], tape.spike_stop[block] = k0, k
    for s in range(hi - lo):
        tape.v_end[sample, lo + s], tape.i_end[sample, lo + s] = v[s] + layout.bias[lo + s], i[s]
    return DONE, a, k


@njit(cache=True, error_model="numpy")
def _next_delayed(delay, pre_start, pre_stop, internal, last, cursor, spike_time, spike_slot, k):
    """Internal projection with a delay through which the next spike arrives, and its time; (-1, inf) if none."""
    best, best_time = -1, np.inf
    for p in range(internal, last):
        if delay[p] > 0.0:
            q = cursor[p - internal]
            while q < k and not pre_start[p] <= spike_slot[q] < pre_stop[p]:
                q += 1
            cursor[p - internal] = q
            if q < k and spike_time[q] + delay[p] < best_time:
                best, best_time = p, spike_time[q] + delay[p]
    return best, best_time


@njit(cache=True, error_model="numpy")
def _fly(dt, tau_mem, tau_syn, share, start, stop, v, i, v_next, i_next, v_th, flags):
    """State of neurons start .. stop after `dt` without spikes; returns how many may cross, and flags them."""
    e_mem, e_syn, j = decays(dt, tau_mem, tau_syn)
    return step(
        v[start:stop], i[start:stop], v_next[start:stop], i_next[start:stop], v_th[start:stop], share, e_mem, e_syn,
        j / tau_mem, flags[start:stop],
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _first(column, lane, flags, due, start, stop, found, now, until, v, i, v_next, i_next, v_th, tau_mem, tau_syn):
    """Time of the first crossing of neurons start .. stop up to `until`, infinite if there is none; sets `due` of all."""
    q = 0
    for s in range(start, stop):
        due[s] = np.inf
        if flags[s]:
            column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v[s], i[s], v_next[s], i_next[s]
            column[NOW, q], column[UNTIL, q], column[V_TH, q] = now, until, v_th[s]
            lane[q] = s
            q += 1
    start_search(column, found, tau_mem, tau_syn)
    finish_search(column, found, tau_mem, tau_syn)
    first = np.inf
    for q in range(found):
        if column[WAIT, q] >= 0.0:
            due[lane[q]] = min(now + column[WAIT, q], until)
            first = min(first, due[lane[q]])
    return first


@njit(cache=True, error_model="numpy")
def _deliver(row, row_offset, weights, target, sparse, listed, unlisted, lo, i):
    """Add a row of weights to the currents, from `target` on or where they are listed."""
    w, stop = row_offset[row], row_offset[row + 1]
    if sparse:
        for n in range(w, stop):
            i[listed[n - unlisted] - lo] += weights[n]
    else:
        add(i[target : target + stop - w], weights[w:stop])
