"""The textbook closed forms of the flow, forward and backward, for one neuron and one time or an array of times."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikeproof_verification.faults.plain_model import PlainModel

NEARLY_EQUAL = 1e-6  # time constants closer than this, relatively, are expanded about equality


def flowed(model: PlainModel, n: int, v: float, i: float, dt: Any) -> tuple[Any, Any]:
    """V and I of neuron `n` a time `dt` later: ``V = b + (V0 - b) exp(-dt/tau_mem) + I0 k(dt)``."""
    tau_mem, tau_syn, bias = model.neurons.tau_mem[n], model.neurons.tau_syn[n], model.neurons.bias[n]
    e_mem, e_syn = _exp(-dt / tau_mem), _exp(-dt / tau_syn)
    k = _response(tau_mem, tau_syn, dt, e_mem, e_syn)
    return rounded(model, bias + (v - bias) * e_mem + i * k), rounded(model, i * e_syn)


def rewound(model: PlainModel, n: int, lambda_v: float, lambda_i: float, dt: Any) -> tuple[Any, Any]:
    """lambda_v and lambda_i of neuron `n` a time `dt` earlier."""
    tau_mem, tau_syn = model.neurons.tau_mem[n], model.neurons.tau_syn[n]
    e_mem, e_syn = _exp(-dt / tau_mem), _exp(-dt / tau_syn)
    k = _response(tau_mem, tau_syn, dt, e_mem, e_syn) * tau_mem / tau_syn
    if model.wrong == "flow of lambda_i as that of I":
        k = 0.0
    if model.wrong == "tau_mem for tau_syn in the flow of lambda_i":
        k = k * tau_syn / tau_mem
    return rounded(model, lambda_v * e_mem), rounded(model, lambda_i * e_syn + lambda_v * k)


def rounded(model: PlainModel, x: Any) -> Any:
    """`x`, to single precision if that is the fault."""
    if model.wrong != "single precision":
        return x
    return np.asarray(x, np.float32).astype(np.float64) if isinstance(x, np.ndarray) else float(np.float32(x))


def _exp(x: Any) -> Any:
    return np.exp(x) if isinstance(x, np.ndarray) else math.exp(x)


def _response(tau_mem: float, tau_syn: float, dt: Any, e_mem: Any, e_syn: Any) -> Any:
    if abs(tau_mem - tau_syn) < NEARLY_EQUAL * tau_mem:
        return dt / tau_mem * e_mem * (1.0 + 0.5 * dt * (1.0 / tau_mem - 1.0 / tau_syn))
    return tau_syn / (tau_syn - tau_mem) * (e_syn - e_mem)
