"""Samples side by side through a component whose neurons act on each other: a round is one event of each of them.

An event is a spike, an arrival, or the end of an interval so short that few neurons may cross in it. What happens in a
sample does not depend on those beside it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.candidates import enqueue, fire, search
from spikeproof.event.kernels.internal import NONE, PLACE, PROJECTION, SENDER, SEVERAL, arrive, next_delayed
from spikeproof.event.kernels.passage import (
    N_FLOWS,
    NEXT_MEM,
    REACH,
    ROW,
    I,
    V,
    bound,
    bound_above_zero,
    certain,
    flow_beyond,
    flow_to,
    passage,
)
from spikeproof.event.kernels.record import n_events
from spikeproof.event.kernels.tape import DONE, LIMIT, ROOM

CROWD = 4  # neurons that may cross in the same interval: more of them make the next one shorter


@njit(cache=True, error_model="numpy")
def run_rounds(layout, c, duration, tape, sample, n, queue, states, log, spikes, inner, limit):
    """Run component `c` of `n` samples of the tape from `sample` on; returns status and, at the limit, which sample.

    The tape holds their arrivals from outside. ``spikes[b]`` and ``inner[b]`` become the numbers of spikes and of
    internal arrivals of each sample, which are left in the queue and in `log`, the n-th part of the room for each.
    """
    lo, size = layout.slot_start[c], layout.slot_start[c + 1] - layout.slot_start[c]
    internal, last, n_components = layout.internal[c], layout.external[c + 1], len(layout.internal)
    runs = layout.run_start[layout.run_of[c] : layout.run_of[c + 1] + 1]
    v_th, v_reset, v_init, i_init, bias = layout.v_th, layout.v_reset, layout.v_init, layout.i_init, layout.bias
    group, tau_mem, tau_syn, share, delay = layout.group, layout.tau_mem, layout.tau_syn, layout.share, layout.delay
    pre_start, pre_stop, post_start, row_start = layout.pre_start, layout.pre_stop, layout.post_start, layout.row
    row_offset, weights, sparse = layout.row_offset, layout.weights, layout.sparse
    listed, unlisted = layout.target, layout.unlisted
    arrival_time, arrival_projection, arrival_row = tape.arrival_time, tape.arrival_projection, tape.arrival_row
    v_end, i_end = tape.v_end, tape.i_end
    column, lanes = queue.column, queue.lane
    spike_time, spike_slope, spike_slot, spike_after = (
        queue.spike_time,
        queue.spike_slope,
        queue.spike_lane,
        queue.spike_after,
    )
    room, log_room, n_runs = len(spike_time) // n, len(log) // n, len(runs) - 1
    th, positive, flag_start = np.empty(size), np.ones(n_runs, np.bool_), np.zeros(n_runs + 1, np.int64)
    for r in range(n_runs):
        flag_start[r + 1] = flag_start[r] + (runs[r + 1] - runs[r] + 7) // 8 * 8
        for s in range(runs[r], runs[r + 1]):
            th[s - lo] = certain(v_th[s])
            positive[r] &= v_th[s] > 0.0
    stride = flag_start[n_runs]
    flags = np.zeros(n * stride, np.bool_)
    words, per_lane = flags.view(np.int64), 1.0 / size
    start, count, allowed = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    active, arrivals, delivered = np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    arrived, found, cursor = np.empty(n, np.int64), np.zeros(n, np.int64), np.zeros((n, last - internal), np.int64)
    for b in range(n):
        block = (sample + b) * n_components + c
        start[b], count[b] = tape.arrival_start[block], tape.arrival_stop[block] - tape.arrival_start[block]
        allowed[b] = limit - n_events(
            tape.arrival_start, tape.arrival_stop, tape.spike_start, tape.spike_stop, block - c, block
        )
        spikes[b], inner[b] = 0, 0
        for s in range(size):
            lane = b * size + s
            states[V, lane], states[I, lane], states[ROW, lane] = v_init[lo + s], i_init[lo + s], 0.0
    now, event, until, flow = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros((n_runs, N_FLOWS, n))
    horizon = np.full(n, np.min(tau_mem) + np.min(tau_syn))  # who may cross beyond it is not looked at yet
    shortest = 2.0**-10 * horizon[0]
    due, due_lane, due_sample = np.empty(n * size), np.empty(n * size, np.int64), np.empty(n * size, np.int64)
    due_stop, fired = np.zeros(n_runs, np.int64), np.empty(n * size, np.int64)
    delays, n_active, over = np.any(delay[internal:last] > 0.0), n, n
    while n_active > 0:
        n_fired, n_due = 0, 0
        for r in range(n_runs):
            g = group[runs[r]]
            flow_to(flow[r], now, event, tau_mem[g], tau_syn[g])
            n_fired = fire(
                due, due_lane, due_sample, n_due, due_stop[r], event, flow[r], states, v_th, lo, size, arrivals,
                spikes, room, spike_time, spike_slot, spike_slope, spike_after, fired, n_fired,
            )  # fmt: skip
            if n_fired < 0:
                return ROOM, 0
            n_due = due_stop[r]
        ended = False
        for m in range(n_active):
            b = active[m]
            now_b, lane, first, arrived_b, a, k = event[b], b * size, b * room, NONE, arrivals[b], spikes[b]
            for q in range(delivered[b], k):  # spikes that happened now: their undelayed weights arrive first
                slot = spike_slot[first + q]
                for p in range(internal, last):
                    if delay[p] == 0.0 and pre_start[p] <= slot < pre_stop[p]:
                        if inner[b] >= log_room:
                            return ROOM, 0
                        arrived_b = arrive(
                            arrived_b, row_start[p] + slot - pre_start[p], p, row_offset, weights, post_start, sparse,
                            listed, unlisted, lo, size, states, lane,
                        )  # fmt: skip
                        entry = b * log_room + inner[b]
                        log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, q, a
                        inner[b] += 1
                        a += 1
            delivered[b] = k
            while True:
                taken = a - inner[b]
                outer = arrival_time[start[b] + taken] if taken < count[b] else np.inf
                p, delayed = -1, np.inf
                if delays:
                    p, delayed = next_delayed(
                        delay, pre_start, pre_stop, internal, last, cursor[b], spike_time, spike_slot, first, k
                    )
                if min(outer, delayed) > now_b or a + k > allowed[b]:
                    break
                if outer <= delayed:
                    p, row = arrival_projection[start[b] + taken], arrival_row[start[b] + taken]
                else:
                    if inner[b] >= log_room:
                        return ROOM, 0
                    q, entry = cursor[b, p - internal], b * log_room + inner[b]
                    row = row_start[p] + spike_slot[first + q] - pre_start[p]
                    log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, q, a
                    cursor[b, p - internal] += 1
                    inner[b] += 1
                arrived_b = arrive(
                    arrived_b, row, p, row_offset, weights, post_start, sparse, listed, unlisted, lo, size, states,
                    lane,
                )  # fmt: skip
                a += 1
            arrivals[b], arrived[b] = a, arrived_b
            if found[b] > CROWD:
                horizon[b] = max(0.5 * (until[b] - now[b]), shortest)
            elif found[b] < 2:
                horizon[b] *= 1.25
            found[b], now[b] = 0, now_b
            if a + k > allowed[b]:
                over, outer, delayed = min(over, b), now_b, now_b
            until[b] = min(min(outer, delayed), min(duration, now_b + horizon[b]))
            event[b] = until[b]
            ended |= not until[b] > now_b
        for r in range(n_runs):
            g, slot, s = group[runs[r]], runs[r] - lo, runs[r + 1] - runs[r]
            flow_beyond(flow[r], now, until, tau_mem[g], tau_syn[g])
            for m in range(n_active):
                b = active[m]
                lane, f = b * size + slot, b * stride + flag_start[r]
                if arrived[b] >= 0:
                    passage(states, lane, s, weights, arrived[b] + slot, th, slot, positive[r], flow[r], b, flags, f)
                else:
                    passage(states, lane, s, states[ROW], lane, th, slot, positive[r], flow[r], b, flags, f)
                    if arrived[b] == SEVERAL:
                        states[ROW, lane : lane + s] = 0.0
        r = 0
        for q in range(n_fired):
            lane = fired[q]
            b = int((lane + 0.5) * per_lane)
            s = lane - b * size
            while not runs[r] <= lo + s < runs[r + 1]:
                r = (r + 1) % n_runs
            states[V, lane] = v_reset[lo + s]
            flags[b * stride + flag_start[r] + lo + s - runs[r]] = (
                bound(v_reset[lo + s], states[I, lane], flow[r, NEXT_MEM, b], flow[r, REACH, b]) >= th[s]
            )
        if ended:
            still = 0
            for m in range(n_active):
                b = active[m]
                if until[b] > now[b]:
                    active[still], still = b, still + 1
                else:
                    for s in range(size):
                        v_end[sample + b, lo + s] = states[V, b * size + s] + bias[lo + s]
                        i_end[sample + b, lo + s] = states[I, b * size + s]
            n_active = still
        n_due = 0
        for r in range(n_runs):
            g, slot, s, n_queued = group[runs[r]], runs[r] - lo, runs[r + 1] - runs[r], 0
            for m in range(n_active):
                b = active[m]
                n_queued = enqueue(
                    column, n_queued, flags, words, b * stride + flag_start[r], s, states, b * size + slot, v_th,
                    runs[r], share[g], flow[r], b, now[b], until[b], lanes,
                )  # fmt: skip
            if n_queued:
                n_due = search(
                    column, lanes, n_queued, per_lane, tau_mem[g], tau_syn[g], event, found, due, due_lane, due_sample,
                    n_due,
                )  # fmt: skip
            due_stop[r] = n_due
    return (DONE, n) if over == n else (LIMIT, over)
