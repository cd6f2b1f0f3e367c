"""Arrivals at a component whose neurons act on each other: its own spikes and those from outside."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner
from spikeproof.event.kernels.forward.lockstep_state import (
    ALLOWED,
    ARRIVALS,
    ARRIVED,
    DELIVERED,
    EVENT,
    FOLLOWING,
    INNER,
    LOG_FULL,
    NOTHING,
    OUTER,
    PLACE,
    PROJECTION,
    ROW,
    SENDER,
    SEVERAL,
    SPIKES,
    START,
)


@inner
def deliver_due(
    active, n_active, clock, count, cursor, delays, log, internal, last, delay, pre_start, pre_stop, post_start,
    row_start, row_offset, weights, whole, sparse, listed, unlisted, lo, size, states, spike_time, spike_slot, room,
    log_room, outer_time, outer_projection, outer_row,
):  # fmt: skip
    """Let everything arrive that is due at the events of the active samples, and find when the next arrival is due.

    First come the undelayed weights of the spikes that happen now. One row of weights for all neurons, from a `whole`
    projection, stays where it is; all else is summed in the states.
    """
    for m in range(n_active):
        b = active[m]
        now, first, sums, arrived = clock[EVENT, b], b * room, b * size - lo, NOTHING
        a, k, inner, q, p_now = count[ARRIVALS, b], count[SPIKES, b], count[INNER, b], count[DELIVERED, b], internal
        outer, stop = count[START, b] + a - inner, count[START, b] + count[OUTER, b]
        while True:
            p, sender, row, due = -1, -1, 0, np.inf
            while q < k and sender < 0:  # spikes that happen now
                slot = spike_slot[first + q]
                if p_now == last:
                    p_now, q = internal, q + 1
                    continue
                if delay[p_now] == 0.0 and pre_start[p_now] <= slot < pre_stop[p_now]:
                    p, sender, due = p_now, q, now
                p_now += 1
            if sender < 0 and delays:  # the delayed spike that arrives next
                for d in range(internal, last):
                    if delay[d] > 0.0:
                        s = cursor[b, d - internal]
                        while s < k and not pre_start[d] <= spike_slot[first + s] < pre_stop[d]:
                            s += 1
                        cursor[b, d - internal] = s
                        if s < k and spike_time[first + s] + delay[d] < due:
                            p, sender, due = d, s, spike_time[first + s] + delay[d]
            if outer < stop and q >= k and outer_time[outer] <= due:
                p, sender, due = outer_projection[outer], -1, outer_time[outer]
            if due > now or a + k > count[ALLOWED, b]:
                break
            if sender < 0:
                row = outer_row[outer]
                outer += 1
            elif inner >= log_room:
                count[ALLOWED, b] = LOG_FULL
                break
            else:
                row, entry = row_start[p] + spike_slot[first + sender] - pre_start[p], b * log_room + inner
                log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, sender, a
                inner += 1
                if delay[p] > 0.0:
                    cursor[b, p - internal] += 1
            a += 1
            w, end = row_offset[row], row_offset[row + 1]
            if whole[p] and arrived == NOTHING:
                arrived = w
                continue
            if arrived >= 0:
                target, rising = states[ROW, b * size : (b + 1) * size], weights[arrived : arrived + size]
                for s in range(size):
                    target[s] += rising[s]
            arrived = SEVERAL
            if sparse[p]:
                for s in range(w, end):
                    states[ROW, sums + listed[s - unlisted[p]]] += weights[s]
            else:
                target = states[ROW, sums + post_start[p] : sums + post_start[p] + end - w]
                rising = weights[w:end]
                for s in range(end - w):
                    target[s] += rising[s]
        count[ARRIVALS, b], count[INNER, b], count[DELIVERED, b], count[ARRIVED, b] = a, inner, k, arrived
        clock[FOLLOWING, b] = due
