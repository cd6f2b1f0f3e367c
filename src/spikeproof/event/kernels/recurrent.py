"""Forward pass of a component whose neurons act on each other: from one event to the next, all neurons together."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.crossings import can_reach, next_crossing
from spikeproof.event.kernels.flow import EPS, decays
from spikeproof.event.kernels.step import add, flagged, fly, step
from spikeproof.event.kernels.tape import DONE, FULL, LIMIT

CROWD = 4  # neurons that may cross in the same interval: more of them make the next one shorter


@njit(cache=True, error_model="numpy")
def recurrent_forward(layout, c, duration, tape, sample, a0, n_external, k, external, limit):
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
    states, source, flags = np.empty((4, hi - lo)), 0, np.zeros((hi - lo + 7) // 8 * 8, np.bool_)
    states[0], states[1] = layout.v_init[lo:hi], layout.i_init[lo:hi]
    words, chosen, due, n_due = flags.view(np.int64), np.empty(hi - lo, np.int64), np.empty(hi - lo), 0
    cursor = np.full(last - internal, k)
    now, n, a, k0, delivered, delays = 0.0, 0, a0, k, k, np.any(delay[internal:last] > 0.0)
    horizon = np.min(tau_mem) + np.min(tau_syn)  # who may cross beyond it is not looked at yet
    shortest = 2.0**-10 * horizon
    while True:
        if delivered < k:  # spikes that happened now: their undelayed weights arrive before anything else
            slot = spike_slot[delivered]
            for p in range(internal, last):
                if delay[p] == 0.0 and pre_start[p] <= slot < pre_stop[p]:
                    if a >= len(arrival_time):
                        return FULL, a, k
                    row = row_start[p] + slot - pre_start[p]
                    _deliver(
                        row,
                        row_offset,
                        weights,
                        post_start[p] - lo,
                        sparse[p],
                        listed,
                        unlisted[p],
                        lo,
                        states,
                        source + 1,
                    )
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
        if until - now > horizon:
            until = now + horizon
        if until > now:  # else a crossing may not come between arrivals at the same time
            first, n_due, n_found = np.inf, 0, 0
            for r in range(len(runs) - 1):
                g, start, stop = group[runs[r]], runs[r] - lo, runs[r + 1] - lo
                e_mem, e_syn, j = decays(until - now, tau_mem[g], tau_syn[g])
                found = step(
                    states, source, start, stop - start, v_th, start, share[g], e_mem, e_syn, j / tau_mem[g], flags
                )
                n_found += found
                if found:
                    flagged(flags, words, stop - start, chosen, n_due)
                    earliest, n_due = _first(
                        start, chosen, due, n_due, found, now, until, states, source, v_th, share[g], tau_mem[g],
                        tau_syn[g],
                    )  # fmt: skip
                    first = min(first, earliest)
            if n_found > CROWD:
                horizon = max(0.5 * (until - now), shortest)
            elif n_found < 2:
                horizon *= 1.25
            if first <= until:
                for r in range(len(runs) - 1):
                    g, start, stop = group[runs[r]], runs[r] - lo, runs[r + 1] - lo
                    e_mem, e_syn, j = decays(first - now, tau_mem[g], tau_syn[g])
                    fly(states, source, start, stop - start, e_mem, e_syn, j / tau_mem[g])
                now = first
                if k + n_due > len(spike_time):
                    return FULL, a, k
                for q in range(n_due):
                    s = chosen[q]
                    # those that cross now, and those that rounding has put on their threshold
                    if due[q] <= now or states[2 - source, s] >= v_th[s]:
                        spike_time[k], spike_slot[k], spike_after[k] = now, lo + s, a - a0
                        spike_slope[k] = states[3 - source, s] - v_th[s]
                        states[2 - source, s] = v_reset[s]
                        k += 1
                source = 2 - source
                continue
            source = 2 - source
            now = until
        if now < min(arrival, delayed, duration):
            continue
        if min(arrival, delayed) > duration:
            break
        if a >= len(arrival_time):
            return FULL, a, k
        if arrival <= delayed:
            p, sender, row = external[1][n], external[2][n], external[3][n]
            n += 1
        else:
            sender = cursor[p - internal]
            row = row_start[p] + spike_slot[sender] - pre_start[p]
            cursor[p - internal] += 1
        _deliver(row, row_offset, weights, post_start[p] - lo, sparse[p], listed, unlisted[p], lo, states, source + 1)
        arrival_time[a], arrival_projection[a], arrival_source[a], arrival_row[a] = now, p, sender, row
        a += 1
        if a - a0 + k - k0 > limit:
            return LIMIT, a, k
    tape.arrival_start[block], tape.arrival_stop[block] = a0, a
    tape.spike_start[block], tape.spike_stop[block] = k0, k
    for s in range(hi - lo):
        tape.v_end[sample, lo + s], tape.i_end[sample, lo + s] = (
            states[source, s] + layout.bias[lo + s],
            states[source + 1, s],
        )
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
def _first(start, chosen, due, n_due, found, now, until, states, source, v_th, share, tau_mem, tau_syn):
    """Time of the first crossing up to `until`, infinite if there is none, and the new number of neurons that are due.

    Of the `found` neurons that are listed after the first `n_due`, counted from `start`, those that cross first are
    kept, with the time when they are due. V rises below its tangent: who would come too late even along it is not
    searched for.
    """
    n, soonest = n_due, -1
    for c in range(n_due, n_due + found):
        s = start + chosen[c]
        v, i = states[source, s], states[source + 1, s]
        if can_reach(v, i, states[2 - source, s], v_th[s], share):
            due[n], chosen[n] = now + tau_mem * (v_th[s] - v) / (i - v) if i > v_th[s] else now, s
            if soonest < 0 or due[n] < due[soonest]:
                soonest = n
            n += 1
    first, kept = np.inf, n_due
    if soonest < 0:
        return first, kept
    due[n_due], due[soonest] = due[soonest], due[n_due]
    chosen[n_due], chosen[soonest] = chosen[soonest], chosen[n_due]
    for q in range(n_due, n):
        if due[q] > first + EPS * 64.0 * first:
            continue
        s = chosen[q]
        wait = next_crossing(
            states[source, s], states[source + 1, s], states[2 - source, s], states[3 - source, s], until - now,
            v_th[s], tau_mem, tau_syn,
        )  # fmt: skip
        if wait >= 0.0:
            due[kept], chosen[kept] = min(now + wait, until), s
            first = min(first, due[kept])
            kept += 1
    return first, kept


@njit(cache=True, error_model="numpy")
def _deliver(row, row_offset, weights, target, sparse, listed, unlisted, lo, states, i):
    """Add a row of weights to the currents in row `i` of the states, from `target` on or where they are listed."""
    w, stop = row_offset[row], row_offset[row + 1]
    if sparse:
        for n in range(w, stop):
            states[i, listed[n - unlisted] - lo] += weights[n]
    else:
        add(states, i, target, weights, w, stop - w)
