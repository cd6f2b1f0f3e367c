"""Initial value problems by Taylor series: no closed form of any solution is used.

A field states the derivative of each component as a sum of terms, each a coefficient times at most two components::

    dx_a/dt = sum over terms of a: coefficient * x_b * x_c

which holds the flow of neurons, of their adjoint and of the smooth systems of the adjoint method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikeproof_verification.ledger.precision import Number, Vector, mp

Term = tuple[Number, tuple[int, ...]]
Field = Sequence[Sequence[Term]]
Series = Sequence[Sequence[Number]]  # of each component, its Taylor coefficients

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
        return _horner(self.series[panel][n], t - self.knots[panel])

    def at(self, t: Number) -> list[Number]:
        """The values of all components at `t`."""
        panel = self._panel(t)
        return [_horner(coefficients, t - self.knots[panel]) for coefficients in self.series[panel]]

    def slope(self, t: Number) -> list[Number]:
        """The derivatives of the polynomials at `t`."""
        panel = self._panel(t)
        dt = t - self.knots[panel]
        return [_horner([k * c for k, c in enumerate(series)][1:], dt) for series in self.series[panel]]

    def _panel(self, t: Number) -> int:
        inner = self.knots[1:-1]
        if self.knots[-1] > self.knots[0]:
            return sum(1 for knot in inner if knot <= t)
        return sum(1 for knot in inner if knot >= t)


def integrate(field: Field, start: Number, state: Vector, end: Number, step: Number) -> Path:
    """The solution through `state` at time `start`, followed to `end` (forward or backward) in steps of at most `step`."""
    count = max(1, int(mp.ceil(abs(end - start) / step)))
    knots = [start + (end - start) * n / count for n in range(count + 1)]
    pieces = []
    for here, there in zip(knots, knots[1:], strict=False):
        series = taylor(field, state)
        state = [_horner(coefficients, there - here) for coefficients in series]
        pieces.append(series)
    return Path(tuple(knots), tuple(pieces))


def taylor(field: Field, state: Vector) -> Series:
    """The Taylor coefficients of the solution through `state`, up to `ORDER`."""
    series = [[value] for value in state]
    for k in range(ORDER):
        more = [mp.fsum(_coefficient(term, series, k) for term in terms) / (k + 1) for terms in field]
        for coefficients, value in zip(series, more, strict=True):
            coefficients.append(value)
    return series


def _coefficient(term: Term, series: Sequence[Sequence[Number]], k: int) -> Number:
    factor, names = term
    if not names:
        return factor if k == 0 else mp.mpf(0)
    if len(names) == 1:
        return factor * series[names[0]][k]
    a, b = (series[name] for name in names)
    return factor * mp.fdot(zip(a[: k + 1], reversed(b[: k + 1]), strict=True))


def _horner(coefficients: Sequence[Number], t: Number) -> Number:
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * t + coefficient
    return value
