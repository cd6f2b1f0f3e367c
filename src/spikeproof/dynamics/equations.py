"""The model's steps, one function each: what an interval, a spike and an arrival do, forward and backward.

V is counted from the bias. All are straight-line code and vanish into their callers: loops over neurons become vector
instructions.
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner
from spikeproof.dynamics.flow import decays_inline, moments


@inlined
def propagator(dt, tau_mem, tau_syn):
    """The coefficients of `advance` over `dt`: e_mem, e_syn and the gain of V from I; docs/theory.md (flow)."""
    e_mem, e_syn, j = decays_inline(dt, tau_mem, tau_syn)
    return e_mem, e_syn, j / tau_mem


@inlined
def advance(v, i, e_mem, e_syn, gain):
    """V and I after an interval without events; docs/theory.md (flow)."""
    return v * e_mem + i * gain, i * e_syn


@inlined
def spike_slope(i, v_th):
    """The slope tau_mem Vdot just before a spike, V being at its threshold; docs/theory.md (model), (spike-rule)."""
    return i - v_th


@inlined
def adjoint_propagator(dt, tau_mem, tau_syn):
    """The coefficients of `rewind` over `dt`: e_mem, e_syn and the gain of lambda_i from lambda_v."""
    e_mem, e_syn, j = decays_inline(dt, tau_mem, tau_syn)
    return e_mem, e_syn, j / tau_syn


@inlined
def rewind(lambda_v, lambda_i, e_mem, e_syn, gain):
    """The adjoint variables before an interval without events, from those after it; docs/theory.md (adjoint-step)."""
    return lambda_v * e_mem, lambda_i * e_syn + lambda_v * gain


@inlined
def jump(lambda_v, d_spike, height, slope):
    """The jump of lambda_v on the way back through a spike; docs/theory.md (adjoint-jump).

    `d_spike` is dL/dt of the spike, what its arrivals add included, `height` v_th - v_reset, `slope` see `spike_slope`.
    """
    return (height * lambda_v + d_spike) / slope


@inlined
def d_weight(lambda_i, tau_syn):
    """The derivative by the weight of an arrival; docs/theory.md (grad-weight)."""
    return -(tau_syn * lambda_i)


@inlined
def d_arrival(weight, lambda_v, lambda_i):
    """The derivative by the time of an arrival at one neuron; docs/theory.md (adjoint-arrival), (grad-delay)."""
    return weight * (lambda_v - lambda_i)


@inner
def propagator_derivatives(dt, tau_mem, tau_syn, e_mem, e_syn, j):
    """How the coefficients of `advance` change with the time constants; docs/theory.md (flow-derivatives).

    Returned are e_mem by tau_mem, the gain by tau_mem and by tau_syn, and e_syn by tau_syn.
    """
    late, early = moments(dt, tau_mem, tau_syn, e_mem, e_syn)
    by_mem, by_syn = ((late / tau_mem - j) / tau_mem) / tau_mem, (early / tau_mem) / tau_syn / tau_syn
    return e_mem * (dt / tau_mem) / tau_mem, by_mem, by_syn, e_syn * (dt / tau_syn) / tau_syn
