"""Finite differences: the steps with which they could have seen a wrong derivative."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from spikeproof import Parameters, Problem
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import EPS, EPS32

DIGITS = 40
STEPS = tuple(range(13))  # powers of 1/10, in units of the larger of 1 and the weight


@dataclass(frozen=True)
class Visible:
    """The largest and the smallest step of a central difference that tells a number from the derivative; None: none.

    `best` is the error of the difference at its best step, in the precision at hand.
    """

    largest: float | None
    smallest: float | None
    best: float

    def words(self, precision: str) -> str:
        """In a line."""
        if self.largest is None or self.smallest is None:
            return f"no central difference in {precision} could have seen it: the best is off by {self.best:.1g}"
        return (
            f"a central difference of the loss in {precision} sees it with steps up to {self.largest:g}, and down to "
            f"{self.smallest:g}"
        )


def visible(
    problem: Problem, projection: str, place: tuple[int, ...], derivative: float, error: float, size: float, level: str
) -> Visible:
    """Which steps see an `error` of the derivative of the loss by one weight.

    A difference sees it where its own error is less than half of that: truncation, computed in 40 digits, and the
    rounding of two losses of a certain `size`, their conditioning included.
    """
    unit = EPS32 if level == "float32" else EPS
    weight = abs(float(problem.parameters.weights[projection][place]))
    seen, best = [], float("inf")
    for power in STEPS:
        h = 10.0**-power * max(1.0, weight)
        found = _difference(problem, projection, place, Decimal(h))
        if found is None:
            continue
        own = abs(float(found) - derivative) + unit * size / h
        best = min(best, own)
        if own < 0.5 * error:
            seen.append(h)
    return Visible(max(seen, default=None), min(seen, default=None), best)


def _difference(problem: Problem, projection: str, place: tuple[int, ...], h: Decimal) -> Any:
    try:
        plus, minus = (_loss(problem, projection, place, sign * h) for sign in (1, -1))
    except (ArithmeticError, ValueError, RuntimeError):  # no loss there: a spike that the loss asks for is gone
        return None
    return (plus - minus) / (2 * float(h))


def _loss(problem: Problem, projection: str, place: tuple[int, ...], shift: Decimal) -> Any:
    p = problem.parameters
    changed = np.array([Decimal(x) for x in p.weights[projection].ravel().tolist()], dtype=object)
    changed = changed.reshape(p.weights[projection].shape)
    changed[place] += shift
    moved = Parameters({**p.weights, projection: changed}, p.neurons)
    return MpEngine(dps=DIGITS).solve(replace(problem, parameters=moved), gradients=None).loss
