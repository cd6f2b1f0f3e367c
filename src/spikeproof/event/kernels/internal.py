"""Arrivals at a component whose neurons act on each other: its own spikes, at once or delayed, and those from outside."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.event.kernels.abreast import (
    ALLOWED,
    ARRIVALS,
    ARRIVED,
    DELIVERED,
    EVENT,
    FOLLOWING,
    INNER,
    NO_ROOM,
    NOTHING,
    OUTER,
    PLACE,
    PROJECTION,
    ROW,
    SENDER,
    SEVERAL,
    SPIKES,
    START,
)
from spikeproof.event.kernels.step import add


@njit(cache=True, error_model="numpy")
def deliver_spikes(
    active, n_active, count, log, internal, last, delay, pre_start, pre_stop, post_start, row_start, row_offset,
    weights, whole, sparse, listed, unlisted, lo, size, states, spike_slot, room, log_room,
):  # fmt: skip
    """Let the undelayed weights of spikes that happen now arrive."""
    for m in range(n_active):
        b = active[m]
        arrived = NOTHING
        for q in range(count[DELIVERED, b], count[SPIKES, b]):
            slot = spike_slot[b * room + q]
            for p in range(internal, last):
                if delay[p] == 0.0 and pre_start[p] <= slot < pre_stop[p]:
                    if count[INNER, b] >= log_room:
                        count[ALLOWED, b] = NO_ROOM
                        continue
                    row, entry = row_start[p] + slot - pre_start[p], b * log_room + count[INNER, b]
                    log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, q, count[ARRIVALS, b]
                    count[INNER, b] += 1
                    count[ARRIVALS, b] += 1
                    if whole[p] and arrived == NOTHING:
                        arrived = row_offset[row]
                    else:
                        _sum(
                            arrived, row, row_offset, weights, post_start[p] - lo, sparse[p], listed, unlisted[p], lo,
                            size, states, b * size,
                        )  # fmt: skip
                        arrived = SEVERAL
        count[ARRIVED, b], count[DELIVERED, b] = arrived, count[SPIKES, b]


@njit(cache=True, error_model="numpy")
def deliver_due(
    active, n_active, clock, count, cursor, delays, log, internal, last, delay, pre_start, pre_stop, post_start,
    row_start, row_offset, weights, whole, sparse, listed, unlisted, lo, size, states, spike_time, spike_slot, room,
    log_room, outer_time, outer_projection, outer_row,
):  # fmt: skip
    """Let all other spikes arrive that are due at the events of the samples, and find when the next one is due."""
    for m in range(n_active):
        b = active[m]
        now, arrived, a = clock[EVENT, b], count[ARRIVED, b], count[ARRIVALS, b]
        next_outer, stop = count[START, b] + a - count[INNER, b], count[START, b] + count[OUTER, b]
        while True:
            p, due = -1, np.inf
            if delays:
                p, due = _next_delayed(
                    delay, pre_start, pre_stop, internal, last, cursor, spike_time, spike_slot, b, b * room,
                    count[SPIKES, b],
                )  # fmt: skip
            outside = next_outer < stop and outer_time[next_outer] <= due
            if outside:
                due = outer_time[next_outer]
            if due > now or a + count[SPIKES, b] > count[ALLOWED, b]:
                break
            if outside:
                p, row = outer_projection[next_outer], outer_row[next_outer]
                next_outer += 1
            else:
                if count[INNER, b] >= log_room:
                    count[ALLOWED, b] = NO_ROOM
                    break
                q, entry = cursor[b, p - internal], b * log_room + count[INNER, b]
                row = row_start[p] + spike_slot[b * room + q] - pre_start[p]
                log[entry, PROJECTION], log[entry, SENDER], log[entry, PLACE] = p, q, a
                cursor[b, p - internal] += 1
                count[INNER, b] += 1
            a += 1
            if whole[p] and arrived == NOTHING:
                arrived = row_offset[row]
            else:
                _sum(
                    arrived, row, row_offset, weights, post_start[p] - lo, sparse[p], listed, unlisted[p], lo, size,
                    states, b * size,
                )  # fmt: skip
                arrived = SEVERAL
        count[ARRIVED, b], count[ARRIVALS, b], clock[FOLLOWING, b] = arrived, a, due


@njit(cache=True, error_model="numpy")
def _next_delayed(delay, pre_start, pre_stop, internal, last, cursor, spike_time, spike_slot, b, first, n):
    """Internal projection with a delay through which the next spike arrives, and its time; (-1, inf) if none.

    The `n` spikes of sample b stand from `first` on; its cursors move on to the next spike of each projection.
    """
    best, best_time = -1, np.inf
    for p in range(internal, last):
        if delay[p] > 0.0:
            q = cursor[b, p - internal]
            while q < n and not pre_start[p] <= spike_slot[first + q] < pre_stop[p]:
                q += 1
            cursor[b, p - internal] = q
            if q < n and spike_time[first + q] + delay[p] < best_time:
                best, best_time = p, spike_time[first + q] + delay[p]
    return best, best_time


@njit(cache=True, error_model="numpy")
def _sum(arrived, row, row_offset, weights, target, sparse, listed, unlisted, lo, size, states, lane):
    """Add a row of weights, and before it the one that has `arrived`, to what arrives at the `size` neurons of a sample.

    The row reaches neurons from `target` on, or those that are listed.
    """
    w, stop = row_offset[row], row_offset[row + 1]
    if arrived >= 0:
        add(states, ROW, lane, weights, arrived, size)
    if sparse:
        for n in range(w, stop):
            states[ROW, lane + listed[n - unlisted] - lo] += weights[n]
    else:
        add(states, ROW, lane + target, weights, w, stop - w)
