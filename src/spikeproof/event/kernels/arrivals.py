"""The next arrival at a component: spikes of all its sources, merged in time, without copying them."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def next_arrival(layout, first, last, cursor, input_times, input_channels, spike_time, spike_slot, n_spikes):
    """Projection through which the next spike arrives, and its time; (-1, inf) when no spike is on its way.

    ``cursor[p]`` is the next spike of projection p's source list to look at; it is moved past spikes of other
    groups. Projections are tried in order, so that simultaneous arrivals have a fixed order.
    """
    best, best_time = -1, float("inf")
    for p in range(first, last):
        start, stop = layout.pre_start[p], layout.pre_stop[p]
        k = cursor[p]
        if layout.from_input[p]:
            while k < len(input_times) and not start <= input_channels[k] < stop:
                k += 1
            if k < len(input_times):
                time = input_times[k] + layout.delay[p]
                if time < best_time:
                    best, best_time = p, time
        else:
            while k < n_spikes and not start <= spike_slot[k] < stop:
                k += 1
            if k < n_spikes:
                time = spike_time[k] + layout.delay[p]
                if time < best_time:
                    best, best_time = p, time
        cursor[p] = k
    return best, best_time


@njit(cache=True)
def weight_row(layout, p, source, input_channels, spike_slot):
    """Where the weights of a source spike's row start in ``layout.weights``."""
    pre = input_channels[source] if layout.from_input[p] else spike_slot[source]
    return layout.row[p] + (pre - layout.pre_start[p]) * (layout.post_stop[p] - layout.post_start[p])
