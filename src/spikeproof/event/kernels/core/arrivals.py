"""Arrivals at a component: spikes of all its external sources, shifted by their delays and merged in time.

Loops: samples; projections from outside; the spikes of the source. What the projections before have brought is in
order, and each one's arrivals are merged into it. The tape is the caller's; beyond its last arrival it is working
memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner
from spikeproof.event.kernels.core.tables import EXTERNAL, FIRST_ROW, FROM_INPUT, INTERNAL, PRE_START, PRE_STOP, SOURCE
from spikeproof.numbers import Float64Array, IntArray


class Inputs(NamedTuple):
    """The input spikes of samples, and how far these are followed. Shapes: A spikes, S samples, C components."""

    duration: float
    times: Float64Array  # (A,)
    channels: IntArray  # (A,)
    offsets: IntArray  # (S + 1,) where those of each sample start
    horizon: float  # spikes after it need not be found; infinite in a run to the end
    complete: Float64Array  # (S, C) time before which all spikes of a component are known; forward passes write it
    ranks: IntArray  # (N,) of each slot whose first spikes are all that the loss looks at their number; 0 for others


@inner
def merge_arrivals(layout, c, inputs, tape, start, stop, a):
    """Append all external arrivals at component `c` of samples start .. stop to the tape after its first `a`.

    Those after the end are left out, and those that others may come before, whose sources are not known that far.
    Returns the new number of arrivals, -1 if the tape is full. Simultaneous arrivals come in the order of projections.
    """
    n_components = layout.component.shape[1] - 1
    duration, times, channels, offsets = inputs.duration, inputs.times, inputs.channels, inputs.offsets
    spike_time, spike_slot = tape.spike_time, tape.spike_slot
    arrival_time, arrival_row = tape.arrival_time, tape.arrival_row
    arrival_projection, arrival_source = tape.arrival_projection, tape.arrival_source
    for s in range(start, stop):
        block, end, begin = s * n_components, a, offsets[s]
        known = known_until(layout, c, inputs.complete[s])
        for p in range(layout.component[EXTERNAL, c], layout.component[INTERNAL, c]):
            outside, delay, middle = layout.projection[FROM_INPUT, p], layout.delay[p], end
            pre_start, pre_stop = layout.projection[PRE_START, p], layout.projection[PRE_STOP, p]
            row, sender = layout.projection[FIRST_ROW, p], layout.projection[SOURCE, p]
            low, high = begin, offsets[s + 1]
            if not outside:
                low, high = tape.spike_start[block + sender], tape.spike_stop[block + sender]
            if 2 * (end + high - low) > len(arrival_time) + a:  # twice: the merge needs room as well
                return -1
            for source in range(low, high):
                pre = channels[source] if outside else spike_slot[source]
                time = (times[source] if outside else spike_time[source]) + delay
                if time > duration or not time < known:
                    break
                if pre_start <= pre < pre_stop:
                    arrival_time[end], arrival_projection[end] = time, p
                    arrival_source[end], arrival_row[end] = source - begin if outside else source, row + pre - pre_start
                    end += 1
            if a < middle < end:
                _merge(arrival_time, arrival_projection, arrival_source, arrival_row, a, middle, end)
        tape.arrival_start[block + c], tape.arrival_stop[block + c] = a, end
        a = end
    return a


@inner
def known_until(layout, c, complete):
    """Time before which all external arrivals at component `c` are known; infinite if all are."""
    known = np.inf
    for p in range(layout.component[EXTERNAL, c], layout.component[INTERNAL, c]):
        if not layout.projection[FROM_INPUT, p]:
            known = min(known, complete[layout.projection[SOURCE, p]] + layout.delay[p])
    return known


@inner
def _merge(time, projection, source, row, a, middle, end):
    """Merge the arrivals a .. middle and middle .. end, each in order; what lies beyond `end` is overwritten."""
    for n in range(a, middle):
        m = end + n - a
        time[m], projection[m], source[m], row[m] = time[n], projection[n], source[n], row[n]
    left, stop, right, n = end, end + middle - a, middle, a
    while left < stop:
        if right < end and time[right] < time[left]:
            time[n], projection[n], source[n], row[n] = time[right], projection[right], source[right], row[right]
            right += 1
        else:
            time[n], projection[n], source[n], row[n] = time[left], projection[left], source[left], row[left]
            left += 1
        n += 1
