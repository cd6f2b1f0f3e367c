"""Few neurons that do not act on each other, such as readouts: for each neuron the samples of a block lie side by side.

Loops: rounds; runs of neurons with the same time constants; neurons; samples. A *place* is a column of the scratch,
whose rows say which sample is there. In a round every sample in the front places goes through its next interval between
arrivals. One that has gone through all of them waits behind, and in the last round those that wait go to their ends,
together: to search for a few crossings takes as long as for some more. One whose neurons have had all the spikes that
the loss looks at leaves. The queue's lanes are places while the round lasts, and samples from then on. What happens in
a sample does not depend on those beside it. The scratch is this pass's, the tape the caller's, which receives final
states.
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
    states, n, m, zero = scratch.states, last - first, np.int64(0), np.int64(0)  # functions are compiled for this type
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    if held is not None:
        held.until[: n * layout.component[SIZES, c]] = NEVER_HELD
    _begin(layout, c, inputs, tape, first, n, scratch)
    places, waiting = _leave(layout, c, tape, first, zero - 1, zero, n, zero, n, scratch, held)
    n_spikes = zero
    while places + waiting > 0:
        ends = places == 0
        if ends:
            places, waiting = waiting, 0
        source, before = 2 * (m % 2), n_spikes
        _look_ahead(tape.arrival_time, m, ends, places, scratch)
        for r in range(len(runs) - 1):
            g = layout.number[GROUP, runs[r]]
            tau_mem, tau_syn, syn_fraction = layout.time[MEM, g], layout.time[SYN, g], layout.time[SYN_FRACTION, g]
            propagators(scratch.interval, tau_mem, tau_syn, places)
            n_queued = _step(layout, c, runs, r, m, ends, source, syn_fraction, places, n, scratch, held)
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
        _count(layout, c, inputs, first, before, n_spikes, n, scratch)
        if ends:
            for p in range(places):
                _write_end(layout, c, tape, first + scratch.arrivals[SAMPLE, p], 2 - source, p, n, states)
            break
        _arrive(layout, c, tape, m, 2 - source, places, n, scratch)
        places, waiting = _leave(layout, c, tape, first, m, 2 - source, places, waiting, n, scratch, held)
        m += 1
    return DONE, n_spikes


@once
def _begin(layout, c, inputs, tape, first, n, scratch):
    """All samples at t = 0, in places of their own."""
    lo, size, n_components = layout.component[SLOTS, c], layout.component[SIZES, c], layout.component.shape[1] - 1
    states, looked_at = scratch.states, 0
    for s in range(size):
        looked_at += inputs.ranks[lo + s] > 0
    for b in range(n):
        scratch.arrivals[NUMBER, b], scratch.interval[LAST, b] = reach(layout, c, inputs, tape, first + b)
        scratch.arrivals[FIRST, b] = tape.arrival_start[(first + b) * n_components + c]
        scratch.arrivals[SAMPLE, b], scratch.arrivals[MISSING, b], scratch.interval[BEGIN, b] = b, looked_at, 0.0
        for s in range(size):
            lane = s * n + b
            states[STATE_V, lane], states[STATE_I, lane] = layout.slot[V_START, lo + s], layout.slot[I_START, lo + s]
            scratch.fired[lane] = 0


@once
def _look_ahead(arrival_time, m, ends, places, scratch):
    """The ends of the `m`-th intervals, at an arrival, or of the last ones."""
    until, last, start = scratch.interval[END], scratch.interval[LAST], scratch.arrivals[FIRST]
    for p in range(places):
        until[p] = last[p] if ends else arrival_time[start[p] + m]


@once
def _step(layout, c, runs, r, m, ends, source, syn_fraction, n_places, n, scratch, held):
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
            n_queued = _queue(n_queued, lane, found, m, ends, source, v_th[s], v_reset[s], scratch)
    return n_queued


@once
def _queue(q, lane, n_chosen, m, ends, source, v_th, v_reset, scratch):
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
        lanes[q], afters[q] = at, scratch.arrivals[NUMBER, p] if ends else m
        q += 1
    return q


@once
def _count(layout, c, inputs, first, k, stop, n, scratch):
    """Let the lanes of spikes k .. stop of the queue be samples from now on, and count those that the loss looks at.

    A sample that has had all of them goes no further. A spike at the very end of its interval does not count: others
    may come at the same time.
    """
    per_n, lanes, sample = 1.0 / n, scratch.queue.spike_lane, scratch.arrivals[SAMPLE]
    for q in range(k, stop):
        lane = lanes[q]
        s = int((lane + 0.5) * per_n)
        p, rank = lane - s * n, inputs.ranks[layout.component[SLOTS, c] + s]
        lanes[q] = s * n + sample[p]
        if rank > 0:
            scratch.fired[lane] += 1
            if scratch.fired[lane] == rank and scratch.queue.spike_time[q] < scratch.interval[END, p]:
                scratch.arrivals[MISSING, p] -= 1
                if scratch.arrivals[MISSING, p] == 0:
                    scratch.arrivals[NUMBER, p], scratch.interval[LAST, p] = 0, -1.0
                    inputs.complete[first + sample[p], c] = min(
                        inputs.complete[first + sample[p], c], scratch.interval[END, p]
                    )


@once
def _arrive(layout, c, tape, m, row, places, n, scratch):
    """The ends of the intervals become the starts of the next ones, and the `m`-th arrivals act on the states there."""
    lo, states, currents = layout.component[SLOTS, c], scratch.states, row + STATE_I
    start, begin, end = scratch.arrivals[FIRST], scratch.interval[BEGIN], scratch.interval[END]
    row_offset, weights, post_start = layout.row_offset, layout.weights, layout.projection[POST_START]
    for p in range(places):
        begin[p] = end[p]
        synapses = tape.arrival_row[start[p] + m]
        w, stop = row_offset[synapses], row_offset[synapses + 1]
        lane = (post_start[tape.arrival_projection[start[p] + m]] - lo) * n + p
        for q in range(stop - w):
            states[currents, lane + q * n] += weights[w + q]


@once
def _leave(layout, c, tape, first, m, row, places, waiting, n, scratch, held):
    """Let the samples leave the front that have no other arrival ahead: they wait, or are gone.

    Returns how many places are left in front, and how many of those that wait are behind them.
    """
    count, last, size, p = scratch.arrivals[NUMBER], scratch.interval[LAST], layout.component[SIZES, c], np.int64(0)
    while p < places:
        if count[p] > m + 1:
            p += 1
            continue
        places -= 1
        if last[p] < 0.0:
            _write_end(layout, c, tape, first + scratch.arrivals[SAMPLE, p], row, p, n, scratch.states)
            _exchange(size, p, places, n, scratch, held)
            _exchange(size, places, places + waiting, n, scratch, held)
        else:
            _stay(size, p, row, n, scratch.states)
            _exchange(size, p, places, n, scratch, held)
            waiting += 1
    return places, waiting


@inner
def _write_end(layout, c, tape, sample, row, p, n, states):
    """Write the states in place `p` to the tape."""
    lo, bias = layout.component[SLOTS, c], layout.slot[BIAS]
    for s in range(layout.component[SIZES, c]):
        tape.v_end[sample, lo + s] = states[row + STATE_V, s * n + p] + bias[lo + s]
        tape.i_end[sample, lo + s] = states[row + STATE_I, s * n + p]


@inner
def _stay(size, p, row, n, states):
    """Put the states in place `p` where they are found before an interval and after it."""
    other = 2 - row
    for s in range(size):
        for field in (STATE_V, STATE_I):
            states[other + field, s * n + p] = states[row + field, s * n + p]


@inner
def _exchange(size, p, q, n, scratch, held):
    """Let the samples in places `p` and `q` change places."""
    arrivals, interval, states, fired = scratch.arrivals, scratch.interval, scratch.states, scratch.fired
    for field in (FIRST, NUMBER, SAMPLE, MISSING):
        arrivals[field, p], arrivals[field, q] = arrivals[field, q], arrivals[field, p]
    for field in (BEGIN, LAST):
        interval[field, p], interval[field, q] = interval[field, q], interval[field, p]
    for s in range(size):
        a, b = s * n + p, s * n + q
        for field in range(4):
            states[field, a], states[field, b] = states[field, b], states[field, a]
        fired[a], fired[b] = fired[b], fired[a]
        if held is not None:
            held.until[a], held.until[b] = held.until[b], held.until[a]
