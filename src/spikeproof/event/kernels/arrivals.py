"""Arrivals at a component: spikes of all its external sources, shifted by their delays and merged in time."""

from __future__ import annotations

from numba import njit


@njit(cache=True, error_model="numpy")
def merge_arrivals(layout, c, duration, inputs, tape, block, a, cursor):
    """Append all external arrivals at component `c` up to `duration` to the tape after its first `a`.

    `block` is the first block of the sample. Returns the new number of arrivals, -1 if the tape is full. Simultaneous
    arrivals come in the order of projections.
    """
    first, last = layout.external[c], layout.internal[c]
    for p in range(first, last):
        cursor[p] = 0 if layout.from_input[p] else tape.spike_start[block + layout.source[p]]
    if last - first == 1:
        return _one_source(layout, first, duration, inputs, tape, block, a)
    while True:
        best, best_time = -1, duration
        for p in range(first, last):
            time = _next_time(layout, p, inputs, tape, block, cursor)
            if time < best_time or (best < 0 and time == best_time):
                best, best_time = p, time
        if best < 0:
            return a
        if a == len(tape.arrival_time):
            return -1
        _append(layout, best, cursor[best], best_time, inputs, tape, a)
        cursor[best] += 1
        a += 1


@njit(cache=True, error_model="numpy")
def _next_time(layout, p, inputs, tape, block, cursor):
    """Time of the next arrival through projection `p`, at which its cursor is left; infinite if there is none."""
    start, stop, source = layout.pre_start[p], layout.pre_stop[p], cursor[p]
    if layout.from_input[p]:
        times, channels = inputs
        while source < len(times) and not start <= channels[source] < stop:
            source += 1
        cursor[p] = source
        return times[source] + layout.delay[p] if source < len(times) else float("inf")
    end = tape.spike_stop[block + layout.source[p]]
    while source < end and not start <= tape.spike_slot[source] < stop:
        source += 1
    cursor[p] = source
    return tape.spike_time[source] + layout.delay[p] if source < end else float("inf")


@njit(cache=True, error_model="numpy")
def _append(layout, p, source, time, inputs, tape, a):
    pre = inputs[1][source] if layout.from_input[p] else tape.spike_slot[source]
    tape.arrival_time[a] = time
    tape.arrival_projection[a] = p
    tape.arrival_source[a] = source
    tape.arrival_row[a] = layout.row[p] + pre - layout.pre_start[p]


@njit(cache=True, error_model="numpy")
def _one_source(layout, p, duration, inputs, tape, block, a):
    """The same where a single projection reaches the component: nothing to merge."""
    start, stop, delay, row = layout.pre_start[p], layout.pre_stop[p], layout.delay[p], layout.row[p]
    outside = layout.from_input[p]
    times, channels = inputs
    first = 0 if outside else tape.spike_start[block + layout.source[p]]
    last = len(times) if outside else tape.spike_stop[block + layout.source[p]]
    if a + last - first > len(tape.arrival_time):
        return -1
    for source in range(first, last):
        pre = channels[source] if outside else tape.spike_slot[source]
        time = (times[source] if outside else tape.spike_time[source]) + delay
        if time > duration:
            break
        if start <= pre < stop:
            tape.arrival_time[a], tape.arrival_projection[a], tape.arrival_source[a] = time, p, source
            tape.arrival_row[a] = row + pre - start
            a += 1
    return a
