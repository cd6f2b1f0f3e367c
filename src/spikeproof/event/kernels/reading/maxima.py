"""The largest V of neurons without a threshold, read from the tape: all neurons go from arrival to arrival together.

Loops: samples; arrivals of the block, and the end; neurons. All neurons stand at the same arrival, just after it, and
`Largest` holds the first one of the largest potentials so far. It is the caller's; the working memory is made here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel, once
from spikeproof.dynamics.crossing import peak_time
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, MEM, SYN, SYN_FRACTION, V_START
from spikeproof.event.kernels.forward.crossings import VANISHED
from spikeproof.numbers import Array, Float64Array, IntArray

AT_START, SMOOTH, KINK = 0, 1, 2  # where a maximum of V lies
E_MEM, E_SYN, GAIN = range(3)  # rows of the flow
ABOVE_ROUNDING = 1.0 + 2.0**-40


class Largest(NamedTuple):
    """The first one of the largest potentials of each neuron. Shapes: S samples, N neurons."""

    value: Float64Array  # (S, N) V - bias
    time: Float64Array  # (S, N)
    kind: IntArray  # (S, N)
    arrival: IntArray  # (S, N) of a kink, numbered in its block; -1 elsewhere
    slope: Float64Array  # (S, N) dV/dt just before a kink; 0 elsewhere


class _Neurons(NamedTuple):
    """The neurons, and where they stand. Shapes: N neurons."""

    group: IntArray  # (N,)
    tau_mem: Float64Array  # (N,)
    tau_syn: Float64Array  # (N,)
    syn_fraction: Float64Array  # (N,)
    v: Float64Array  # (N,)
    i: Float64Array  # (N,)
    flow: Array  # (3, N) the coefficients of `advance` over the interval
    weight: Float64Array  # (N,) what arrives at its end


@kernel
def maxima(layout, c, lo, hi, duration, tape, n_samples, found):
    """Largest V - bias of slots lo .. hi of component `c`; written to `found`."""
    group, n = layout.number[GROUP, lo:hi], hi - lo
    tau_mem, tau_syn, syn_fraction = layout.time[MEM, group], layout.time[SYN, group], layout.time[SYN_FRACTION, group]
    neurons = _Neurons(
        group, tau_mem, tau_syn, syn_fraction, np.empty(n), np.empty(n), np.empty((3, n)), np.empty(n)
    )  # fmt: skip
    _maxima(layout, c, lo, duration, tape, n_samples, neurons, found)


@inner
def _maxima(layout, c, lo, duration, tape, n_samples, neurons, found):
    n_components, size, v, i = layout.component.shape[1] - 1, len(neurons.v), neurons.v, neurons.i
    for s in range(n_samples):
        now, a0, a1 = 0.0, tape.arrival_start[s * n_components + c], tape.arrival_stop[s * n_components + c]
        for n in range(size):
            v[n], i[n] = layout.slot[V_START, lo + n], layout.slot[I_START, lo + n]
            _keep(found, s, n, v[n], 0.0, AT_START)
        for a in range(a0, a1 + 1):
            end, arrival = tape.arrival_time[a] if a < a1 else duration, a - a0 if a < a1 else -1
            _weights(layout, tape, a, arrival, lo, neurons.weight)
            _propagators(neurons, end - now)
            for n in range(size):
                e_mem, e_syn, gain = neurons.flow[E_MEM, n], neurons.flow[E_SYN, n], neurons.flow[GAIN, n]
                v_end, i_end = advance(v[n], i[n], e_mem, e_syn, gain)
                _look(neurons, n, now, end, v_end, i_end, arrival, duration, s, found)
                v[n], i[n] = v_end, i_end + neurons.weight[n]
            now = end


@once
def _weights(layout, tape, a, arrival, lo, weight):
    """The weight that arrival `a` adds to each neuron; none at the end, where `arrival` is -1."""
    size = len(weight)
    for n in range(size):
        weight[n] = 0.0
    if arrival >= 0:
        p, row = tape.arrival_projection[a], tape.arrival_row[a]
        for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
            n = target(layout, p, row, w) - lo
            if 0 <= n < size:
                weight[n] = layout.weights[w]


@once
def _propagators(neurons, dt):
    """The coefficients of `advance`; neighbours with the same time constants have the same ones."""
    group, flow = neurons.group, neurons.flow
    for n in range(len(group)):
        if n == 0 or group[n] != group[n - 1]:
            flow[E_MEM, n], flow[E_SYN, n], flow[GAIN, n] = propagator(dt, neurons.tau_mem[n], neurons.tau_syn[n])
        else:
            flow[E_MEM, n], flow[E_SYN, n], flow[GAIN, n] = flow[E_MEM, n - 1], flow[E_SYN, n - 1], flow[GAIN, n - 1]


@once
def _look(neurons, n, now, end, v_end, i_end, arrival, duration, s, found):
    """Look for a larger V of neuron `n` from `now` to `end`, where V and I arrive at `v_end` and `i_end`."""
    v, i, tau_mem, tau_syn = neurons.v[n], neurons.i[n], neurons.tau_mem[n], neurons.tau_syn[n]
    best, syn_fraction = found.value[s, n], neurons.syn_fraction[n]
    faded = max(neurons.flow[E_MEM, n], neurons.flow[E_SYN, n]) < VANISHED
    if i > max(v, 0.0) and (i_end <= v_end or faded):  # a peak, whatever is left of it at the end
        # tau_mem (V_max - v), the integral of I - V, is at most tau_syn (i - V_max) for v >= 0
        bound = (1.0 - syn_fraction) * max(v, 0.0) + syn_fraction * max(i, 0.0)
        if bound * ABOVE_ROUNDING > best or best <= 0.0:
            dt, top = end - now, v_end
            if i_end != v_end or faded:
                dt = min(dt, peak_time(v, i, tau_mem, tau_syn))
                to_mem, to_syn, gain = propagator(dt, tau_mem, tau_syn)
                top, _ = advance(v, i, to_mem, to_syn, gain)
            if top > best:
                _keep(found, s, n, top, now + dt, SMOOTH)
    elif i_end > v_end and v_end >= best and (arrival < 0 or neurons.weight[n] != 0.0):
        _keep(found, s, n, v_end, end, SMOOTH)
        # unless this arrival turns V a later maximum is higher, or as high; at T none acts any more
        if arrival >= 0 and end < duration:
            found.kind[s, n], found.arrival[s, n], found.slope[s, n] = KINK, arrival, (i_end - v_end) / tau_mem
    elif i_end <= v_end and v_end > best:  # V has come up to the bias from below
        _keep(found, s, n, v_end, end, SMOOTH)


@once
def _keep(found, s, n, value, time, kind):
    """This is the largest V so far, and no kink."""
    found.value[s, n], found.time[s, n], found.kind[s, n] = value, time, kind
    found.arrival[s, n], found.slope[s, n] = -1, 0.0
