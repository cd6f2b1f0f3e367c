"""Taylor series of high order in mpmath: any number of digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import Any, TypeAlias

from mpmath import MPContext

from spikeproof.numbers import integer
from spikeproof_reference.mp.precision import exact
from spikeproof_reference.smooth.path import Rate, RateAlong
from spikeproof_reference.smooth.problem import Vector
from spikeproof_reference.smooth.series import Series, solution, variable

GUARD = 12  # digits above `dps`
Point: TypeAlias = tuple[Any, list[Any]]


def _context(dps: int) -> Any:
    ctx = MPContext()
    ctx.dps = dps + GUARD
    return ctx


@dataclass(frozen=True)
class TaylorSeries:
    """Steps of Taylor series whose order and length follow from the digits wanted.

    The order is ``1 + log(1/eps) / 2`` and a step is the radius of convergence, as the last two coefficients show
    it, divided by e^2: near the least work for eps, and a truncation error near eps.

    Parameters
    ----------
    dps
        Decimal digits of the results, >= 15; eps is ``10**-(dps + 6)``.

    Raises
    ------
    InvalidInput
        If `dps` is below 15.

    References
    ----------
    Jorba and Zou (2005), A software package for the numerical integration of ODEs by means of high-order Taylor
    methods, Exp. Math. 14, 99-117, section 3.
    """

    dps: int = 30
    ctx: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ctx", _context(integer("dps", self.dps, low=15)))

    @property
    def name(self) -> str:
        return "Taylor"

    @property
    def order(self) -> int:
        """Degree of the polynomials."""
        return 2 + int((self.dps + 6) * log(10) / 2)

    def number(self, value: Any) -> Any:
        return self.ctx.convert(value) if hasattr(value, "_mpf_") else exact(self.ctx, value)

    def path(self, rate: Rate, x0: Vector, duration: Any) -> TaylorPath:
        return TaylorPath(self, rate, self.points(rate, list(x0), self.ctx.zero, duration, 1))

    def points(self, rate: Rate, x: list[Any], start: Any, stop: Any, direction: int) -> list[Point]:
        """Times and states from `start` to `stop`; ``dx/ds = rate(t, x)`` with ``t = start + direction s``."""
        t, points = start, [(start, x)]
        while (left := abs(stop - t)) > 0:
            series = self._expanded(rate, x, variable(self.ctx, t, direction))
            step = min(left, self._step(series))
            t = stop if step == left else t + direction * step
            x = [self._value(one, step) for one in series]
            points.append((t, x))
        return points

    def _expanded(self, rate: Rate, x: list[Any], t: Series) -> list[Series]:
        rates: list[Any] = []

        def of(j: int) -> Callable[[], Series]:
            return lambda: rates[j]

        series = [solution(self.ctx, start, of(j)) for j, start in enumerate(x)]
        rates += [one if isinstance(one, Series) else 0 * t + one for one in rate(t, series)]
        return series

    def _step(self, series: list[Series]) -> Any:
        """The least radius of convergence, divided by e^2; a constant series has none."""
        size = max(self.ctx.one, *(abs(one[0]) for one in series))
        radii = [
            (size / last) ** (self.ctx.one / k)
            for k in (self.order - 1, self.order)
            if (last := max(abs(one[k]) for one in series))
        ]
        return min(radii, default=self.ctx.inf) / self.ctx.e**2

    def _value(self, series: Series, step: Any) -> Any:
        total = self.ctx.zero
        for c in reversed(series.head(self.order + 1)):
            total = total * step + c
        return total


@dataclass(frozen=True)
class TaylorPath:
    """The states at the ends of all steps."""

    integrator: TaylorSeries
    rate: Rate
    points: list[Point]

    @property
    def end(self) -> list[Any]:
        return self.points[-1][1]

    def back(self, rate: RateAlong, y: Vector) -> list[Any]:
        """State y at t = 0; x is integrated back with it, anew from each stored state, so its errors do not grow."""
        n, state = len(self.end), list(y)

        def joint(t: Any, z: Vector) -> list[Any]:
            return [*(-dx for dx in self.rate(t, z[:n])), *rate(t, z[:n], z[n:])]

        for (stop, x), (start, _) in pairwise(self.points[::-1]):
            state = self.integrator.points(joint, [*x, *state], stop, start, -1)[-1][1][n:]
        return state
