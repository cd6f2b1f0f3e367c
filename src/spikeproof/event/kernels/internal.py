"""Arrivals at a component whose neurons act on each other: its own spikes, at once or delayed, and those from outside."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.passage import ROW
from spikeproof.event.kernels.step import add

NONE, SEVERAL = -1, -2  # what arrives, in place of where the one row of weights starts
PROJECTION, SENDER, PLACE = range(3)  # columns of the log of arrivals


@njit(cache=True, error_model="numpy")
def next_delayed(delay, pre_start, pre_stop, internal, last, cursor, spike_time, spike_slot, first, n):
    """Internal projection with a delay through which the next spike arrives, and its time; (-1, inf) if none.

    The sample's `n` spikes stand from `first` on; the cursor of each projection moves on to its next one.
    """
    best, best_time = -1, np.inf
    for p in range(internal, last):
        if delay[p] > 0.0:
            q = cursor[p - internal]
            while q < n and not pre_start[p] <= spike_slot[first + q] < pre_stop[p]:
                q += 1
            cursor[p - internal] = q
            if q < n and spike_time[first + q] + delay[p] < best_time:
                best, best_time = p, spike_time[first + q] + delay[p]
    return best, best_time


@njit(cache=True, error_model="numpy")
def arrive(arrived, row, p, row_offset, weights, post_start, sparse, listed, unlisted, lo, size, states, lane):
    """Let a row of weights of projection `p` arrive at the `size` neurons from `lane` on, after what has `arrived`.

    Returns what has arrived then: one row for all neurons stays where it is, all else is summed in the states.
    """
    w, stop = row_offset[row], row_offset[row + 1]
    if arrived == NONE and stop - w == size and not sparse[p]:
        return w
    if arrived >= 0:
        add(states, ROW, lane, weights, arrived, size)
    if sparse[p]:
        for n in range(w, stop):
            states[ROW, lane + listed[n - unlisted[p]] - lo] += weights[n]
    else:
        add(states, ROW, lane + post_start[p] - lo, weights, w, stop - w)
    return SEVERAL
