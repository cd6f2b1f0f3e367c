"""Samples side by side through a component whose neurons act on each other: a round is one event of each of them.

An event is a spike, an arrival, or the end of an interval so short that few neurons may cross in it. What happens in a
sample does not depend on those beside it.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.event.kernels.core.tables import (
    BIAS,
    EXTERNAL,
    FIRST_ROW,
    GROUP,
    I_START,
    INTERNAL,
    MEM,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    RESET,
    RUNS,
    SIZES,
    SLOTS,
    SPARSE,
    SYN,
    SYN_FRACTION,
    THRESHOLD,
    UNLISTED,
    V_START,
)
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL
from spikeproof.event.kernels.forward.crossings import first_crossing_soon
from spikeproof.event.kernels.forward.event_step import (
    E_MEM,
    MAX_GAIN,
    N_FLOWS,
    NEXT_MEM,
    clear_arrived,
    deflated,
    fill_flow,
    fill_max_gain,
    step_through_event,
    upper_bound,
)
from spikeproof.event.kernels.forward.lockstep_state import (
    ALLOWED,
    ARRIVALS,
    ARRIVED,
    EVENT,
    FOLLOWING,
    FOUND,
    HORIZON,
    LATEST,
    LOG_FULL,
    N_CLOCK,
    N_COUNT,
    NOW,
    OUTER,
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


@once
def run_in_lockstep(layout, c, duration, tape, sample, n, queue, states, log, limit):
    """Run component `c` of `n` samples of the tape from `sample` on; returns status, at the limit which, and counts.

    The tape holds their arrivals from outside. Their spikes are left in the queue and their internal arrivals in
    `log`, the n-th part of the room for each.
    """
    lo, hi = layout.component[SLOTS, c], layout.component[SLOTS, c + 1]
    size, internal, last = hi - lo, layout.component[INTERNAL, c], layout.component[EXTERNAL, c + 1]
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1] - lo
    v_th, v_reset, group = layout.slot[THRESHOLD, lo:hi], layout.slot[RESET, lo:hi], layout.number[GROUP, lo:hi]
    # a tuple of arrays is dear to look up
    tau_mem, tau_syn, syn_fraction, delay = layout.time[MEM], layout.time[SYN], layout.time[SYN_FRACTION], layout.delay
    pre_start, pre_stop = layout.projection[PRE_START], layout.projection[PRE_STOP]
    post_start, row_start = layout.projection[POST_START], layout.projection[FIRST_ROW]
    row_offset, weights, sparse = layout.row_offset, layout.weights, layout.projection[SPARSE]
    listed, unlisted = layout.target, layout.projection[UNLISTED]
    arrival_time, arrival_projection, arrival_row = tape.arrival_time, tape.arrival_projection, tape.arrival_row
    column, lanes, spike_time, spike_slope = queue.column, queue.lane, queue.spike_time, queue.spike_slope
    spike_slot, spike_after = queue.spike_lane, queue.spike_after
    room, log_room, n_runs, per_size = len(spike_time) // n, len(log) // n, len(runs) - 1, 1.0 / size
    clock, count, flow = np.zeros((N_CLOCK, n)), np.zeros((N_COUNT, n), np.int64), np.zeros((n_runs, N_FLOWS, n))
    whole, delays = np.empty(last, np.bool_), size < 0  # a literal False would have `deliver_due` compiled once more
    for p in range(layout.component[EXTERNAL, c], last):
        whole[p] = not sparse[p] and layout.projection[POST_STOP, p] - post_start[p] == size
        delays |= p >= internal and delay[p] > 0.0
    _begin(layout, c, tape, sample, n, limit, states, clock, count)
    th, positive = np.empty(size), np.empty(n_runs, np.bool_)
    stride, first_flag, n_flags = np.empty(n_runs, np.int64), np.empty(n_runs, np.int64), 0
    for r in range(n_runs):
        stride[r], first_flag[r], positive[r] = (runs[r + 1] - runs[r] + 7) // 8 * 8, n_flags, True
        n_flags += stride[r] * n
        for s in range(runs[r], runs[r + 1]):
            th[s] = deflated(v_th[s])
            positive[r] &= v_th[s] > 0.0
    flags = np.zeros(n_flags, np.bool_)
    words, chosen = flags.view(np.int64), np.empty(2 * len(flags) + 8, np.int64)
    due, due_lane, fired = np.empty(n * size), np.empty(n * size, np.int64), np.empty(n * size, np.int64)
    due_stop, cursor = np.zeros(n_runs, np.int64), np.zeros((n, last - internal), np.int64)
    active, n_active = np.empty(n, np.int64), n
    for b in range(n):
        active[b] = b
    sums, none = states[ROW], np.int64(0)  # not a literal: what is called with one is compiled once more
    shortest = 2.0**-10 * clock[HORIZON, 0]
    while n_active > 0:
        n_fired, n_due = none, none
        for r in range(n_runs):
            g = group[runs[r]]
            fill_flow(flow, r, E_MEM, clock, EVENT, tau_mem[g], tau_syn[g])
            n_fired = emit_spikes(
                due, due_lane, n_due, due_stop[r], clock, count, flow, r, states, v_th, lo, per_size, room, spike_time,
                spike_slot, spike_slope, spike_after, fired, n_fired,
            )  # fmt: skip
            n_due = due_stop[r]
        deliver_due(
            active, n_active, clock, count, cursor, delays, log, internal, last, delay, pre_start, pre_stop, post_start,
            row_start, row_offset, weights, whole, sparse, listed, unlisted, lo, size, states, spike_time, spike_slot,
            room, log_room, arrival_time, arrival_projection, arrival_row,
        )  # fmt: skip
        ended = _look_ahead(active, n_active, clock, count, duration, shortest)
        for r in range(n_runs):
            g = group[runs[r]]
            fill_flow(flow, r, NEXT_MEM, clock, UNTIL, tau_mem[g], tau_syn[g])
            fill_max_gain(flow, r, clock, tau_mem[g], tau_syn[g])
            slot, s = runs[r], runs[r + 1] - runs[r]
            for m in range(n_active):
                b = active[m]
                lane, f, w = b * size + slot, first_flag[r] + b * stride[r], count[ARRIVED, b]
                if w >= 0:
                    step_through_event(states, lane, s, weights, w + slot, th, slot, positive[r], flow, r, b, flags, f)
                else:
                    step_through_event(states, lane, s, sums, lane, th, slot, positive[r], flow, r, b, flags, f)
                    if w == SEVERAL:
                        clear_arrived(states, lane, s)
        _reset(fired, n_fired, per_size, runs, states, v_reset, th, flow, flags, first_flag, stride)
        if ended:
            n_active = _end(layout, c, tape, sample, active, n_active, clock, states, runs, flags, first_flag, stride)
        n_due = none
        for r in range(n_runs):
            g = group[runs[r]]
            n_chosen = flagged(words, first_flag[r], n * stride[r], chosen)
            if n_chosen:
                n_queued = queue_candidates(
                    column, lanes, chosen, n_chosen, stride[r], size, runs[r], states, v_th, syn_fraction[g],
                    tau_mem[g], flow, r, clock, count,
                )  # fmt: skip
                n_queued = prune(column, lanes, n_queued, per_size, clock)
                first_crossing_soon(column, n_queued, tau_mem[g], tau_syn[g])
                n_due = collect_due(column, lanes, n_queued, per_size, clock, due, due_lane, n_due)
            due_stop[r] = n_due
    status, b = _outcome(count)
    return status, b, count


@inner
def _begin(layout, c, tape, sample, n, limit, states, clock, count):
    """The samples at t = 0, before anything arrives."""
    lo, size, n_components = layout.component[SLOTS, c], layout.component[SIZES, c], layout.component.shape[1] - 1
    v_init, i_init = layout.slot[V_START], layout.slot[I_START]
    shortest_mem, shortest_syn = layout.time[MEM, 0], layout.time[SYN, 0]
    for g in range(layout.time.shape[1]):
        shortest_mem, shortest_syn = min(shortest_mem, layout.time[MEM, g]), min(shortest_syn, layout.time[SYN, g])
    for b in range(n):
        block = (sample + b) * n_components + c
        count[START, b] = tape.arrival_start[block]
        count[OUTER, b] = tape.arrival_stop[block] - count[START, b]
        count[ALLOWED, b] = limit - n_events(
            tape.arrival_start, tape.arrival_stop, tape.spike_start, tape.spike_stop, block - c, block
        )
        clock[HORIZON, b] = shortest_mem + shortest_syn
        for s in range(size):
            lane = b * size + s
            states[V, lane], states[I, lane], states[ROW, lane] = v_init[lo + s], i_init[lo + s], 0.0


@inner
def _look_ahead(active, n_active, clock, count, duration, shortest):
    """Make the event present, and say how far the next one is looked for; returns whether a sample has ended."""
    ended = False
    for m in range(n_active):
        b = active[m]
        if count[FOUND, b] > CROWD:
            clock[HORIZON, b] = max(0.5 * (clock[UNTIL, b] - clock[NOW, b]), shortest)
        elif count[FOUND, b] < 2:
            clock[HORIZON, b] *= 1.25
        now = clock[EVENT, b]
        until = min(clock[FOLLOWING, b], min(duration, now + clock[HORIZON, b]))
        if count[ARRIVALS, b] + count[SPIKES, b] > count[ALLOWED, b]:
            until = now
        clock[NOW, b], clock[UNTIL, b], clock[EVENT, b], clock[LATEST, b] = now, until, until, until
        count[FOUND, b] = 0
        ended |= not until > now
    return ended


@inner
def _outcome(count):
    """Status of all samples, and the first one that has had too many events."""
    for b in range(count.shape[1]):
        if count[ALLOWED, b] == LOG_FULL:
            return SCRATCH_FULL, b
    for b in range(count.shape[1]):
        if count[ARRIVALS, b] + count[SPIKES, b] > count[ALLOWED, b]:
            return LIMIT, b
    return DONE, count.shape[1]


@inner
def _reset(fired, n_fired, per_size, runs, states, v_reset, th, flow, flags, first_flag, stride):
    """Reset the neurons that have fired."""
    r = 0
    for q in range(n_fired):
        lane = fired[q]
        b = int((lane + 0.5) * per_size)
        s = lane - b * len(th)
        while not runs[r] <= s < runs[r + 1]:
            r = (r + 1) % (len(runs) - 1)
        states[V, lane] = v_reset[s]
        flags[first_flag[r] + b * stride[r] + s - runs[r]] = (
            upper_bound(v_reset[s], states[I, lane], flow[r, NEXT_MEM, b], flow[r, MAX_GAIN, b]) >= th[s]
        )


@inner
def _end(layout, c, tape, sample, active, n_active, clock, states, runs, flags, first_flag, stride):
    """Keep the states of samples that have ended, where no event is ahead; returns how many are still active."""
    lo, size, still = layout.component[SLOTS, c], layout.component[SIZES, c], 0
    for m in range(n_active):
        b = active[m]
        if clock[UNTIL, b] > clock[NOW, b]:
            active[still], still = b, still + 1
            continue
        for s in range(size):
            tape.v_end[sample + b, lo + s] = states[V, b * size + s] + layout.slot[BIAS, lo + s]
            tape.i_end[sample + b, lo + s] = states[I, b * size + s]
        for r in range(len(runs) - 1):
            flags[first_flag[r] + b * stride[r] : first_flag[r] + (b + 1) * stride[r]] = False
    return still
