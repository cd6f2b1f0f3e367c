"""Neurons that are held after a spike, forward and backward: their V stands at v_reset until a later grid point.

Loops: the neurons of a segment, or all; the spikes of a sample. Only networks with a refractory time come here.

Forward, `Holds` says until which grid point each neuron is held, and by which spike. Backward, `Held` says which
neurons are held in the step that is taken next, and which spike of each comes next. The caller owns all arrays.

docs/theory.md (refractory), (ref-adjoint).
"""

from __future__ import annotations

from typing import NamedTuple

from spikeproof.compiled import inner
from spikeproof.dynamics.equations import spike_slope
from spikeproof.grid.kernels.packed import REFRACTORY, V_RESET, V_TH
from spikeproof.neuron_parameters import T_REF
from spikeproof.neuron_parameters import V_RESET as BY_V_RESET
from spikeproof.numbers import Array, Float64Array, IntArray


class Holds(NamedTuple):
    """Until when neurons are held, in the forward pass of a sample. Shapes: N neurons."""

    until: Float64Array  # (N,) grid point of the latest release, at which V is still v_reset; -1 if there was none
    spike: IntArray  # (N,) number on the tape of the spike before it


class Held(NamedTuple):
    """Where the backward pass of a sample stands. Shapes: N neurons, K spikes, or more."""

    now: Array  # (N,) bool: held in the step before the present place
    latest: IntArray  # (N,) the last spike of each neuron that has not been passed, -1 if there is none
    previous: IntArray  # (K,) the spike of the same neuron before each


@inner
def hold(n, first, stop, neurons, v, i, holds, restart):
    """Put V of the held neurons of a segment back at grid point `n`; returns how many of them had reached v_th."""
    v_th, v_reset, until, above = neurons[V_TH], neurons[V_RESET], holds.until, 0
    for j in range(first, stop):
        if until[j] >= n:
            above += v[j] >= v_th[j]
            v[j] = v_reset[j]
            if until[j] == n:
                restart[holds.spike[j]] = spike_slope(i[j], v_reset[j])
    return above


@inner
def pass_over(n_steps, source, step, refractory, held):
    """Take the backward pass of a sample to the end: its spikes are chained, and neurons that stay held are noted."""
    now, latest, previous = held.now, held.latest, held.previous
    now[:], latest[:] = False, -1
    for k in range(len(source)):
        j = source[k]
        previous[k], latest[j] = latest[j], k
    for j in range(len(now)):
        k = latest[j]
        now[j] = k >= 0 and step[k] + refractory[j] > n_steps


@inner
def pass_spike(k, j, held):
    """Go back over a spike: before it the neuron is free."""
    held.now[j], held.latest[j] = False, held.previous[k]


@inner
def take_back_releases(n, neurons, step, restart, lambda_v, tau_mem, held, d_time, d_neuron):
    """Go back over the releases at grid point `n`: they move with their spikes, and nothing before displaces V."""
    refractory, now, latest = neurons[REFRACTORY], held.now, held.latest
    for j in range(len(now)):
        k = latest[j]
        if k >= 0 and step[k] + refractory[j] == n:
            moved = restart[k] * lambda_v[j]
            d_time[k] += moved
            if len(d_neuron):
                d_neuron[T_REF, j] += moved
                d_neuron[BY_V_RESET, j] -= tau_mem[j] * lambda_v[j]
            now[j], lambda_v[j] = True, 0.0


@inner
def put_held(slopes, traced, tau_mem, lambda_v, now, d_neuron):
    """Let lambda_v jump by -dL/dV / tau_mem; what is seen of a held neuron is its v_reset. Returns True."""
    for r in range(len(traced)):
        j = traced[r]
        if not now[j]:
            lambda_v[j] -= slopes[r] / tau_mem[j]
        elif len(d_neuron):
            d_neuron[BY_V_RESET, j] += slopes[r]
    return True
