"""Arrivals at a component: spikes of all its external sources, shifted by their delays and merged in time."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def merge_arrivals(layout, c, duration, inputs, tape, k0, k, cursor):
    """Write all external arrivals at component `c` up to `duration` to the tape; returns their number, -1 if full.

    The sample's spikes so far are k0 .. k of the tape. Simultaneous arrivals come in the order of projections.
    """
    times, channels = inputs
    first, last = layout.external[c], layout.internal[c]
    for p in range(first, last):
        cursor[p] = 0
    n = 0
    while True:
        best, best_time = -1, duration
        for p in range(first, last):
            start, stop, source = layout.pre_start[p], layout.pre_stop[p], cursor[p]
            if layout.from_input[p]:
                while source < len(times) and not start <= channels[source] < stop:
                    source += 1
                cursor[p] = source
                if source == len(times):
                    continue
                time = times[source] + layout.delay[p]
            else:
                while k0 + source < k and not start <= tape.spike_slot[k0 + source] < stop:
                    source += 1
                cursor[p] = source
                if k0 + source == k:
                    continue
                time = tape.spike_time[k0 + source] + layout.delay[p]
            if time < best_time or (best < 0 and time == best_time):
                best, best_time = p, time
        if best < 0:
            return n
        if n == len(tape.arrival_time):
            return -1
        source = cursor[best]
        cursor[best] += 1
        pre = channels[source] if layout.from_input[best] else tape.spike_slot[k0 + source]
        tape.arrival_time[n] = best_time
        tape.arrival_projection[n] = best
        tape.arrival_source[n] = source
        tape.arrival_row[n] = weight_row(layout, best, pre)
        n += 1


@njit(cache=True)
def weight_row(layout, p, pre):
    """Where the weights of source `pre` (a channel or slot) of projection p start in ``layout.weights``."""
    return layout.row[p] + (pre - layout.pre_start[p]) * (layout.post_stop[p] - layout.post_start[p])
