"""Initial value problems by Taylor series: no closed form of any solution is used.

A field states the derivative of each component as a sum of terms, each a coefficient times at most two components::

    dx_a/dt = sum over terms of a: coefficient * x_b * x_c

which holds the flow of neurons, of their adjoint and of the smooth systems of the adjoint method. Coefficients are
whole numbers of 2^-BITS: all values are near 1, and whole numbers are several times faster than floating point.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from spikeproof_verification.experiments.ledger.precision import Number, Vector, mp

Term = tuple[Number, tuple[int, ...]]
Field = Sequence[Sequence[Term]]
Series = Sequence[Sequence[int]]  # of each component, its Taylor coefficients

BITS = 240
ORDER = 44  # with steps that keep step * rate near 1/2, the remainder is below 1e-65


@dataclass(frozen=True, eq=False)
class Path:
    """A solution as Taylor polynomials, one panel from each knot to the next; it can be asked beyond its ends.

    Attributes
    ----------
    knots : where the panels start, and where the last one ends; ascending or descending.
    series : of each panel, the coefficients of each component in powers of t - knot.
    """

    knots: tuple[Number, ...]
    series: tuple[Series, ...]

    def component(self, n: int, t: Number) -> Number:
        """The value of component `n` at `t`."""
        panel = self._panel(t)
        return _number(_horner(self.series[panel][n], _fixed(t - self.knots[panel])))

    def at(self, t: Number, count: int | None = None) -> list[Number]:
        """The values of all components at `t`, or of the first `count`."""
        panel = self._panel(t)
        dt = _fixed(t - self.knots[panel])
        return [_number(_horner(coefficients, dt)) for coefficients in self.series[panel][:count]]

    def slope(self, n: int, t: Number) -> Number:
        """The derivative of the polynomial of component `n` at `t`."""
        panel = self._panel(t)
        slopes = [k * c for k, c in enumerate(self.series[panel][n])][1:]
        return _number(_horner(slopes, _fixed(t - self.knots[panel])))

    def _panel(self, t: Number) -> int:
        inner = self.knots[1:-1]
        if self.knots[-1] > self.knots[0]:
            return sum(1 for knot in inner if knot <= t)
        return sum(1 for knot in inner if knot >= t)


def integrate(field: Field, start: Number, state: Vector, end: Number, step: Number) -> Path:
    """The solution through `state` at time `start`, followed to `end`, either way, in steps of at most `step`."""
    count = max(1, int(mp.ceil(abs(end - start) / step)))
    knots = [start + (end - start) * n / count for n in range(count + 1)]
    pieces = []
    for here, there in itertools.pairwise(knots):
        series = taylor(field, state)
        state = Path((here, there), (series,)).at(there)
        pieces.append(series)
    return Path(tuple(knots), tuple(pieces))


def taylor(field: Field, state: Vector) -> Series:
    """The Taylor coefficients of the solution through `state`, up to `ORDER`."""
    series = [[_fixed(value)] for value in state]
    terms = [[(_fixed(factor), names) for factor, names in row] for row in field]
    for k in range(ORDER):
        more = [sum(_coefficient(factor, names, series, k) for factor, names in row) // (k + 1) for row in terms]
        for coefficients, value in zip(series, more, strict=True):
            coefficients.append(value)
    return series


def _coefficient(factor: int, names: tuple[int, ...], series: Sequence[Sequence[int]], k: int) -> int:
    if not names:
        return factor if k == 0 else 0
    if len(names) == 1:
        return (factor * series[names[0]][k]) >> BITS
    a, b = (series[name] for name in names)
    products: int = sum(map(mul, a, reversed(b)))
    return (factor * (products >> BITS)) >> BITS


def _horner(coefficients: Sequence[int], t: int) -> int:
    value = 0
    for coefficient in reversed(coefficients):
        value = ((value * t) >> BITS) + coefficient
    return value


def _fixed(x: Number) -> int:
    return int(mp.ldexp(x, BITS))


def _number(n: int) -> Number:
    return mp.ldexp(mp.mpf(n), -BITS)
