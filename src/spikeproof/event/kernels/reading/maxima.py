"""The largest V of neurons without a threshold, read from the tape: all neurons go from arrival to arrival together.

Loops: samples; arrivals of the block, and the end; neurons, run by run. All neurons stand at the same arrival, just
after it, and their lanes hold the first one of the largest potentials so far. What V is at the end of an interval is
compared with it in straight-line code; a peak on the way that may be larger is looked at by itself. The results are the
caller's; the working memory is made here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel, once
from spikeproof.dynamics.crossing import peak_time
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, MEM, POST_START, SPARSE, SYN, SYN_FRACTION, V_START
from spikeproof.event.kernels.forward.crossings import VANISHED
from spikeproof.numbers import Array, Float64Array, IntArray

AT_START, SMOOTH, KINK = 0, 1, 2  # where a maximum of V lies
LANES = 8  # neurons side by side: rows of a fixed length, for which vector code needs no checks
V, CURRENT, V_BEFORE, I_BEFORE, WEIGHT, E_MEM, E_SYN, GAIN, FRACTION, PEAK = range(10)  # rows of lanes: the interval
VALUE, TIME, PLACE, RISE, ON = range(10, 15)  # and the largest V: its time, PLACE, tau_mem dV/dt just before a kink,
# and 1 where V has risen on from there
N_ROWS = 15
BEFORE, NOWHERE = -2.0, -1.0  # PLACE at t = 0, and where there is no kink; else the number of its arrival
BLOCK = 64  # intervals whose flows are computed together
ABOVE_ROUNDING = 1.0 + 2.0**-40


class Largest(NamedTuple):
    """The first one of the largest potentials of each neuron. Shapes: S samples, N neurons."""

    value: Float64Array  # (S, N) V - bias
    time: Float64Array  # (S, N)
    kind: IntArray  # (S, N)
    arrival: IntArray  # (S, N) of a kink, numbered in its block; -1 elsewhere
    slope: Float64Array  # (S, N) dV/dt just before a kink; 0 elsewhere


class _Neurons(NamedTuple):
    """The neurons, and where they stand. Shapes: N neurons, R runs of neighbours with the same time constants."""

    lanes: Array  # (N / LANES, N_ROWS * LANES) rows of so many lanes, one after the other
    run_of: IntArray  # (N,) run of each neuron
    tau_mem: Float64Array  # (R,)
    tau_syn: Float64Array  # (R,)
    flow: Array  # (R, 3, BLOCK) the coefficients of `advance` over intervals
    time: Float64Array  # (BLOCK + 1,) where they begin, and the last one ends


@kernel
def maxima(layout, c, lo, hi, duration, tape, n_samples, found):
    """Largest V - bias of slots lo .. hi of component `c`; written to `found`."""
    group, n, n_runs = layout.number[GROUP, lo:hi], hi - lo, 0
    run_of, own = np.empty(n, np.int64), np.empty(n, np.int64)
    for s in range(n):
        if s == 0 or group[s] != group[s - 1]:
            own[n_runs] = group[s]
            n_runs += 1
        run_of[s] = n_runs - 1
    tau_mem, tau_syn = layout.time[MEM, own[:n_runs]], layout.time[SYN, own[:n_runs]]
    lanes = np.zeros(((n + LANES - 1) // LANES, N_ROWS * LANES))
    neurons = _Neurons(lanes, run_of, tau_mem, tau_syn, np.empty((n_runs, 3, BLOCK)), np.empty(BLOCK + 1))
    _maxima(layout, c, lo, duration, tape, n_samples, neurons, found)


@inner
def _maxima(layout, c, lo, duration, tape, n_samples, neurons, found):
    n_components, lanes, run_of, flow = layout.component.shape[1] - 1, neurons.lanes, neurons.run_of, neurons.flow
    size = len(run_of)
    for s in range(n_samples):
        a0, a1 = tape.arrival_start[s * n_components + c], tape.arrival_stop[s * n_components + c]
        _start(layout, lo, neurons)
        for first in range(a0, a1 + 1, BLOCK):
            stop = min(first + BLOCK, a1 + 1)
            _fill(neurons, tape.arrival_time, first, stop, a1, duration)
            for a in range(first, stop):
                m, arrival = a - first, a - a0 if a < a1 else -1
                _weights(layout, tape, a, arrival, lo, size, lanes)
                end = neurons.time[m + 1]
                for b in range(len(lanes)):
                    own, r = lanes[b], run_of[b * LANES]
                    mixed = r != run_of[min((b + 1) * LANES, size) - 1]
                    if mixed:
                        _flows(neurons, b, m, own)
                    e_mem, e_syn, gain = flow[r, 0, m], flow[r, 1, m], flow[r, 2, m]
                    if _step(own, mixed, e_mem, e_syn, gain, end, arrival, arrival >= 0 and end < duration):
                        for n in range(LANES):
                            if own[PEAK * LANES + n] != 0.0:
                                _look(neurons, own, n, run_of[b * LANES + n], m)
            neurons.time[0] = neurons.time[stop - first]
        _write(neurons, s, found)


@once
def _start(layout, lo, neurons):
    """All neurons at t = 0; lanes without one never have a larger V."""
    neurons.time[0] = 0.0
    for b in range(len(neurons.lanes)):
        own = neurons.lanes[b]
        for n in range(LANES):
            own[V * LANES + n], own[CURRENT * LANES + n], own[VALUE * LANES + n] = 0.0, 0.0, np.inf
            own[TIME * LANES + n], own[PLACE * LANES + n], own[RISE * LANES + n] = 0.0, BEFORE, 0.0
            own[ON * LANES + n] = 0.0
        for n in range(min(LANES, len(neurons.run_of) - b * LANES)):
            s = lo + b * LANES + n
            own[V * LANES + n], own[CURRENT * LANES + n] = layout.slot[V_START, s], layout.slot[I_START, s]
            own[VALUE * LANES + n] = own[V * LANES + n]
            own[ON * LANES + n] = 1.0 if own[CURRENT * LANES + n] > own[V * LANES + n] else 0.0
            own[FRACTION * LANES + n] = layout.time[SYN_FRACTION, layout.number[GROUP, s]]


@once
def _fill(neurons, arrival_time, first, stop, last, duration):
    """The ends of the intervals before arrivals first .. stop, that of `last` being the run's, and their flows."""
    time = neurons.time
    for a in range(first, stop):
        time[a - first + 1] = arrival_time[a] if a < last else duration
    for r in range(len(neurons.tau_mem)):
        tau_mem, tau_syn = neurons.tau_mem[r], neurons.tau_syn[r]
        e_mem, e_syn, gain = neurons.flow[r, 0], neurons.flow[r, 1], neurons.flow[r, 2]
        for m in range(stop - first):
            e_mem[m], e_syn[m], gain[m] = propagator(time[m + 1] - time[m], tau_mem, tau_syn)


