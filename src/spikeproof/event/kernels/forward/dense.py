"""Forward pass of components without internal projections, whose neurons do not act on each other.

Mirrors `backward.dense`. Loops: blocks of samples; rounds, the n-th round being the intervals before the n-th arrivals
of all samples of the block; runs of neurons with the same time constants; neurons. In each round a sample stands at an
arrival, with all its neurons; in the last round, which leads to the end, all samples take part, those with fewer
arrivals than others as well. A sample goes as far as the interval that holds the horizon, or as all its arrivals are
known. Neurons that may cross in an interval are queued and followed through all their spikes of it at once. The scratch
is this pass's: both states, the flags of those that may cross, the queue. The tape is the caller's and grows by
arrivals, spikes and final states of each block. Components of a few neurons go another way, see `few`.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import bare_kernel, inner, once
from spikeproof.event.kernels.core.arrivals import merge_arrivals
from spikeproof.event.kernels.core.queue import HOLD, I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V
from spikeproof.event.kernels.core.scratch import (
    BEGIN,
    E_MEM,
    E_SYN,
    END,
    FIRST,
    GAIN,
    LAST,
    NEVER_HELD,
    NUMBER,
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
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.few import run_few
from spikeproof.event.kernels.forward.followed import follow, follow_held
from spikeproof.event.kernels.forward.reach import reach
from spikeproof.event.kernels.forward.record import record_spikes, spike_room
from spikeproof.event.kernels.forward.step import add, flag_held, flagged, propagators, step

LANES = 2**13  # neurons, in several samples, that are taken together: their states stay in the cache
FEW = 16  # neurons of a component that `few` is for


@bare_kernel
def layer_forward(layout, c, inputs, tape, start, stop, a, k, scratch, limit, held):
    """Run component `c` of samples start .. stop; returns status, where it stopped, and the counts on the tape there.

    The tape holds `a` arrivals and `k` spikes. `held` is None without refractory times.
    """
    slot, size = layout.component[SLOTS, c], layout.component[SIZES, c]
    n_components, s = layout.component.shape[1] - 1, start
    while s < stop:
        last = min(stop, s + max(1, LANES // size))
        end = merge_arrivals(layout, c, inputs, tape, s, last, a)
        if end < 0:
            return TAPE_FULL, s, a, k
        room = spike_room(tape, c, n_components, s, last - s, size, scratch.queue, limit)
        if size <= FEW:
            status, n_spikes = run_few(layout, c, inputs, tape, s, last, scratch, room, held)
        else:
            status, n_spikes = _run(layout, c, inputs, tape, s, last, scratch, room, held)
        if status == SCRATCH_FULL and last - s == 1 and room < len(scratch.queue.spike_time):
            status = LIMIT
        if status != DONE:
            return status, s, a, k
        status, at, k = record_spikes(
            slot, size, c, n_components, tape, s, last, scratch.queue, n_spikes, size <= FEW, k, limit
        )  # fmt: skip
        if status != DONE:
            return status, at, a, k
        a, s = end, last
    return DONE, stop, a, k


@once
def _run(layout, c, inputs, tape, first, last, scratch, room, held):
    """Samples first .. last of the tape, whose arrivals are there; returns status and the number of queued spikes.

    There is `room` for so many. A state lies in rows `source` and ``source + 1`` before an interval and in the other
    two after it; arrivals are added to it there.
    """
    states, n_samples = scratch.states, last - first
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    n_spikes, horizon = np.int64(0), inputs.horizon  # `follow` compiles for this type
    most = _start(layout, c, inputs, tape, first, n_samples, scratch)
    if held is not None:
        held.until[: n_samples * layout.component[SIZES, c]] = NEVER_HELD
    for m in range(most + 1):  # the last round takes all samples from their last arrivals to the end
        ends, source = m == most, 2 * (m % 2) if m < most else 0
        _look_ahead(tape.arrival_time, m, ends, n_samples, scratch)
        for r in range(len(runs) - 1):
            g = layout.number[GROUP, runs[r]]
            tau_mem, tau_syn, syn_fraction = layout.time[MEM, g], layout.time[SYN, g], layout.time[SYN_FRACTION, g]
            propagators(scratch.interval, tau_mem, tau_syn, n_samples)
            n_queued = _step(layout, c, runs, r, m, ends, source, syn_fraction, n_samples, scratch, held)
            if n_queued:
                if held is None:
                    n_spikes = follow(
                        scratch.queue, n_queued, n_spikes, room, states, 2 - source, horizon, tau_mem, tau_syn,
                        syn_fraction,
                    )  # fmt: skip
                else:
                    n_spikes = follow_held(
                        scratch.queue, n_queued, n_spikes, room, states, 2 - source, held, horizon, tau_mem, tau_syn,
                        syn_fraction,
                    )  # fmt: skip
                if n_spikes < 0:
                    return SCRATCH_FULL, 0
        if not ends:
            _arrive(layout, c, tape, m, source, n_samples, scratch)
    _finish(layout, c, tape, first, n_samples, 2 - source, scratch)
    return DONE, n_spikes


@once
def _start(layout, c, inputs, tape, first, n_samples, scratch):
    """All samples at t = 0, their neurons in their lanes; returns the largest number of arrivals that are reached."""
    size, n_components, most = layout.component[SIZES, c], layout.component.shape[1] - 1, 0
    v_init, i_init, lo = layout.slot[V_START], layout.slot[I_START], layout.component[SLOTS, c]
    for b in range(n_samples):
        block = (first + b) * n_components + c
        n_arrivals, scratch.interval[LAST, b] = reach(layout, c, inputs, tape, first + b)
        scratch.arrivals[FIRST, b], scratch.arrivals[NUMBER, b] = tape.arrival_start[block], n_arrivals
        most, scratch.interval[BEGIN, b] = max(most, n_arrivals), 0.0
        _begin(scratch.states, b * size, v_init, i_init, lo, size)
    return most


@inner
def _begin(states, lane, v_init, i_init, lo, size):
    """Put the neurons of a sample, slots `lo` and on, into their lanes."""
    v, i, v_first, i_first = states[STATE_V, lane:], states[STATE_I, lane:], v_init[lo:], i_init[lo:]
    for s in range(size):
        v[s], i[s] = v_first[s], i_first[s]


@once
def _look_ahead(arrival_time, m, ends, n_samples, scratch):
    """The ends of the `m`-th intervals; others stay, or go to their ends in the last round."""
    begin, until, last = scratch.interval[BEGIN], scratch.interval[END], scratch.interval[LAST]
    start, count = scratch.arrivals[FIRST], scratch.arrivals[NUMBER]
    for b in range(n_samples):
        until[b] = arrival_time[start[b] + m] if m < count[b] else (max(last[b], begin[b]) if ends else begin[b])


@once
def _step(layout, c, runs, r, m, ends, source, syn_fraction, n_samples, scratch, held):
    """Take run `r` through the `m`-th intervals, neurons side by side; samples without an interval are left out."""
    slot, n, n_queued, interval = runs[r], runs[r + 1] - runs[r], np.int64(0), scratch.interval
    e_mem, e_syn, gain, flags = interval[E_MEM], interval[E_SYN], interval[GAIN], scratch.flags
    size, first, v_th, states = (
        layout.component[SIZES, c],
        slot - layout.component[SLOTS, c],
        layout.slot[THRESHOLD],
        scratch.states,
    )
    count = scratch.arrivals[NUMBER]
    for b in range(n_samples):
        if m < count[b] or (ends and interval[LAST, b] >= 0.0):
            lane = b * size + first
            found = step(states, source, lane, n, v_th, slot, syn_fraction, e_mem[b], e_syn[b], gain[b], flags)
            if held is not None:
                found = flag_held(held, lane, interval[BEGIN, b : b + 1], n, flags)
            if found:
                flagged(flags, scratch.words, n, scratch.chosen)
                if held is not None:
                    for p in range(found):
                        t_ref = layout.slot[T_REF, slot + scratch.chosen[p]]
                        scratch.queue.column[HOLD, n_queued + p] = t_ref
                n_queued = _queue(layout, n_queued, lane, slot, found, b, min(m, count[b]), source, scratch)
    return n_queued


@once
def _queue(layout, q, lane, slot, n, b, after, source, scratch):
    """Queue the `n` chosen neurons of sample `b` after the first `q`; returns the new length.

    Neurons are counted from this lane and slot on. Without a branch, which would often be guessed wrong.
    """
    column, lanes, afters, chosen, states = (
        scratch.queue.column,
        scratch.queue.lane,
        scratch.queue.after,
        scratch.chosen,
        scratch.states,
    )
    v, i, v_next, i_next = (
        states[source + STATE_V], states[source + STATE_I], states[2 - source + STATE_V], states[2 - source + STATE_I]
    )  # fmt: skip
    v_th, v_reset, begin, end = (
        layout.slot[THRESHOLD],
        layout.slot[RESET],
        scratch.interval[BEGIN, b],
        scratch.interval[END, b],
    )
    for p in range(n):
        s, m = slot + chosen[p], lane + chosen[p]
        column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v[m], i[m], v_next[m], i_next[m]
        column[V_TH, q], column[V_RESET, q], column[NOW, q], column[UNTIL, q] = v_th[s], v_reset[s], begin, end
        lanes[q], afters[q] = m, after
        q += 1
    return q


@once
def _arrive(layout, c, tape, m, source, n_samples, scratch):
    """The ends of the intervals become the starts of the next ones, and the `m`-th arrivals act on the states there."""
    lo, size, states = layout.component[SLOTS, c], layout.component[SIZES, c], scratch.states
    start, count, begin, end = (
        scratch.arrivals[FIRST],
        scratch.arrivals[NUMBER],
        scratch.interval[BEGIN],
        scratch.interval[END],
    )
    row_offset, weights, post_start = layout.row_offset, layout.weights, layout.projection[POST_START]
    currents = 2 - source + STATE_I
    for b in range(n_samples):
        begin[b] = end[b]
        if m < count[b]:
            row = tape.arrival_row[start[b] + m]
            w, n = row_offset[row], row_offset[row + 1] - row_offset[row]
            target = post_start[tape.arrival_projection[start[b] + m]] - lo
            add(states, currents, b * size + target, weights, w, n)
            if m + 1 == count[b] and source == 0:
                _settle(states, b * size, size)


@inner
def _settle(states, lane, size):
    """Put the neurons of a sample where they wait for the last round."""
    v, i, v_next, i_next = (
        states[STATE_V, lane:], states[STATE_I, lane:], states[2 + STATE_V, lane:], states[2 + STATE_I, lane:]
    )  # fmt: skip
    for s in range(size):
        v[s], i[s] = v_next[s], i_next[s]


@once
def _finish(layout, c, tape, first, n_samples, row, scratch):
    """Write the final states, rows `row` and ``row + 1``, to the tape; samples that wait in vain are in row 0."""
    lo, size, bias, states = layout.component[SLOTS, c], layout.component[SIZES, c], layout.slot[BIAS], scratch.states
    for b in range(n_samples):
        v_end, i_end = tape.v_end[first + b], tape.i_end[first + b]
        _end(states, row if scratch.interval[LAST, b] >= 0.0 else 0, b * size, bias, v_end, i_end, lo, size)


@inner
def _end(states, row, lane, bias, v_end, i_end, lo, size):
    """Write the final states of a sample from its lanes."""
    v, i, rest, v_out, i_out = (
        states[row + STATE_V, lane:], states[row + STATE_I, lane:], bias[lo:], v_end[lo:], i_end[lo:]
    )  # fmt: skip
    for s in range(size):
        v_out[s], i_out[s] = v[s] + rest[s], i[s]
