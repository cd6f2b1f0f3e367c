"""Forward pass of a component without internal projections that sparse projections reach: each neuron has its own times.

Every neuron goes from one of its own arrivals to the next; the n-th intervals of all neurons are taken together.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.crossings import I_NEXT, NOW, UNTIL, V_NEXT, V_RESET, V_TH, I, V, may_cross
from spikeproof.event.kernels.flow import decays
from spikeproof.event.kernels.queue import follow
from spikeproof.event.kernels.step import target
from spikeproof.event.kernels.tape import DONE, FULL


@njit(cache=True, error_model="numpy")
def sparse_layer_forward(layout, c, duration, tape, sample, queue, states):
    """Run component `c` of a sample of the tape; returns status and the number of spikes in the queue.

    The arrivals are on the tape. `states`, shape (4, lanes), is working memory.
    """
    lo, hi = layout.slot_start[c], layout.slot_start[c + 1]
    block = sample * len(layout.internal) + c
    a0, a1 = tape.arrival_start[block], tape.arrival_stop[block]
    offset, arrival, weight = _by_neuron(layout, lo, hi - lo, tape, a0, a1)
    v, i, v_next, i_next = states
    now, until = np.zeros(hi - lo), np.empty(hi - lo)
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
            _fly(active[:n], now, until, v, i, tau_mem, tau_syn, v_next, i_next)
            n_queued = _enqueue(
                active, n, m, offset, arrival, now, until, v, i, v_next, i_next, v_th, v_reset, share, queue.column,
                queue.lane, queue.after,
            )  # fmt: skip
            if n_queued:
                n_spikes = follow(queue, n_queued, n_spikes, states, 2, tau_mem, tau_syn, share)
                if n_spikes < 0:
                    return FULL, 0
            kept = 0
            for q in range(n):
                s = active[q]
                v[s], i[s], now[s] = v_next[s], i_next[s], until[s]
                if offset[s] + m < offset[s + 1]:
                    i[s] += weight[offset[s] + m]
                    active[kept] = s
                    kept += 1
            n, m = kept, m + 1
    tape.v_end[sample, lo:hi], tape.i_end[sample, lo:hi] = v[: hi - lo] + layout.bias[lo:hi], i[: hi - lo]
    _place(tape, a0, a1, queue, n_spikes)
    return DONE, n_spikes


@njit(cache=True, error_model="numpy")
def _by_neuron(layout, lo, size, tape, a0, a1):
    """The arrivals at each neuron: where they start, their numbers, ascending, and their weights."""
    offset = np.zeros(size + 1, np.int64)
    for a in range(a0, a1):
        p, row = tape.arrival_projection[a], tape.arrival_row[a]
        for n in range(layout.row_offset[row], layout.row_offset[row + 1]):
            offset[target(layout, p, row, n) - lo + 1] += 1
    for s in range(size):
        offset[s + 1] += offset[s]
    place = offset[:size].copy()
    arrival, weight = np.empty(offset[size], np.int64), np.empty(offset[size])
    for a in range(a0, a1):
        p, row = tape.arrival_projection[a], tape.arrival_row[a]
        for n in range(layout.row_offset[row], layout.row_offset[row + 1]):
            s = target(layout, p, row, n) - lo
            arrival[place[s]], weight[place[s]] = a - a0, layout.weights[n]
            place[s] += 1
    return offset, arrival, weight


@njit(cache=True, error_model="numpy")
def _fly(active, now, until, v, i, tau_mem, tau_syn, v_next, i_next):
    for q in range(len(active)):
        s = active[q]
        e_mem, e_syn, j = decays(until[s] - now[s], tau_mem, tau_syn)
        v_next[s], i_next[s] = v[s] * e_mem + i[s] * (j / tau_mem), i[s] * e_syn


@njit(cache=True, error_model="numpy")
def _enqueue(
    active, n, m, offset, arrival, now, until, v, i, v_next, i_next, v_th, v_reset, share, column, lanes, afters
):
    """Queue the neurons that may cross in their interval number `m`; returns their number."""
    queued = 0
    for q in range(n):
        s = active[q]
        if may_cross(v[s], i[s], v_next[s], i_next[s], v_th[s], share):
            column[V, queued], column[I, queued], column[V_NEXT, queued] = v[s], i[s], v_next[s]
            column[I_NEXT, queued], column[NOW, queued], column[UNTIL, queued] = i_next[s], now[s], until[s]
            column[V_TH, queued], column[V_RESET, queued] = v_th[s], v_reset[s]
            lanes[queued], afters[queued] = s, arrival[offset[s] + m - 1] + 1 if m > 0 else 0
            queued += 1
    return queued


@njit(cache=True, error_model="numpy")
def _place(tape, a0, a1, queue, n_spikes):
    """Put each spike after all arrivals of its sample that came before it in time, not only those of its neuron."""
    earlier = np.searchsorted(tape.arrival_time[a0:a1], queue.spike_time[:n_spikes])
    for q in range(n_spikes):
        queue.spike_after[q] = max(queue.spike_after[q], earlier[q])
