"""Arrivals at a component whose neurons act on each other: its own spikes and those from outside.

Loops: active samples; what arrives at the event of each, one row of weights after the other. Spikes of the component
arrive in the order in which they happened, projection by projection: first, without delay, those that happen now, then
by time what is under way, what comes from outside before spikes of the component. `Lockstep.counts` says how far a
sample has come. Written are the counts and the cursors, the log of internal arrivals, a part for each sample, and the
states' row of what arrives.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.event.kernels.core.tables import FIRST_ROW, POST_START, PRE_START, PRE_STOP, SPARSE, UNLISTED
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


@once
def deliver_due(layout, tape, members, lockstep, n_active, queue, states, log):
    """Let everything arrive that is due at the events of the active samples, and find when the next arrival is due.

    First come the undelayed weights of the spikes that happen now. One row of weights for all neurons, from a `whole`
    projection, stays where it is; all else is summed in the states.
    """
    clock, count, n_samples = lockstep.clock, lockstep.counts, lockstep.counts.shape[1]
    room, log_room = len(queue.spike_time) // n_samples, len(log) // n_samples
    for m in range(n_active):
        b = lockstep.active[m]
        now, first, arrived = clock[EVENT, b], b * room, NOTHING
        a, k, inner, q = count[ARRIVALS, b], count[SPIKES, b], count[INNER, b], count[DELIVERED, b]
        outer, stop, p_now = count[START, b] + a - inner, count[START, b] + count[OUTER, b], members.first_internal
        while True:
            p, sender, q, p_now = _spike_now(layout, members, queue.spike_lane, first, q, k, p_now)
            due = now if sender >= 0 else np.inf
            if sender < 0 and members.delays:
                p, sender, due = spike_on_its_way(layout, members, lockstep.cursor, queue, first, k, b)
            if outer < stop and q >= k and tape.arrival_time[outer] <= due:
                p, sender, due = tape.arrival_projection[outer], -1, tape.arrival_time[outer]
            if due > now or a + k > count[ALLOWED, b]:
                break
            if sender < 0:
                row, outer = tape.arrival_row[outer], outer + 1
            elif inner >= log_room:
                count[ALLOWED, b] = LOG_FULL
                break
            else:
                row, entry = row_of(layout, p, queue.spike_lane[first + sender]), b * log_room + inner
                log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, sender, a
                inner += 1
                if layout.delay[p] > 0.0:
                    lockstep.cursor[b, p - members.first_internal] += 1
            a += 1
            arrived = _take_row(layout, members, p, row, arrived, b * members.size, states)
        count[ARRIVALS, b], count[INNER, b], count[DELIVERED, b], count[ARRIVED, b] = a, inner, k, arrived
        clock[FOLLOWING, b] = due


@once
def _spike_now(layout, members, slots, first, q, k, p):
    """The next undelayed arrival of spikes q .. k of a sample, projection `p` being the next one to look at.

    Returns projection and spike, -1 if there is none, and where to go on.
    """
    found, sender = -1, -1
    while q < k and sender < 0:
        slot = slots[first + q]
        if p == members.stop_internal:
            p, q = members.first_internal, q + 1
            continue
        if layout.delay[p] == 0.0 and layout.projection[PRE_START, p] <= slot < layout.projection[PRE_STOP, p]:
            found, sender = p, q
        p += 1
    return found, sender, q, p


@inner
def spike_on_its_way(layout, members, cursor, queue, first, k, b):
    """The delayed spike of sample `b` that arrives next: projection, spike, -1 if there is none, and time."""
    found, sender, due, slots = -1, -1, np.inf, queue.spike_lane
    for p in range(members.first_internal, members.stop_internal):
        delay = layout.delay[p]
        if delay > 0.0:
            column = p - members.first_internal
            s = cursor[b, column]
            while s < k and not layout.projection[PRE_START, p] <= slots[first + s] < layout.projection[PRE_STOP, p]:
                s += 1
            cursor[b, column] = s
            if s < k and queue.spike_time[first + s] + delay < due:
                found, sender, due = p, s, queue.spike_time[first + s] + delay
    return found, sender, due


@inner
def row_of(layout, p, slot):
    """Row of a slot in projection `p`."""
    return layout.projection[FIRST_ROW, p] + slot - layout.projection[PRE_START, p]


@once
def _take_row(layout, members, p, row, arrived, lane, states):
    """A row of weights arrives in the sample whose lanes start at `lane`; returns what has arrived so far.

    That is the place of a row that waits as the only one, and is added once another one comes.
    """
    weights, w, stop = layout.weights, layout.row_offset[row], layout.row_offset[row + 1]
    if members.whole[p] and arrived == NOTHING:
        return w
    if arrived >= 0:
        target, rising = states[ROW, lane : lane + members.size], weights[arrived : arrived + members.size]
        for s in range(members.size):
            target[s] += rising[s]
    first = lane - members.lo
    if layout.projection[SPARSE, p]:
        for n in range(w, stop):
            states[ROW, first + layout.target[n - layout.projection[UNLISTED, p]]] += weights[n]
    else:
        first += layout.projection[POST_START, p]
        target, rising = states[ROW, first : first + stop - w], weights[w:stop]
        for s in range(stop - w):
            target[s] += rising[s]
    return SEVERAL
