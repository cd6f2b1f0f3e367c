"""Arrivals at a component that is followed from horizon to horizon: what its sources have sent since the last one.

Loops: samples; projections from outside; their sources' new spikes. Each block of the tape has its own part of it, as
long as all others, in which the arrivals are in the order of `core.arrivals` at any time.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.event.kernels.core.tables import EXTERNAL, FIRST_ROW, FROM_INPUT, INTERNAL, PRE_START, PRE_STOP, SOURCE
from spikeproof.event.kernels.forward.ahead_state import COMPLETE, KNOWN


@inner
def bring_arrivals(layout, c, inputs, first, tape, ahead, n_active, room):
    """Append what is new, and write up to when all arrivals are KNOWN; returns False if there is no room for more.

    The first sample of the tape is sample `first` of the batch.
    """
    n_components, clock, n_samples = layout.component.shape[1] - 1, ahead.clock, len(ahead.active)
    for m in range(n_active):
        b = ahead.active[m]
        known = np.inf
        for p in range(layout.component[EXTERNAL, c], layout.component[INTERNAL, c]):
            outside, sender = layout.projection[FROM_INPUT, p], layout.projection[SOURCE, p]
            if outside:
                low, high = inputs.offsets[first + b], inputs.offsets[first + b + 1]
            else:
                low, high = tape.spike_start[b * n_components + sender], tape.spike_stop[b * n_components + sender]
                known = min(known, clock[COMPLETE, sender, b] + layout.delay[p])
            if low + ahead.cursor[p, b] < high:
                if not _bring(layout, c, p, inputs, tape, b, low, low + ahead.cursor[p, b], high, room):
                    return False
                ahead.cursor[p, b] = high - low
        clock[KNOWN, c, b] = known
    return n_samples > 0


@once
def _bring(layout, c, p, inputs, tape, b, begin, low, high, room):
    """Insert spikes low .. high of the source of projection `p`, whose first one is `begin`; False without room."""
    block, delay, outside = b * (layout.component.shape[1] - 1) + c, layout.delay[p], layout.projection[FROM_INPUT, p]
    row, pre_start, pre_stop = (
        layout.projection[FIRST_ROW, p], layout.projection[PRE_START, p], layout.projection[PRE_STOP, p]
    )  # fmt: skip
    enough = True
    for source in range(low, high):
        pre = inputs.channels[source] if outside else tape.spike_slot[source]
        time = (inputs.times[source] if outside else tape.spike_time[source]) + delay
        if time > inputs.duration:
            break
        if pre_start <= pre < pre_stop:
            if tape.arrival_stop[block] == tape.arrival_start[block] + room:
                enough = False
                break
            _insert(tape, block, time, p, source - begin if outside else source, row + pre - pre_start)
    return enough


@once
def _insert(tape, block, time, p, source, row):
    """Put an arrival behind all that are earlier, or as early and of no later projection."""
    times, projections, sources, rows = (
        tape.arrival_time, tape.arrival_projection, tape.arrival_source, tape.arrival_row
    )  # fmt: skip
    start, q = tape.arrival_start[block], tape.arrival_stop[block]
    while q > start and (times[q - 1] > time or (times[q - 1] == time and projections[q - 1] > p)):
        times[q], projections[q], sources[q], rows[q] = times[q - 1], projections[q - 1], sources[q - 1], rows[q - 1]
        q -= 1
    times[q], projections[q], sources[q], rows[q] = time, p, source, row
    tape.arrival_stop[block] += 1
