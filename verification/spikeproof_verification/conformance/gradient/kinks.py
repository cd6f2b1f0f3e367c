"""Derivatives where the loss has a kink: the slopes on both sides, and on which of them a gradient lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof import GrazingSpike, Problem
from spikeproof_reference import Direction, NotOneSided, one_sided

MOST = 64  # weights that are looked at
CLOSE = 1e-5  # of the slopes: engines in single precision are as close


@dataclass(frozen=True)
class Kink:
    """A weight along which the one-sided slopes differ, or the loss itself jumps."""

    projection: str
    place: tuple[int, ...]
    left: float
    right: float
    jump: float

    def words(self, given: float | None) -> str:
        """In a line, with what the gradient has there."""
        where = f"{self.projection}[{', '.join(map(str, self.place))}]"
        slopes = f"{self.left:.9g} on the left, {self.right:.9g} on the right"
        what = f"the loss has a kink along {where}: its slope is {slopes}"
        if self.jump:
            what = f"the loss jumps by {self.jump:.3g} along {where}: its slope is {slopes}"
        return what if given is None else f"{what}; yours, {given:.9g}, is {self._side(given)}"

    def _side(self, given: float) -> str:
        limit = CLOSE * max(abs(self.left), abs(self.right))
        for name, slope in (("that on the left", self.left), ("that on the right", self.right)):
            if abs(given - slope) <= limit:
                return name
        low, high = sorted((self.left, self.right))
        return "between them" if low < given < high else "neither, nor between them"


def kinks(problem: Problem) -> Iterator[Kink]:
    """The kinks and jumps along single weights."""
    looked = 0
    for name, w in problem.parameters.weights.items():
        for place in np.ndindex(w.shape):
            looked += 1
            if looked > MOST:
                return
            found = _at(problem, name, place)
            if found is not None:
                yield found


def _at(problem: Problem, name: str, place: tuple[int, ...]) -> Kink | None:
    along = np.zeros(problem.parameters.weights[name].shape)
    along[place] = 1.0
    try:
        sides: Any = one_sided(problem, Direction({name: along}))
    except (NotOneSided, GrazingSpike):
        return None
    left, right, jump = (float(x) for x in (sides.left.derivative, sides.right.derivative, sides.jump))
    resolved = float(sides.left.loss_error + sides.right.loss_error) + 1e-25 * abs(float(sides.left.loss))
    jumps = abs(jump) > 4.0 * resolved
    apart = abs(right - left) > 1e-12 * max(abs(left), abs(right))
    return Kink(name, place, left, right, jump if jumps else 0.0) if apart or jumps else None
