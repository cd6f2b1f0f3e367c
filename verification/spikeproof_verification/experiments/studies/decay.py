"""The rounding of a long decay in binary64, which simulated rounding does not contain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spikeproof import Solution
from spikeproof.numbers import Float64Array
from spikeproof_reference import RoundingSensitivity


def with_exponents(conditioning: RoundingSensitivity, solution: Solution) -> RoundingSensitivity:
    """The conditioning of the end state with that of ``exp(-T/tau)`` added: T/tau units, from rounding T/tau.

    Simulated rounding perturbs the exponential, not its argument. That makes a difference for T >> tau only, where
    a state at the end is the remainder of a long decay.
    """
    problem = solution.problem
    duration = float(problem.stimulus.duration)
    rates = [_rates(problem, p.name, p.size) for p in problem.network.populations]
    slow, fast = (duration * np.concatenate([r[k] for r in rates]) for k in (0, 1))
    v, i = (np.abs(np.asarray(x, dtype=np.float64)) for x in (solution.v_end, solution.i_end))
    return replace(conditioning, v_end=conditioning.v_end + v * slow, i_end=conditioning.i_end + i * fast)


def _rates(problem: Any, name: str, size: int) -> tuple[Float64Array, Float64Array]:
    """The larger of 1/tau_mem and 1/tau_syn of each neuron, and its 1/tau_syn."""
    numbers = problem.parameters.rounded().neurons[name]
    mem, syn = (1.0 / np.broadcast_to(x, size) for x in (numbers.tau_mem, numbers.tau_syn))
    return np.maximum(mem, syn), np.asarray(syn)
