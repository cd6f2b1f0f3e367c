"""Working precision: an own mpmath context, with guard digits chosen from the problem."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from mpmath import MPContext

from spikeproof.numbers import integer
from spikeproof.problem import Problem

GUARD = 30  # digits above `dps`: a spike with Vdot = 1e-15 still leaves 15 for the accumulation of rounding errors
TIE_GUARD = 10  # of these, digits by which two times must agree beyond `dps` to be one event


def working_context(problem: Problem, dps: int) -> Any:
    """An mpmath context of its own that carries `dps` digits and the guard digits that `problem` needs.

    The difference of exponentials loses as many digits as tau_mem and tau_syn have in common, so these are added.
    The context is new on every call and never the global ``mpmath.mp``.
    """
    ctx = MPContext()
    ctx.dps = integer("dps", dps, low=15) + GUARD + common_digits(problem)
    return ctx


def common_digits(problem: Problem) -> int:
    """Decimal digits that tau_mem and tau_syn of one neuron share at most, unless they are equal."""
    digits = 0
    for p in problem.parameters.neurons.values():
        for tau_mem, tau_syn in np.broadcast(p.tau_mem, p.tau_syn):
            a, b = Fraction(_plain(tau_mem)), Fraction(_plain(tau_syn))
            if a != b:
                digits = max(digits, len(str(max(a, b) // abs(a - b))))
    return digits


def exact(ctx: Any, value: Any) -> Any:
    """`value` as a number of `ctx`: binary64 exactly, a Decimal with all its digits at the working precision."""
    plain = _plain(value)
    return ctx.mpf(str(plain)) if isinstance(plain, Decimal) else ctx.mpf(plain)


def _plain(value: Any) -> Any:
    item = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    return item if isinstance(item, Decimal) else float(item)
