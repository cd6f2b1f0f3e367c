"""Samples followed until their losses are determined: from horizon to horizon, through all components each time.

Loops: blocks of samples; horizons; components; samples that are not determined yet. What is found does not depend on
the horizons: the events of a sample up to the time at which it is determined. The caller owns all arrays: the tape of a
block, of which each block of events has an equal part, and the tape of what is kept.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import bare_kernel, once
from spikeproof.event.kernels.core.tables import I_START, SIZES, SLOTS, V_START
from spikeproof.event.kernels.core.tape import DONE, LOST, TAPE_FULL
from spikeproof.event.kernels.forward.ahead_arrivals import bring_arrivals
from spikeproof.event.kernels.forward.ahead_layer import take_to_horizon
from spikeproof.event.kernels.forward.ahead_state import BEGIN, COMPLETE, END, NOT_ENTERED, I, V
from spikeproof.event.kernels.forward.determined import determined, keep

FIRST, GROWTH = 2.0**-5, 1.5  # the first horizon where nothing is known, in the duration, and by how much one grows
EARLY, STEPS, STEP = 1.0, 5, 1.08  # the first one in what is expected, and so many short steps from there
ARRIVALS, SPIKES, MOST = range(3)  # numbers on the tape of what is kept, and the largest number of events of a sample


@bare_kernel
def follow_ahead(layout, inputs, first, start, expected, views, tape, ahead, kept, counts, until):
    """Follow samples from `start` on, the first of all being `first` in the batch, and write `until` when.

    Most of them are `expected` to be determined at a time, 0 if nothing is known. `kept` holds the samples before, and
    `counts` how many events these have. Returns status and where it stopped.
    """
    s = start
    while s < len(until):
        n, n_horizons = min(len(ahead.active), len(until) - s), 0
        _begin(layout, n, tape, ahead)
        horizon = EARLY * expected if expected > 0.0 else FIRST * inputs.duration
        n_active, a, k = n, counts[ARRIVALS], counts[SPIKES]
        while n_active > 0:
            horizon = min(horizon, inputs.duration)
            status = _to_horizon(layout, inputs, first + s, horizon, tape, ahead, n_active)
            if status == DONE:
                status, n_active = _settle(
                    layout, inputs.duration, s, views, tape, ahead, n_active, kept, counts, until
                )  # fmt: skip
            if status != DONE:
                counts[ARRIVALS], counts[SPIKES] = a, k
                return status, s
            n_horizons += 1
            horizon *= STEP if expected > 0.0 and n_horizons < STEPS else GROWTH
        s += n
    return DONE, s


@bare_kernel
def keep_determined(layout, duration, views, tape, complete, work, kept, counts, until):
    """Keep what is `follow_ahead`'s of a tape that goes to the end, and write `until` when; returns status."""
    n_components, status = layout.component.shape[1] - 1, DONE
    for s in range(len(until)):
        until[s] = min(determined(tape, n_components, s, views, complete, work), duration)
        if status == DONE:
            status, counts[ARRIVALS], counts[SPIKES] = keep(
                layout, tape, s, until[s], counts[MOST], kept, s, counts[ARRIVALS], counts[SPIKES]
            )
    return status


@once
def _begin(layout, n, tape, ahead):
    """Samples at t = 0: of each block of events an empty part of the tape."""
    n_components, n_samples, n_blocks = layout.component.shape[1] - 1, len(ahead.active), len(tape.spike_start)
    arrivals, spikes = len(tape.arrival_time) // n_blocks, len(tape.spike_time) // n_blocks
    ahead.cursor[:] = 0
    ahead.done[:] = 0
    ahead.clock[BEGIN], ahead.clock[END] = 0.0, NOT_ENTERED
    for b in range(n):
        ahead.active[b] = b
        for c in range(n_components):
            block, lo, size = b * n_components + c, layout.component[SLOTS, c], layout.component[SIZES, c]
            tape.arrival_start[block] = tape.arrival_stop[block] = block * arrivals
            tape.spike_start[block] = tape.spike_stop[block] = block * spikes
            lane = lo * n_samples + b * size
            v, i, v_init, i_init = (
                ahead.lanes[V, lane:], ahead.lanes[I, lane:], layout.slot[V_START, lo:], layout.slot[I_START, lo:]
            )  # fmt: skip
            for s in range(size):
                v[s], i[s] = v_init[s], i_init[s]


@once
def _to_horizon(layout, inputs, first, horizon, tape, ahead, n_active):
    """Take all components of the active samples to the horizon; returns status."""
    n_blocks, status = len(tape.spike_start), DONE
    for c in range(layout.component.shape[1] - 1):
        if status == DONE:
            if bring_arrivals(layout, c, inputs, first, tape, ahead, n_active, len(tape.arrival_time) // n_blocks):
                room = len(tape.spike_time) // n_blocks
                status = take_to_horizon(layout, c, inputs.duration, horizon, tape, ahead, n_active, room)
            else:
                status = TAPE_FULL
    return status


@once
def _settle(layout, duration, first, views, tape, ahead, n_active, kept, counts, until):
    """Keep the samples that are determined, or have been followed to the end; returns status, and how many are left."""
    n_components, left, status = layout.component.shape[1] - 1, 0, DONE
    for m in range(n_active):
        b, over = ahead.active[m], True
        latest = determined(tape, n_components, b, views, ahead.clock[COMPLETE, :, b], ahead.chosen)
        for c in range(n_components):
            over = over and ahead.clock[COMPLETE, c, b] == np.inf
        if latest == np.inf and not over:
            ahead.active[left] = b
            left += 1
            continue
        until[first + b] = min(latest, duration)
        if not _finite(layout, b, ahead):
            status = LOST
        if status == DONE:
            status, counts[ARRIVALS], counts[SPIKES] = keep(
                layout, tape, b, until[first + b], counts[MOST], kept, first + b, counts[ARRIVALS], counts[SPIKES]
            )
    return status, left


@once
def _finite(layout, b, ahead):
    """Whether no neuron of sample `b` has overflowed."""
    lost = 0
    for c in range(layout.component.shape[1] - 1):
        size = layout.component[SIZES, c]
        lane = layout.component[SLOTS, c] * len(ahead.active) + b * size
        v, i = ahead.lanes[V, lane : lane + size], ahead.lanes[I, lane : lane + size]
        for s in range(size):
            lost += not abs(v[s]) + abs(i[s]) < np.inf
    return lost == 0
