"""Forward pass of components without internal projections, whose neurons do not act on each other.

The samples of a block are taken together, from arrival to arrival; neurons that may cross their threshold on the way
are queued and followed through all their spikes of the interval at once.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import bare_kernel, inner, once
from spikeproof.dynamics.equations import propagator
from spikeproof.event.kernels.core.arrivals import merge_arrivals
from spikeproof.event.kernels.core.queue import I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V
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
    THRESHOLD,
    V_START,
)
from spikeproof.event.kernels.core.tape import DONE, LIMIT, SCRATCH_FULL, TAPE_FULL
from spikeproof.event.kernels.forward.followed import follow
from spikeproof.event.kernels.forward.record import record_spikes, spike_room
from spikeproof.event.kernels.forward.step import add, flagged, step, step_samples

LANES = 2**13  # neurons, in several samples, that are taken together: their states stay in the cache
FEW = 16  # neurons of a component whose lanes lie side by side for each neuron, not for each sample


@bare_kernel
def layer_forward(layout, c, duration, times, channels, offsets, tape, first, start, stop, a, k, scratch, limit):
    """Run component `c` of samples start .. stop; returns status, where it stopped, and the counts on the tape there.

    The tape holds samples from `first` on, `a` arrivals and `k` spikes.
    """
    slot, size = layout.component[SLOTS, c], layout.component[SIZES, c]
    n_components, s = layout.component.shape[1] - 1, start
    while s < stop:
        last = min(stop, s + max(1, LANES // size))
        end = merge_arrivals(layout, c, duration, times, channels, offsets, tape, first, s, last, a)
        if end < 0:
            return TAPE_FULL, s, a, k
        room = spike_room(tape, c, n_components, s - first, last - s, size, scratch.queue, limit)
        status, n_spikes = _run(layout, c, duration, tape, s - first, last - first, scratch, room)
        if status == SCRATCH_FULL and last - s == 1 and room < len(scratch.queue.spike_time):
            status = LIMIT
        if status != DONE:
            return status, s, a, k
        status, at, k = record_spikes(
            slot, size, c, n_components, tape, s - first, last - first, scratch.queue, n_spikes, size <= FEW, k, limit
        )  # fmt: skip
        if status != DONE:
            return status, first + at, a, k
        a, s = end, last
    return DONE, stop, a, k


@once
def _run(layout, c, duration, tape, first, last, scratch, room):
    """Samples first .. last of the tape, whose arrivals are there; returns status and the number of queued spikes.

    There is `room` for so many.
    """
    queue, states, flags, words, chosen = scratch.queue, scratch.states, scratch.flags, scratch.words, scratch.chosen
    start, count = scratch.arrivals[0], scratch.arrivals[1]
    now, until, e_mem = scratch.interval[0], scratch.interval[1], scratch.interval[2]
    e_syn, k = scratch.interval[3], scratch.interval[4]
    a, size = layout.component[SLOTS, c], layout.component[SIZES, c]
    n_components, n_samples = layout.component.shape[1] - 1, last - first
    run = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    n_runs = len(run) - 1
    # a tuple of arrays is dear to look up
    v_th, v_reset, bias = layout.slot[THRESHOLD], layout.slot[RESET], layout.slot[BIAS]
    v_init, i_init = layout.slot[V_START], layout.slot[I_START]
    weights, row_offset, post_start = layout.weights, layout.row_offset, layout.projection[POST_START]
    arrival_time, arrival_projection, arrival_row = tape.arrival_time, tape.arrival_projection, tape.arrival_row
    v_end, i_end = tape.v_end, tape.i_end
    group, taus_mem, taus_syn, syn_fractions = (
        layout.number[GROUP],
        layout.time[MEM],
        layout.time[SYN],
        layout.time[SYN_FRACTION],
    )
    column, queued_lane, queued_after = queue.column, queue.lane, queue.after
    few = size <= FEW
    per_sample, per_slot = (1, n_samples) if few else (size, 1)  # lane of slot a + s of sample b: their sum
    most, n_spikes = 0, np.int64(0)  # a plain 0 would have `follow` compiled once more for that constant
    for b in range(n_samples):
        block = (first + b) * n_components + c
        start[b], count[b] = tape.arrival_start[block], tape.arrival_stop[block] - tape.arrival_start[block]
        most, now[b] = max(most, count[b]), 0.0
        _begin(states, b * per_sample, per_slot, v_init, i_init, a, size)
    for m in range(most + 1):  # the last round takes all samples from their last arrivals to the end
        ends, source = m == most, 2 * (m % 2) if few or m < most else 0
        for b in range(n_samples):
            until[b] = arrival_time[start[b] + m] if m < count[b] else (duration if ends else now[b])
        for r in range(n_runs):
            slot, n, g = run[r], run[r + 1] - run[r], group[run[r]]
            tau_mem, tau_syn, syn_fraction, n_queued = taus_mem[g], taus_syn[g], syn_fractions[g], np.int64(0)
            _intervals(now, until, tau_mem, tau_syn, e_mem, e_syn, k, n_samples)
            for s in range(slot, slot + n if few else slot):
                lane = (s - a) * n_samples
                found = step_samples(states, source, lane, n_samples, v_th[s], syn_fraction, e_mem, e_syn, k, flags)
                if found:
                    flagged(flags, words, n_samples, chosen)
                    n_queued = _enqueue_samples(
                        column, queued_lane, queued_after, n_queued, lane, chosen, found, now, until, count, m, ends,
                        states, source, v_th[s], v_reset[s],
                    )  # fmt: skip
            for b in range(0 if few else n_samples):
                if m < count[b] or ends:
                    lane = b * size + slot - a
                    found = step(states, source, lane, n, v_th, slot, syn_fraction, e_mem[b], e_syn[b], k[b], flags)
                    if found:
                        flagged(flags, words, n, chosen)
                        n_queued = _enqueue(
                            column, queued_lane, queued_after, n_queued, lane, slot, chosen, found, now[b], until[b],
                            min(m, count[b]), states, source, v_th, v_reset,
                        )  # fmt: skip
            if n_queued:
                n_spikes = follow(queue, n_queued, n_spikes, room, states, 2 - source, tau_mem, tau_syn, syn_fraction)
                if n_spikes < 0:
                    return SCRATCH_FULL, 0
        for b in range(0 if ends else n_samples):
            now[b] = until[b]
            if m < count[b]:
                row = arrival_row[start[b] + m]
                w, n = row_offset[row], row_offset[row + 1] - row_offset[row]
                target = post_start[arrival_projection[start[b] + m]] - a
                if few:
                    for s in range(n):
                        states[3 - source, (target + s) * n_samples + b] += weights[w + s]
                else:
                    add(states, 3 - source, b * size + target, weights, w, n)
                    if m + 1 == count[b] and source == 0:
                        _settle(states, b * size, size)
    for b in range(n_samples):
        _end(states, 2 - source, b * per_sample, per_slot, bias, v_end[first + b], i_end[first + b], a, size)
    return DONE, n_spikes


@inner
def _begin(states, lane, stride, v_init, i_init, a, size):
    """Put the neurons of a sample, slots `a` and on, into their lanes."""
    if stride == 1:
        v, i, v_first, i_first = states[0, lane:], states[1, lane:], v_init[a:], i_init[a:]
        for s in range(size):
            v[s], i[s] = v_first[s], i_first[s]
    else:
        for s in range(size):
            states[0, lane + s * stride], states[1, lane + s * stride] = v_init[a + s], i_init[a + s]


@inner
def _settle(states, lane, size):
    """Put the neurons of a sample where they wait for the last round."""
    v, i, v_next, i_next = states[0, lane:], states[1, lane:], states[2, lane:], states[3, lane:]
    for s in range(size):
        v[s], i[s] = v_next[s], i_next[s]


@inner
def _end(states, row, lane, stride, bias, v_end, i_end, a, size):
    """Write the final states of a sample, rows `row` and ``row + 1``, from their lanes."""
    if stride == 1:
        v, i, rest, v_out, i_out = states[row, lane:], states[row + 1, lane:], bias[a:], v_end[a:], i_end[a:]
        for s in range(size):
            v_out[s], i_out[s] = v[s] + rest[s], i[s]
    else:
        for s in range(size):
            v_end[a + s] = states[row, lane + s * stride] + bias[a + s]
            i_end[a + s] = states[row + 1, lane + s * stride]


@inner
def _intervals(now, until, tau_mem, tau_syn, e_mem, e_syn, k, n):
    for b in range(n):
        e_mem[b], e_syn[b], k[b] = propagator(until[b] - now[b], tau_mem, tau_syn)


@inner
def _enqueue(column, lanes, afters, q, lane, slot, chosen, n, now, until, after, states, source, v_th, v_reset):
    """Queue the `n` chosen neurons after the first `q`; returns the new length.

    Neurons are counted from this lane and slot on. Without a branch, which would often be guessed wrong.
    """
    v, i, v_next, i_next = states[source], states[source + 1], states[2 - source], states[3 - source]
    for c in range(n):
        s, m = slot + chosen[c], lane + chosen[c]
        column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v[m], i[m], v_next[m], i_next[m]
        column[V_TH, q], column[V_RESET, q], column[NOW, q], column[UNTIL, q] = v_th[s], v_reset[s], now, until
        lanes[q], afters[q] = m, after
        q += 1
    return q


@inner
def _enqueue_samples(
    column, lanes, afters, q, lane, chosen, n, now, until, count, after, ends, states, source, v_th, v_reset
):
    """The same for one neuron in `n` chosen samples, counted from `lane` on; those without an interval are left out."""
    for c in range(n):
        b = chosen[c]
        m = lane + b
        v, i, v_next = states[source, m], states[source + 1, m], states[2 - source, m]
        column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_next, states[3 - source, m]
        column[V_TH, q], column[V_RESET, q], column[NOW, q], column[UNTIL, q] = v_th, v_reset, now[b], until[b]
        lanes[q], afters[q] = m, min(after, count[b])
        q += ends | (after < count[b])
    return q
