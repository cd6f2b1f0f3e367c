"""The time until which a loss has to see a sample, and what is kept of a sample that has been followed further.

Loops: samples; what the terms of the loss have to see; components, and the events of a block. The caller owns all
arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import bare_kernel, inner, once
from spikeproof.event.kernels.core.tables import EXTERNAL, FROM_INPUT, INTERNAL, SOURCE
from spikeproof.event.kernels.core.tape import DONE, LIMIT, TAPE_FULL
from spikeproof.numbers import Float64Array, IntArray

ARRIVALS, SPIKES, LEFT = range(3)  # events on the tape of what is kept, and samples that are not determined
COMPONENT, FIRST_SLOT, LAST_SLOT, RANKS = range(4)  # columns of `Views.table`


class Views(NamedTuple):
    """The spikes, or the times, that the terms of a loss have to see. Shapes: Q terms."""

    table: IntArray  # (Q, 4) component and slots of a population, and how many spikes of each neuron; 0: up to a time
    time: Float64Array  # (Q,) that time


@bare_kernel
def keep_determined(layout, inputs, views, tape, samples, start, limit, work, kept, counts, until, needed):
    """Keep the samples of a tape from `start` on that are determined, or over; returns status and the next one.

    They become samples ``samples[start]`` and so on of the tape `kept`, which has events of the ones before, `until`
    receives until when they are followed, `needed` the horizon that this needs. The others are put to the front of
    `samples`. `counts` says how many there are of each, `work` is a number for each neuron. More events of a sample
    than `limit` are a status.
    """
    n_components = layout.component.shape[1] - 1
    for s in range(start, len(samples)):
        latest = determined(tape, n_components, s, views, inputs.complete[s], work)
        if latest == np.inf and not _is_over(inputs.complete[s]):
            samples[counts[LEFT]] = samples[s]
            counts[LEFT] += 1
            continue
        latest = min(latest, inputs.duration)
        status, a, k = keep(
            layout, tape, s, latest, limit, kept, samples[s], counts[ARRIVALS], counts[SPIKES]
        )  # fmt: skip
        if status != DONE:
            return status, s
        counts[ARRIVALS], counts[SPIKES], until[samples[s]] = a, k, latest
        needed[samples[s]] = _needed(layout, tape, s, latest, inputs.duration)
    return DONE, len(samples)


@inner
def _needed(layout, tape, sample, latest, duration):
    """The horizon at which a sample is known up to `latest`: a component that others feed is an arrival behind them."""
    needed, n_components = latest, layout.component.shape[1] - 1
    for c in range(n_components):
        fed = False
        for p in range(layout.component[EXTERNAL, c], layout.component[INTERNAL, c]):
            fed = fed or not layout.projection[FROM_INPUT, p]
        if fed:
            start, stop = tape.arrival_start[sample * n_components + c], tape.arrival_stop[sample * n_components + c]
            after = start + _number(tape.arrival_time, start, stop, latest)
            needed = max(needed, tape.arrival_time[after] if after < stop else duration)
    return needed


@inner
def _is_over(complete):
    """Whether all spikes of all components are known."""
    over = True
    for c in range(len(complete)):
        over = over and complete[c] == np.inf
    return over


@once
def determined(tape, n_components, sample, views, complete, counts):
    """The time until which a sample has to be followed; infinity where the tape does not tell yet.

    `complete`, shape (C,), says before which time all spikes of each component are known; `counts` is working memory, a
    number for each neuron of a population.
    """
    latest = 0.0
    for q in range(len(views.time)):
        seen = views.time[q]
        if views.table[q, RANKS] > 0:
            seen = _rank_time(tape, sample * n_components + views.table[q, COMPONENT], views.table[q], counts)
        latest = max(latest, seen)
    for c in range(n_components):
        if not complete[c] > latest:
            latest = np.inf
    return latest


@once
def _rank_time(tape, block, view, counts):
    """The time at which the last neuron of a view has had as many spikes as are looked at; infinity if one has not."""
    first, size, ranks = view[FIRST_SLOT], view[LAST_SLOT] - view[FIRST_SLOT], view[RANKS]
    missing = size
    for n in range(size):
        counts[n] = 0
    for k in range(tape.spike_start[block], tape.spike_stop[block]):
        n = tape.spike_slot[k] - first
        if 0 <= n < size:
            counts[n] += 1
            missing -= counts[n] == ranks
            if missing == 0:
                return tape.spike_time[k]
    return np.inf


@once
def keep(layout, tape, sample, until, limit, kept, to, a, k):
    """Append the events of a sample up to `until` to the tape `kept`, as its sample `to`.

    That holds `a` arrivals and `k` spikes. Returns status and the new numbers of these.
    """
    n_components, first_arrival, first_spike = layout.component.shape[1] - 1, a, k
    for c in range(n_components):
        block, into = sample * n_components + c, to * n_components + c
        n_arrivals = _number(tape.arrival_time, tape.arrival_start[block], tape.arrival_stop[block], until)
        n_spikes = _number(tape.spike_time, tape.spike_start[block], tape.spike_stop[block], until)
        if a + n_arrivals > len(kept.arrival_time) or k + n_spikes > len(kept.spike_time):
            return TAPE_FULL, a, k
        kept.spike_start[into], kept.spike_stop[into] = k, k + n_spikes
        kept.arrival_start[into], kept.arrival_stop[into] = a, a + n_arrivals
        _copy_spikes(tape, tape.spike_start[block], n_spikes, kept, k)
        _copy_arrivals(layout, tape, block - c, tape.arrival_start[block], n_arrivals, kept, into - c, a)
        a, k = a + n_arrivals, k + n_spikes
    return LIMIT if a - first_arrival + k - first_spike > limit else DONE, a, k


@inner
def _number(time, start, stop, until):
    """How many of the ascending times of events start .. stop are not later than `until`."""
    end = start
    while end < stop and time[end] <= until:
        end += 1
    return end - start


@once
def _copy_spikes(tape, start, n, kept, k):
    for q in range(n):
        kept.spike_time[k + q], kept.spike_slot[k + q] = tape.spike_time[start + q], tape.spike_slot[start + q]
        kept.spike_slope[k + q], kept.spike_after[k + q] = tape.spike_slope[start + q], tape.spike_after[start + q]


@once
def _copy_arrivals(layout, tape, sample, start, n, kept, to, a):
    """Copy arrivals of a block; `sample` and `to` are the first blocks of its sample on both tapes.

    Where a spike has moved, so has the source of its arrival.
    """
    for q in range(n):
        p, source = tape.arrival_projection[start + q], tape.arrival_source[start + q]
        if not layout.projection[FROM_INPUT, p]:
            sender = layout.projection[SOURCE, p]
            source += kept.spike_start[to + sender] - tape.spike_start[sample + sender]
        kept.arrival_time[a + q], kept.arrival_projection[a + q] = tape.arrival_time[start + q], p
        kept.arrival_source[a + q], kept.arrival_row[a + q] = source, tape.arrival_row[start + q]
