"""Few neurons that do not act on each other, such as readouts: for each neuron the samples of a block lie side by side.

Loops: rounds; runs of neurons with the same time constants; neurons; samples. In a round every sample goes through its
next interval between arrivals, or to its end. One that has ended, or whose neurons have had all the spikes that the
loss looks at, leaves, and the last one takes its place: a *place* is a column of the scratch, whose rows say which
sample is there. The queue's lanes are places while the round lasts, and samples from then on. What happens in a sample
does not depend on those beside it. The scratch is this pass's, the tape the caller's, which receives final states.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.event.kernels.core.queue import HOLD, I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V
from spikeproof.event.kernels.core.scratch import (
    BEGIN,
    E_MEM,
    E_SYN,
    END,
    FIRST,
    GAIN,
    LAST,
    MISSING,
    NEVER_HELD,
    NUMBER,
    SAMPLE,
    STATE_I,
    STATE_V,
)
from spikeproof.event.kernels.core.tables import (
    BIAS,
    GROUP,
    I_START,
    MEM,
    POST_START,
    RESET,
    RUNS,
    SIZES,
    SLOTS,
    SYN,
    SYN_FRACTION,
    T_REF,
    THRESHOLD,
    V_START,
)
from spikeproof.event.kernels.core.tape import DONE, SCRATCH_FULL
from spikeproof.event.kernels.forward.followed import follow, follow_held
from spikeproof.event.kernels.forward.reach import reach
from spikeproof.event.kernels.forward.step import flag_held, flagged, propagators, step_samples


@once
def run_few(layout, c, inputs, tape, first, last, scratch, room, held):
    """Run samples first .. last of the tape, whose arrivals are there; returns status and the number of queued spikes.

    There is `room` for so many. A state lies in rows `source` and ``source + 1`` before an interval and in the other
    two after it; arrivals are added to it there.
    """
    states, n = scratch.states, last - first
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    n_places, n_spikes, m = _begin(layout, c, inputs, tape, first, n, scratch), np.int64(0), 0
    if held is not None:
        held.until[: n * layout.component[SIZES, c]] = NEVER_HELD
    while n_places > 0:
        source, before = 2 * (m % 2), n_spikes
        _look_ahead(tape.arrival_time, m, n_places, scratch)
        for r in range(len(runs) - 1):
            g = layout.number[GROUP, runs[r]]
            tau_mem, tau_syn, syn_fraction = layout.time[MEM, g], layout.time[SYN, g], layout.time[SYN_FRACTION, g]
            propagators(scratch.interval, tau_mem, tau_syn, n_places)
            n_queued = _step(layout, c, runs, r, m, source, syn_fraction, n_places, n, scratch, held)
            if n_queued:
                if held is None:
                    n_spikes = follow(
                        scratch.queue, n_queued, n_spikes, room, states, 2 - source, inputs.horizon, tau_mem, tau_syn,
                        syn_fraction,
                    )  # fmt: skip
                else:
                    n_spikes = follow_held(
                        scratch.queue, n_queued, n_spikes, room, states, 2 - source, held, inputs.horizon, tau_mem,
                        tau_syn, syn_fraction,
                    )  # fmt: skip
                if n_spikes < 0:
                    return SCRATCH_FULL, 0
        _count(layout, c, inputs.ranks, before, n_spikes, n, scratch)
        _arrive(layout, c, tape, m, 2 - source, n_places, n, scratch)
        n_places = _leave(layout, c, inputs, tape, first, m, 2 - source, n_places, n, scratch, held)
        m += 1
    return DONE, n_spikes


@once
def _begin(layout, c, inputs, tape, first, n, scratch):
    """All samples at t = 0 in places of their own; returns the number of those that have an interval to go through."""
    lo, size, n_components = layout.component[SLOTS, c], layout.component[SIZES, c], layout.component.shape[1] - 1
    states, looked_at = scratch.states, 0
    for s in range(size):
        looked_at += inputs.ranks[lo + s] > 0
    to = 0
    for b in range(n):
        count, end = reach(layout, c, inputs, tape, first + b)
        scratch.interval[BEGIN, to], scratch.interval[LAST, to] = 0.0, end
        scratch.arrivals[FIRST, to] = tape.arrival_start[(first + b) * n_components + c]
        scratch.arrivals[NUMBER, to], scratch.arrivals[SAMPLE, to] = count, b
        scratch.arrivals[MISSING, to] = looked_at if looked_at > 0 else -1
        for s in range(size):
            lane = s * n + to
            states[STATE_V, lane], states[STATE_I, lane] = layout.slot[V_START, lo + s], layout.slot[I_START, lo + s]
            scratch.fired[lane] = 0
        if count > 0 or end >= 0.0:
            to += 1
        else:
            _write_end(layout, c, tape, first + b, 0, to, n, states)
    return to


@once
def _look_ahead(arrival_time, m, n_places, scratch):
    """The ends of the `m`-th intervals, at an arrival or, after the last one, at the end."""
    until, last = scratch.interval[END], scratch.interval[LAST]
    start, count = scratch.arrivals[FIRST], scratch.arrivals[NUMBER]
    for p in range(n_places):
        until[p] = arrival_time[start[p] + m] if m < count[p] else last[p]


@once
def _step(layout, c, runs, r, m, source, syn_fraction, n_places, n, scratch, held):
    """Run `r` through the `m`-th intervals; returns how many lanes are queued."""
    lo, n_queued, interval = layout.component[SLOTS, c], np.int64(0), scratch.interval
    e_mem, e_syn, gain, flags = interval[E_MEM], interval[E_SYN], interval[GAIN], scratch.flags
    v_th, v_reset = layout.slot[THRESHOLD], layout.slot[RESET]
    for s in range(runs[r], runs[r + 1]):
        lane = (s - lo) * n
        found = step_samples(scratch.states, source, lane, n_places, v_th[s], syn_fraction, e_mem, e_syn, gain, flags)
        if held is not None:
            found = flag_held(held, lane, interval[BEGIN], n_places, flags)
        if found:
            flagged(flags, scratch.words, n_places, scratch.chosen)
            if held is not None:
                scratch.queue.column[HOLD, n_queued : n_queued + found] = layout.slot[T_REF, s]
            n_queued = _queue(n_queued, lane, found, m, source, v_th[s], v_reset[s], scratch)
    return n_queued


@once
def _queue(q, lane, n_chosen, m, source, v_th, v_reset, scratch):
    """Queue one neuron in the chosen places, counted from `lane` on; returns the new length."""
    column, lanes, afters, states = scratch.queue.column, scratch.queue.lane, scratch.queue.after, scratch.states
    begin, end = scratch.interval[BEGIN], scratch.interval[END]
    v, i, v_next, i_next = (
        states[source + STATE_V], states[source + STATE_I], states[2 - source + STATE_V], states[2 - source + STATE_I]
    )  # fmt: skip
    for chosen in range(n_chosen):
        p = scratch.chosen[chosen]
        at = lane + p
        column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v[at], i[at], v_next[at], i_next[at]
        column[V_TH, q], column[V_RESET, q], column[NOW, q], column[UNTIL, q] = v_th, v_reset, begin[p], end[p]
        lanes[q], afters[q] = at, m
        q += 1
    return q


@once
def _count(layout, c, ranks, k, stop, n, scratch):
    """Count spikes k .. stop of the queue for what the loss looks at, and let their lanes be samples from now on.

    A spike at the very end of its interval does not count: others may come at the same time.
    """
    lo, per_n = layout.component[SLOTS, c], 1.0 / n
    lanes, times, until, sample = scratch.queue.spike_lane, scratch.queue.spike_time, scratch.interval[END], SAMPLE
    for q in range(k, stop):
        s = int((lanes[q] + 0.5) * per_n)
        p = lanes[q] - s * n
        scratch.fired[lanes[q]] += 1
        scratch.arrivals[MISSING, p] -= (scratch.fired[lanes[q]] == ranks[lo + s]) & (times[q] < until[p])
        lanes[q] = s * n + scratch.arrivals[sample, p]


@once
def _arrive(layout, c, tape, m, row, n_places, n, scratch):
    """The ends of the intervals become the starts of the next ones, and the `m`-th arrivals act on the states there."""
    lo, states, currents = layout.component[SLOTS, c], scratch.states, row + STATE_I
    start, count, begin, end = (
        scratch.arrivals[FIRST], scratch.arrivals[NUMBER], scratch.interval[BEGIN], scratch.interval[END]
    )  # fmt: skip
    row_offset, weights, post_start = layout.row_offset, layout.weights, layout.projection[POST_START]
    for p in range(n_places):
        begin[p] = end[p]
        if m < count[p]:
            synapses = tape.arrival_row[start[p] + m]
            w, stop = row_offset[synapses], row_offset[synapses + 1]
            lane = (post_start[tape.arrival_projection[start[p] + m]] - lo) * n + p
            for q in range(stop - w):
                states[currents, lane + q * n] += weights[w + q]


@once
def _leave(layout, c, inputs, tape, first, m, row, n_places, n, scratch, held):
    """Let the samples leave that have gone through their last interval, or are determined; returns the places left."""
    count, last, missing = scratch.arrivals[NUMBER], scratch.interval[LAST], scratch.arrivals[MISSING]
    p = 0
    while p < n_places:
        ended = m >= count[p] or (m + 1 == count[p] and last[p] < 0.0)
        if not ended and missing[p] != 0:
            p += 1
            continue
        sample = first + scratch.arrivals[SAMPLE, p]
        if not ended:
            inputs.complete[sample, c] = scratch.interval[BEGIN, p]  # of the next interval
        _write_end(layout, c, tape, sample, row, p, n, scratch.states)
        n_places -= 1
        _move(layout.component[SIZES, c], n_places, p, row, n, scratch)
        if held is not None:
            for s in range(layout.component[SIZES, c]):
                held.until[s * n + p] = held.until[s * n + n_places]
    return n_places


@inner
def _write_end(layout, c, tape, sample, row, p, n, states):
    """Write the states in place `p` to the tape."""
    lo, bias = layout.component[SLOTS, c], layout.slot[BIAS]
    for s in range(layout.component[SIZES, c]):
        tape.v_end[sample, lo + s] = states[row + STATE_V, s * n + p] + bias[lo + s]
        tape.i_end[sample, lo + s] = states[row + STATE_I, s * n + p]


@inner
def _move(size, p, to, row, n, scratch):
    """Let the sample in place `p` take place `to`."""
    for field in (FIRST, NUMBER, SAMPLE, MISSING):
        scratch.arrivals[field, to] = scratch.arrivals[field, p]
    for field in (BEGIN, LAST):
        scratch.interval[field, to] = scratch.interval[field, p]
    for s in range(size):
        for field in (row + STATE_V, row + STATE_I):
            scratch.states[field, s * n + to] = scratch.states[field, s * n + p]
        scratch.fired[s * n + to] = scratch.fired[s * n + p]
