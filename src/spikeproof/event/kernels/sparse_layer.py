"""Forward pass of a component without internal projections reached by sparse ones: each neuron has its own times.

Every neuron goes from one of its own arrivals to the next; the n-th intervals of all neurons are taken together.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.crossings import I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V, can_reach, may_cross
from spikeproof.event.kernels.flow import decays
from spikeproof.event.kernels.queue import follow
from spikeproof.event.kernels.tape import DONE, ROOM


@njit(cache=True, error_model="numpy")
def sparse_layer_forward(layout, c, duration, tape, sample, queue, states, entries):
    """Run component `c` of a sample of the tape; returns status and the number of spikes in the queue.

    The arrivals are on the tape. `states`, shape (4, lanes), and `entries` are working memory.
    """
    lo, hi = layout.slot_start[c], layout.slot_start[c + 1]
    block = sample * len(layout.internal) + c
    a0, a1 = tape.arrival_start[block], tape.arrival_stop[block]
    offset = np.zeros(hi - lo + 1, np.int64)
    targets = (layout.sparse, layout.unlisted, layout.target, layout.post_start)
    projection, row = tape.arrival_projection[a0:a1], tape.arrival_row[a0:a1]
    if not _sort_by_neuron(projection, row, targets, layout.row_offset, layout.weights, lo, offset, entries):
        return ROOM, 0
    arrival, weight = entries.arrival, entries.weight
    v, i, v_next, i_next = states
    now, until, gap, e_mem, e_syn, gain = np.empty((6, hi - lo))
    now[:] = 0.0
    v[: hi - lo], i[: hi - lo] = layout.v_init[lo:hi], layout.i_init[lo:hi]
    v_th, v_reset, arrival_time = layout.v_th[lo:hi], layout.v_reset[lo:hi], tape.arrival_time  # dear to look up
    n_spikes = 0
    for r in range(layout.run_of[c], layout.run_of[c + 1]):
        g = layout.group[layout.run_start[r]]
        tau_mem, tau_syn, share = layout.tau_mem[g], layout.tau_syn[g], layout.share[g]
        active = np.arange(layout.run_start[r] - lo, layout.run_start[r + 1] - lo)
        n, m = len(active), 0
        while n > 0:
            for q in range(n):
                s = active[q]
                until[s] = arrival_time[a0 + arrival[offset[s] + m]] if offset[s] + m < offset[s + 1] else duration
                gap[q] = until[s] - now[s]
            _flows(gap, tau_mem, tau_syn, e_mem, e_syn, gain, n)
            for q in range(n):
                s = active[q]
                v_next[s], i_next[s] = v[s] * e_mem[q] + i[s] * gain[q], i[s] * e_syn[q]
            n_queued = _enqueue(
                active, n, m, offset, arrival, now, until, v, i, v_next, i_next, v_th, v_reset, share, queue.column,
                queue.lane, queue.after,
            )  # fmt: skip
            if n_queued:
                n_spikes = follow(queue, n_queued, n_spikes, states, 2, tau_mem, tau_syn, share)
                if n_spikes < 0:
                    return ROOM, 0
            kept = 0
            for q in range(n):
                s = active[q]
                v[s], i[s], now[s] = v_next[s], i_next[s], until[s]
                if offset[s] + m < offset[s + 1]:
                    i[s] += weight[offset[s] + m]
                    active[kept] = s
                    kept += 1
            n, m = kept, m + 1
    bias = layout.bias[lo:hi]
    tape.v_end[sample, lo:hi], tape.i_end[sample, lo:hi] = v[: hi - lo] + bias, i[: hi - lo]
    _place(tape, a0, a1, queue, n_spikes)
    return DONE, n_spikes


@njit(cache=True, error_model="numpy")
def _sort_by_neuron(projection, row, targets, row_offset, weights, lo, offset, entries):
    """Write the numbers, ascending, and weights of the arrivals at each neuron, and where they start.

    Returns False if there is no room for all of them.
    """
    sparse, unlisted, listed, post_start = targets
    arrival, weight = entries.arrival, entries.weight
    for a in range(len(row)):
        p, w, stop = projection[a], row_offset[row[a]], row_offset[row[a] + 1]
        for n in range(stop - w):
            offset[(listed[w + n - unlisted[p]] if sparse[p] else post_start[p] + n) - lo + 1] += 1
    for s in range(len(offset) - 1):
        offset[s + 1] += offset[s]
    if offset[-1] > len(arrival):
        return False
    place = offset[:-1].copy()
    for a in range(len(row)):
        p, w, stop = projection[a], row_offset[row[a]], row_offset[row[a] + 1]
        for n in range(stop - w):
            s = (listed[w + n - unlisted[p]] if sparse[p] else post_start[p] + n) - lo
            arrival[place[s]], weight[place[s]] = a, weights[w + n]
            place[s] += 1
    return True


@njit(cache=True, error_model="numpy")
def _flows(gap, tau_mem, tau_syn, e_mem, e_syn, gain, n):
    for q in range(n):
        e_mem[q], e_syn[q], j = decays(gap[q], tau_mem, tau_syn)
        gain[q] = j / tau_mem


@njit(cache=True, error_model="numpy")
def _enqueue(
    active, n, m, offset, arrival, now, until, v, i, v_next, i_next, v_th, v_reset, share, column, lanes, afters
):
    """Queue the neurons that may cross in their interval number `m`; returns their number."""
    queued = 0
    for q in range(n):
        s = active[q]
        if may_cross(v[s], i[s], v_next[s], i_next[s], v_th[s], share) and can_reach(
            v[s], i[s], v_next[s], v_th[s], share
        ):
            column[V, queued], column[I, queued], column[V_NEXT, queued] = v[s], i[s], v_next[s]
            column[I_NEXT, queued], column[NOW, queued], column[UNTIL, queued] = i_next[s], now[s], until[s]
            column[V_TH, queued], column[V_RESET, queued] = v_th[s], v_reset[s]
            lanes[queued], afters[queued] = s, arrival[offset[s] + m - 1] + 1 if m > 0 else 0
            queued += 1
    return queued


@njit(cache=True, error_model="numpy")
def _place(tape, a0, a1, queue, n_spikes):
    """Put each spike after all arrivals of its sample that came before it in time, not only those of its neuron.

    The spikes are left in that order.
    """
    after = np.searchsorted(tape.arrival_time[a0:a1], queue.spike_time[:n_spikes])
    for q in range(n_spikes):
        after[q] = max(queue.spike_after[q], after[q])
    order = np.argsort(after, kind="mergesort")
    queue.spike_after[:n_spikes] = after[order]
    queue.spike_time[:n_spikes] = queue.spike_time[:n_spikes][order]
    queue.spike_slope[:n_spikes] = queue.spike_slope[:n_spikes][order]
    queue.spike_lane[:n_spikes] = queue.spike_lane[:n_spikes][order]
