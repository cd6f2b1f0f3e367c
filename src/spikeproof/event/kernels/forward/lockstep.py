"""Samples side by side through a component whose neurons act on each other: a round is one event of each of them.

Loops: rounds; within one, runs of neurons and active samples, neuron by neuron in the step alone. An event is a spike,
an arrival, or the end of an interval so short that few neurons may cross in it. At the start of a round all neurons of
a sample stand at NOW, just after its last event, and it is known who crosses first up to UNTIL. What happens in a
sample does not depend on those beside it. It ends after its first event beyond the horizon, or where its next arrival
is not known. `Members` and `Lockstep` are made for the block by the caller; the queue
holds the spikes so far, the log the internal arrivals, the n-th part of the room for each sample; final states go to
the tape.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.event.kernels.core.arrivals import known_until
from spikeproof.event.kernels.core.tables import BIAS, GROUP, I_START, MEM, RESET, SYN, T_REF, V_START
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL
from spikeproof.event.kernels.forward.crossings import first_crossing_soon
from spikeproof.event.kernels.forward.event_step import (
    clear_arrived,
    fill_flow,
    fill_max_gain,
    step_through_event,
    upper_bound,
)
from spikeproof.event.kernels.forward.lockstep_state import (
    ALLOWED,
    ARRIVALS,
    ARRIVED,
    E_MEM,
    EVENT,
    FOLLOWING,
    FOUND,
    HORIZON,
    INNER,
    LATEST,
    LOG_FULL,
    MAX_GAIN,
    NEXT_MEM,
    NOW,
    OPEN,
    OUTER,
    RELEASE,
    ROW,
    SEVERAL,
    SPIKES,
    START,
    UNTIL,
    I,
    V,
)
from spikeproof.event.kernels.forward.next_spike import collect_due, emit_spikes, flagged, prune, queue_candidates
from spikeproof.event.kernels.forward.record import n_events
from spikeproof.event.kernels.forward.recurrent_arrivals import deliver_due

CROWD = 2  # neurons that may cross in the same interval: more of them make the next one shorter


@inner
def run_in_lockstep(layout, c, inputs, tape, sample, members, lockstep, queue, states, log, limit, held):
    """Run component `c` of samples of the tape from `sample` on; returns status and, at the limit, which sample.

    The tape holds their arrivals from outside.
    """
    _begin(layout, c, inputs.complete, tape, sample, limit, members, lockstep, states)
    n_active, n_held, shortest = len(lockstep.active), 0, 2.0**-10 * lockstep.clock[HORIZON, 0]
    while n_active > 0:
        n_fired = _spike(layout, members, lockstep, queue, states)
        deliver_due(layout, tape, members, lockstep, n_active, queue, states, log)
        if held is not None:
            n_held = _hold(layout, members, lockstep, n_active, n_fired, n_held, held)
        ended = _look_ahead(lockstep, n_active, inputs.duration, inputs.horizon, shortest, held)
        _step(layout, members, lockstep, n_active, states)
        if held is None:
            _reset(layout, members, lockstep, lockstep.fired, n_fired, states)
        else:
            _reset(layout, members, lockstep, held.lane, n_held, states)
            n_held = _release(members, lockstep, n_held, held)
        if ended:
            n_active = _end(layout, c, inputs, tape, sample, members, lockstep, n_active, states)
        _find_due(layout, members, lockstep, queue, states)
    return _outcome(lockstep.counts)


@once
def _begin(layout, c, complete, tape, sample, limit, members, lockstep, states):
    """The samples at t = 0, before anything arrives."""
    clock, count, n_components = lockstep.clock, lockstep.counts, layout.component.shape[1] - 1
    shortest_mem, shortest_syn = layout.time[MEM, 0], layout.time[SYN, 0]
    for g in range(layout.time.shape[1]):
        shortest_mem, shortest_syn = min(shortest_mem, layout.time[MEM, g]), min(shortest_syn, layout.time[SYN, g])
    for b in range(len(lockstep.active)):
        block = (sample + b) * n_components + c
        count[START, b] = tape.arrival_start[block]
        count[OUTER, b] = tape.arrival_stop[block] - count[START, b]
        count[ALLOWED, b] = limit - n_events(
            tape.arrival_start, tape.arrival_stop, tape.spike_start, tape.spike_stop, block - c, block
        )
        count[OPEN, b] = known_until(layout, c, complete[sample + b]) < np.inf
        clock[HORIZON, b] = shortest_mem + shortest_syn
        for s in range(members.size):
            lane, slot = b * members.size + s, members.lo + s
            states[V, lane], states[I, lane] = layout.slot[V_START, slot], layout.slot[I_START, slot]
            states[ROW, lane] = 0.0


@once
def _spike(layout, members, lockstep, queue, states):
    """Log the spikes of all samples at their events; returns how many neurons have fired."""
    first, n_fired = 0, 0
    for r in range(len(members.stride)):
        g = layout.number[GROUP, members.lo + members.runs[r]]
        fill_flow(lockstep.flow[r], E_MEM, lockstep.clock, EVENT, layout.time[MEM, g], layout.time[SYN, g])
        n_fired = emit_spikes(layout, members, lockstep, r, first, n_fired, queue, states)
        first = lockstep.due_stop[r]
    return n_fired


@once
def _hold(layout, members, lockstep, n_active, n_fired, n_held, held):
    """Hold those who have fired at the events, and find the next release of each sample; returns how many are held."""
    clock = lockstep.clock
    for m in range(n_active):
        clock[RELEASE, lockstep.active[m]] = np.inf
    for q in range(n_fired):
        lane = lockstep.fired[q]
        b = int((lane + 0.5) * members.per_size)
        held.until[lane] = clock[EVENT, b] + layout.slot[T_REF, members.lo + lane - b * members.size]
        held.lane[n_held + q] = lane
    for q in range(n_held + n_fired):
        b = int((held.lane[q] + 0.5) * members.per_size)
        until = held.until[held.lane[q]]
        if until > clock[EVENT, b]:
            clock[RELEASE, b] = min(clock[RELEASE, b], until)
    return n_held + n_fired


@once
def _look_ahead(lockstep, n_active, duration, horizon, shortest, held):
    """Make the event present, and say how far the next one is looked for; returns whether a sample has ended.

    A release is an event as well.
    """
    clock, count, ended = lockstep.clock, lockstep.counts, False
    for m in range(n_active):
        b = lockstep.active[m]
        if count[FOUND, b] > CROWD:
            clock[HORIZON, b] = max(0.5 * (clock[UNTIL, b] - clock[NOW, b]), shortest)
        elif count[FOUND, b] < 2:
            clock[HORIZON, b] *= 1.25
        now = clock[EVENT, b]
        until = min(clock[FOLLOWING, b], min(duration, now + clock[HORIZON, b]))
        if held is not None:
            until = min(until, clock[RELEASE, b])
        if count[ARRIVALS, b] + count[SPIKES, b] > count[ALLOWED, b] or _is_cut(count, b, now, horizon):
            until = now
        clock[NOW, b], clock[UNTIL, b], clock[EVENT, b], clock[LATEST, b] = now, until, until, until
        count[FOUND, b] = 0
        ended |= not until > now
    return ended


@inner
def _is_cut(count, b, now, horizon):
    """Whether sample `b` ends at its event, before T: beyond the horizon, or because its next arrival is not known."""
    return now > horizon or (count[OPEN, b] != 0 and count[ARRIVALS, b] - count[INNER, b] == count[OUTER, b])


@once
def _step(layout, members, lockstep, n_active, states):
    """Take all neurons through the events of the active samples, and flag those that may cross next."""
    count, weights, arriving, size = lockstep.counts, layout.weights, states[ROW], members.size
    for r in range(len(members.stride)):
        slot, n, flow = members.runs[r], members.runs[r + 1] - members.runs[r], lockstep.flow[r]
        g = layout.number[GROUP, members.lo + slot]
        fill_flow(flow, NEXT_MEM, lockstep.clock, UNTIL, layout.time[MEM, g], layout.time[SYN, g])
        fill_max_gain(flow, lockstep.clock, layout.time[MEM, g], layout.time[SYN, g])
        threshold, positive = members.threshold, members.positive[r]
        for m in range(n_active):
            b = lockstep.active[m]
            lane, f, w = b * size + slot, members.first_flag[r] + b * members.stride[r], count[ARRIVED, b]
            row, w = (weights, w + slot) if w >= 0 else (arriving, lane)
            step_through_event(states, lane, n, row, w, threshold, slot, positive, flow, b, lockstep.flags, f)
            if count[ARRIVED, b] == SEVERAL:
                clear_arrived(states, lane, n)


@once
def _reset(layout, members, lockstep, lanes, n, states):
    """Reset the neurons of the first `n` of these lanes, which have fired, or are held."""
    r, flow = 0, lockstep.flow
    for q in range(n):
        lane = lanes[q]
        b = int((lane + 0.5) * members.per_size)
        s = lane - b * members.size
        while not members.runs[r] <= s < members.runs[r + 1]:
            r = (r + 1) % len(members.stride)
        v = layout.slot[RESET, members.lo + s]
        states[V, lane] = v
        highest = upper_bound(v, states[I, lane], flow[r, NEXT_MEM, b], flow[r, MAX_GAIN, b])
        flag = members.first_flag[r] + b * members.stride[r] + s - members.runs[r]
        lockstep.flags[flag] = highest >= members.threshold[s]


@once
def _release(members, lockstep, n_held, held):
    """Let those go whose time has come, and see to it that no other one crosses; returns how many are still held."""
    r, still, clock = 0, 0, lockstep.clock
    for q in range(n_held):
        lane = held.lane[q]
        b = int((lane + 0.5) * members.per_size)
        s = lane - b * members.size
        if held.until[lane] > clock[NOW, b]:
            while not members.runs[r] <= s < members.runs[r + 1]:
                r = (r + 1) % len(members.stride)
            lockstep.flags[members.first_flag[r] + b * members.stride[r] + s - members.runs[r]] = False
            held.lane[still] = lane
            still += clock[UNTIL, b] > clock[NOW, b]  # of a sample that has ended nobody is looked at again
    return still


@once
def _end(layout, c, inputs, tape, sample, members, lockstep, n_active, states):
    """Keep the states of samples that have ended, where no event is ahead; returns how many are still active.

    Written is also how far their spikes are known.
    """
    lo, size, clock, active, still = members.lo, members.size, lockstep.clock, lockstep.active, 0
    for m in range(n_active):
        b = active[m]
        if clock[UNTIL, b] > clock[NOW, b]:
            active[still], still = b, still + 1
            continue
        cut = _is_cut(lockstep.counts, b, clock[NOW, b], inputs.horizon)
        inputs.complete[sample + b, c] = min(inputs.horizon, clock[NOW, b]) if cut else np.inf
        for s in range(size):
            tape.v_end[sample + b, lo + s] = states[V, b * size + s] + layout.slot[BIAS, lo + s]
            tape.i_end[sample + b, lo + s] = states[I, b * size + s]
        for r in range(len(members.stride)):
            first = members.first_flag[r] + b * members.stride[r]
            lockstep.flags[first : first + members.stride[r]] = False
    return still


@once
def _find_due(layout, members, lockstep, queue, states):
    """Find the first crossings of all samples up to UNTIL; their events are these, if there are any."""
    n_samples, n_due, column, lanes = len(lockstep.active), 0, queue.column, queue.lane
    for r in range(len(members.stride)):
        g = layout.number[GROUP, members.lo + members.runs[r]]
        n_chosen = flagged(lockstep.words, members.first_flag[r], n_samples * members.stride[r], lockstep.chosen)
        if n_chosen:
            n_queued = queue_candidates(layout, members, lockstep, r, n_chosen, queue, states)
            n_queued = prune(column, lanes, n_queued, members.per_size, lockstep.clock)
            first_crossing_soon(column, n_queued, layout.time[MEM, g], layout.time[SYN, g])
            n_due = collect_due(
                column, lanes, n_queued, members.per_size, lockstep.clock, lockstep.due, lockstep.due_lane, n_due
            )
        lockstep.due_stop[r] = n_due


@once
def _outcome(count):
    """Status of all samples, and the first one that has had too many events."""
    for b in range(count.shape[1]):
        if count[ALLOWED, b] == LOG_FULL:
            return SCRATCH_FULL, b
    for b in range(count.shape[1]):
        if count[ARRIVALS, b] + count[SPIKES, b] > count[ALLOWED, b]:
            return LIMIT, b
    return DONE, count.shape[1]