@once
def _weights(layout, tape, a, arrival, lo, size, lanes):
    """The weight that arrival `a` adds to each neuron; none at the end, where `arrival` is -1."""
    w, n_weights = 0, 0
    if arrival >= 0:
        p, row = tape.arrival_projection[a], tape.arrival_row[a]
        w, stop = layout.row_offset[row], layout.row_offset[row + 1]
        if not layout.projection[SPARSE, p] and layout.projection[POST_START, p] == lo:
            n_weights = size
    for b in range(len(lanes)):
        _fill_lanes(lanes[b], layout.weights, w + b * LANES, n_weights - b * LANES)
    if arrival >= 0 and layout.projection[SPARSE, p]:
        for q in range(w, stop):
            n = target(layout, p, row, q) - lo
            if 0 <= n < size:
                lanes[n // LANES, WEIGHT * LANES + n % LANES] = layout.weights[q]


@inner
def _fill_lanes(own, weights, w, n_weights):
    """Weights from the `w`-th on for the first lanes, as many as there are, and 0 for others: one vector, at once.

    The processor waits for vectors that are read soon after their elements were written one by one.
    """
    for n in range(LANES):
        own[WEIGHT * LANES + n] = weights[w + n] if n < n_weights else 0.0


@once
def _flows(neurons, b, m, own):
    """The coefficients of `advance` over the `m`-th interval for the lanes of block `b`, which is of several runs."""
    flow, run_of, first = neurons.flow, neurons.run_of, b * LANES
    for n in range(LANES):
        r = run_of[min(first + n, len(run_of) - 1)]
        own[E_MEM * LANES + n], own[E_SYN * LANES + n], own[GAIN * LANES + n] = (
            flow[r, 0, m], flow[r, 1, m], flow[r, 2, m],
        )  # fmt: skip


@inner
def _step(own, mixed, e_mem_of_all, e_syn_of_all, gain_of_all, end, arrival, kinks):
    """Take lanes through an interval, and keep what is larger at its end.

    They share the coefficients of `advance`, unless they are mixed. Returns how many of them have a peak on the way
    that may be larger, and flags these.
    """
    number, over, found = np.float64(arrival), arrival < 0, np.int64(0)
    for n in range(LANES):
        v, i, weight, best = (
            own[V * LANES + n],
            own[CURRENT * LANES + n],
            own[WEIGHT * LANES + n],
            own[VALUE * LANES + n],
        )
        e_mem = own[E_MEM * LANES + n] if mixed else e_mem_of_all
        e_syn = own[E_SYN * LANES + n] if mixed else e_syn_of_all
        v_end, i_end = advance(v, i, e_mem, e_syn, own[GAIN * LANES + n] if mixed else gain_of_all)
        rises = i_end > v_end
        falls = not rises
        turns = (i > max(v, 0.0)) & (falls | (max(e_mem, e_syn) < VANISHED))  # whatever is left of the peak at the end
        # tau_mem (V_max - v), the integral of I - V, is at most tau_syn (i - V_max) for v >= 0
        fraction = own[FRACTION * LANES + n]
        bound = (1.0 - fraction) * max(v, 0.0) + fraction * max(i, 0.0)
        peak = turns & ((bound * ABOVE_ROUNDING > best) | (best <= 0.0))
        # of equal ones the first counts, but the last of one time, and one from which V has risen on, if only by less
        # than rounding
        goes_on = rises & (own[ON * LANES + n] != 0.0)
        larger = (v_end > best) | (rises & (v_end >= best) & (goes_on | (own[TIME * LANES + n] == end)))
        # V rises on to an arrival or the end, or has come up to the bias from below
        kept = (not turns) & larger & (falls | over | (weight != 0.0))
        # unless this arrival turns V a later maximum is higher, or as high; at T none acts any more
        kink = rises & kinks
        own[VALUE * LANES + n] = v_end if kept else best
        own[TIME * LANES + n] = end if kept else own[TIME * LANES + n]
        own[PLACE * LANES + n] = (number if kink else NOWHERE) if kept else own[PLACE * LANES + n]
        own[RISE * LANES + n] = (i_end - v_end if kink else 0.0) if kept else own[RISE * LANES + n]
        own[ON * LANES + n] = 1.0 if (kink & kept) | (goes_on & (not turns)) else 0.0
        own[V_BEFORE * LANES + n], own[I_BEFORE * LANES + n] = v, i
        own[V * LANES + n], own[CURRENT * LANES + n] = v_end, i_end + weight
        own[PEAK * LANES + n] = 1.0 if peak else 0.0
        found += np.int64(peak)
    return found


@once
def _look(neurons, own, n, r, m):
    """Look at the peak of the neuron in lane `n`, of run `r`, in the `m`-th interval."""
    now, end, tau_mem, tau_syn, flow = (
        neurons.time[m], neurons.time[m + 1], neurons.tau_mem[r], neurons.tau_syn[r], neurons.flow
    )  # fmt: skip
    v, i, dt = own[V_BEFORE * LANES + n], own[I_BEFORE * LANES + n], end - now
    e_mem, e_syn = flow[r, 0, m], flow[r, 1, m]
    top, i_end = advance(v, i, e_mem, e_syn, flow[r, 2, m])
    if i_end != top or max(e_mem, e_syn) < VANISHED:
        dt = min(dt, peak_time(v, i, tau_mem, tau_syn))
        to_mem, to_syn, gain = propagator(dt, tau_mem, tau_syn)
        top, _ = advance(v, i, to_mem, to_syn, gain)
    if top > own[VALUE * LANES + n]:
        own[VALUE * LANES + n], own[TIME * LANES + n] = top, now + dt
        own[PLACE * LANES + n], own[RISE * LANES + n] = NOWHERE, 0.0


@once
def _write(neurons, s, found):
    """The largest potentials of sample `s`."""
    for n in range(len(neurons.run_of)):
        own, m, tau_mem = neurons.lanes[n // LANES], n % LANES, neurons.tau_mem[neurons.run_of[n]]
        place = own[PLACE * LANES + m]
        found.value[s, n], found.time[s, n] = own[VALUE * LANES + m], own[TIME * LANES + m]
        found.kind[s, n] = KINK if place >= 0.0 else (SMOOTH if place == NOWHERE else AT_START)
        found.arrival[s, n], found.slope[s, n] = np.int64(max(place, NOWHERE)), own[RISE * LANES + m] / tau_mem
