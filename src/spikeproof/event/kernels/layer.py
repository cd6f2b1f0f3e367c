"""Forward pass of components without internal projections, whose neurons do not act on each other.

The samples of a block are taken together, from arrival to arrival; neurons that may cross their threshold on the way
are queued and followed through all their spikes of the interval at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.crossings import I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V, can_reach, may_cross
from spikeproof.event.kernels.flow import decays
from spikeproof.event.kernels.queue import follow
from spikeproof.event.kernels.step import add, flagged, step
from spikeproof.event.kernels.tape import DONE, ROOM

FEW = 16  # neurons, or synapses of a row, whose loops are not worth a vector


@njit(cache=True, error_model="numpy")
def layer_forward(layout, c, duration, tape, first, last, queue, states):
    """Run component `c` of samples first .. last of the tape; returns status and the number of spikes in the queue.

    The arrivals are on the tape. `states`, shape (4, lanes), is working memory.
    """
    a, size = layout.slot_start[c], layout.slot_start[c + 1] - layout.slot_start[c]
    n_components, n_samples = len(layout.internal), last - first
    run, n_runs = layout.run_start[layout.run_of[c] : layout.run_of[c + 1] + 1], layout.run_of[c + 1] - layout.run_of[c]
    v_th, v_reset, weights, bias = layout.v_th, layout.v_reset, layout.weights, layout.bias  # dear to look up
    row_offset, post_start, v_init, i_init = layout.row_offset, layout.post_start, layout.v_init, layout.i_init
    arrival_time, arrival_projection, arrival_row = tape.arrival_time, tape.arrival_projection, tape.arrival_row
    tape_v_end, tape_i_end = tape.v_end, tape.i_end
    group, taus_mem, taus_syn, shares = layout.group, layout.tau_mem, layout.tau_syn, layout.share
    column, queued_lane, queued_after = queue.column, queue.lane, queue.after
    start, count = np.empty(n_samples, np.int64), np.empty(n_samples, np.int64)
    for b in range(n_samples):
        block = (first + b) * n_components + c
        start[b], count[b] = tape.arrival_start[block], tape.arrival_stop[block] - tape.arrival_start[block]
        for s in range(size):
            states[0, b * size + s], states[1, b * size + s] = v_init[a + s], i_init[a + s]
    now, until = np.zeros(n_samples), np.empty(n_samples)
    e_mem, e_syn, k = np.empty(n_samples), np.empty(n_samples), np.empty(n_samples)
    flags, chosen = np.zeros((size + 7) // 8 * 8, np.bool_), np.empty(size, np.int64)
    words = flags.view(np.int64)
    n_spikes = 0
    for m in range(np.max(count) + 1):
        source, v_next, i_next = 2 * (m % 2), 2 - 2 * (m % 2), 3 - 2 * (m % 2)  # rows of the states
        for b in range(n_samples):
            until[b] = arrival_time[start[b] + m] if m < count[b] else duration
        for r in range(n_runs):
            slot, n, g = run[r], run[r + 1] - run[r], group[run[r]]
            tau_mem, tau_syn, share, n_queued = taus_mem[g], taus_syn[g], shares[g], 0
            _intervals(now, until, tau_mem, tau_syn, e_mem, e_syn, k)
            for b in range(n_samples):
                if m > count[b]:
                    continue
                lane = b * size + slot - a
                if n > FEW:
                    found = step(states, source, lane, n, v_th, slot, share, e_mem[b], e_syn[b], k[b], flags)
                else:  # slices would cost more than the step
                    found = 0
                    for s in range(n):
                        v, i = states[source, lane + s], states[source + 1, lane + s]
                        v_end, i_end = v * e_mem[b] + i * k[b], i * e_syn[b]
                        states[v_next, lane + s], states[i_next, lane + s] = v_end, i_end
                        flags[s] = may_cross(v, i, v_end, i_end, v_th[slot + s], share)
                        found += flags[s]
                if found:
                    flagged(flags, words, n, chosen, 0)
                    n_queued = _enqueue(
                        column, queued_lane, queued_after, n_queued, lane, slot, chosen, found, now[b], until[b], m,
                        states, source, v_th, v_reset, share,
                    )  # fmt: skip
            if n_queued:
                n_spikes = follow(queue, n_queued, n_spikes, states, v_next, tau_mem, tau_syn, share)
                if n_spikes < 0:
                    return ROOM, 0
        for b in range(n_samples):
            lane = b * size
            if m < count[b]:
                now[b] = until[b]
                target = post_start[arrival_projection[start[b] + m]] - a + lane
                w = row_offset[arrival_row[start[b] + m]]
                n = row_offset[arrival_row[start[b] + m] + 1] - w
                if n > FEW:
                    add(states, i_next, target, weights, w, n)
                else:
                    for s in range(n):
                        states[i_next, target + s] += weights[w + s]
            elif m == count[b]:
                for s in range(size):
                    tape_v_end[first + b, a + s] = states[v_next, lane + s] + bias[a + s]
                    tape_i_end[first + b, a + s] = states[i_next, lane + s]
    return DONE, n_spikes


@njit(cache=True, error_model="numpy")
def _intervals(now, until, tau_mem, tau_syn, e_mem, e_syn, k):
    for b in range(len(now)):
        e_mem[b], e_syn[b], j = decays(until[b] - now[b], tau_mem, tau_syn)
        k[b] = j / tau_mem


@njit(cache=True, error_model="numpy")
def _enqueue(column, lanes, afters, q, lane, slot, chosen, n, now, until, after, states, source, v_th, v_reset, share):
    """Queue those of the `n` chosen neurons that may cross, after the first `q`; returns the new length.

    Neurons are counted from this lane and slot on.
    """
    for c in range(n):
        s, m = slot + chosen[c], lane + chosen[c]
        v, i, v_next, threshold = states[source, m], states[source + 1, m], states[2 - source, m], v_th[s]
        if can_reach(v, i, v_next, threshold, share):
            column[V, q], column[I, q], column[V_NEXT, q], column[I_NEXT, q] = v, i, v_next, states[3 - source, m]
            column[V_TH, q], column[V_RESET, q], column[NOW, q], column[UNTIL, q] = threshold, v_reset[s], now, until
            lanes[q], afters[q] = m, after
            q += 1
    return q
