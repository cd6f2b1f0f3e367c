"""Gauss-Legendre quadrature that refines itself until it has converged to the digits in demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import log10
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from mpmath import MPContext

from spikeproof_reference.mp.precision import GUARD

ORDERS = (4, 5, 6, 8, 10, 12, 16, 20, 24)  # of the coarser of two rules
HIGHEST = 48
DEPTH = 60  # most bisections of an interval


class NotConverged(ArithmeticError):
    """The integrand is not smooth between events."""


class Panel(NamedTuple):
    """Nodes and weights of one interval, and what the integrand returned for these nodes."""

    times: list[Any]
    weights: list[Any]
    result: Any


# called with nodes; returns columns of numbers whose integrals must converge, and anything that is to be kept
Integrand = Callable[[list[Any]], tuple[list[list[Any]], Any]]


class Quadrature:
    """Panels that integrate to 10 digits more than the results are to have.

    The rule of order 2n has about the square of the relative error of that of order n, as long as the integrand is
    analytic around the interval: two rules need to agree to 0.6 of the digits only. What happens between an end and
    the node next to it no rule sees, so the polynomial through the nodes must also meet the integrand at the ends.

    Parameters
    ----------
    ctx
        Context of the numbers.
    unit
        Time over which the integrand changes: with it the first order is guessed, nothing else.
    floor
        Sizes of the columns, whose last digits do not count: a column may be far smaller somewhere than it is in all.
    """

    def __init__(self, ctx: Any, unit: Any, floor: Sequence[Any] | None = None) -> None:
        self.ctx, self.unit = ctx, unit
        self.digits = 0.6 * (ctx.dps - GUARD + 10)
        self.threshold = ctx.mpf(10) ** -int(self.digits)
        least = ctx.mpf(10) ** -(ctx.dps - GUARD + 10)
        self.floor = None if floor is None else [size * least / self.threshold for size in floor]

    def nodes(self, a: Any, b: Any, order: int) -> tuple[list[Any], list[Any]]:
        """Nodes and weights of a rule from a to b."""
        return _scaled(self.ctx, order, a, b)

    def looked_at(self, integrand: Integrand, a: Any, b: Any, order: int) -> Iterator[Panel]:
        """Panels from a to b, one if a rule of so many nodes sees nothing above the floor."""
        assert self.floor is not None
        times, weights = self.nodes(a, b, order)
        columns, result = integrand(times)
        if all(abs(x) <= self.threshold * least for c, least in zip(columns, self.floor, strict=True) for x in c):
            yield Panel(times, weights, result)
        else:
            yield from self.panels(integrand, a, b, order)

    def panels(self, integrand: Integrand, a: Any, b: Any, lowest: int = ORDERS[0]) -> Iterator[Panel]:
        """Panels from a to b (b < a counts negative); no rule has fewer than `lowest` nodes.

        A column counts as converged relative to its largest number so far or at a or b: a tail that has decayed is not
        divided until it is exact by itself.

        Raises
        ------
        NotConverged
            If the rules do not agree after `DEPTH` bisections.
        """
        if a != b:
            known = [max(map(abs, c)) for c in integrand([a, b])[0]]
            if self.floor is not None:
                known = [max(pair) for pair in zip(known, self.floor, strict=True)]
            yield from self._divided(integrand, a, b, known, lowest, DEPTH)

    def _divided(
        self, integrand: Integrand, a: Any, b: Any, known: list[Any], lowest: int, depth: int
    ) -> Iterator[Panel]:
        """Panels from a to b, where the columns are as large as `known` somewhere."""
        order, coarse = max(lowest, _guessed_order(float(abs(b - a) / self.unit), self.digits)), None
        while order <= HIGHEST:
            times, weights = _scaled(self.ctx, order, a, b)
            columns, result = integrand(times)
            fine = [sum(map(mul, weights, column), self.ctx.zero) for column in columns]
            sizes = known = [max(size, *map(abs, c)) for size, c in zip(known, columns, strict=True)]
            if coarse is not None and self._agree(coarse, fine, [abs(b - a) * size for size in sizes]):
                if not self._meets(integrand, a, b, order, columns, sizes):
                    break
                yield Panel(times, weights, result)
                return
            order, coarse = 2 * order, fine
        if depth == 0:
            raise NotConverged(f"between t = {self.ctx.nstr(a, 17)} and {self.ctx.nstr(b, 17)}")
        middle = (a + b) / 2
        yield from self._divided(integrand, a, middle, known, lowest, depth - 1)
        yield from self._divided(integrand, middle, b, known, lowest, depth - 1)

    def _meets(
        self, integrand: Integrand, a: Any, b: Any, order: int, columns: list[list[Any]], sizes: list[Any]
    ) -> bool:
        """True if the polynomials through the nodes continue to what the integrand is at both ends."""
        at_ends = integrand([a, b])[0]
        last = [self.ctx.make_mpf(c) for c in extrapolation(order, self.ctx.prec)]
        for way, k in ((last[::-1], 0), (last, 1)):
            found = [sum(map(mul, way, column), self.ctx.zero) for column in columns]
            if not self._agree(found, [column[k] for column in at_ends], sizes, 5 / 6):
                return False
        return True

    def _agree(self, coarse: list[Any], fine: list[Any], sizes: list[Any], part: float = 1.0) -> bool:
        threshold = self.threshold if part == 1.0 else self.ctx.mpf(10) ** -int(part * self.digits)
        return all(abs(a - b) <= threshold * size for a, b, size in zip(coarse, fine, sizes, strict=True))


def _guessed_order(ratio: float, digits: float) -> int:
    """Order whose error for exp(-2 t/unit), ``(2 ratio e/(8 n))**(2 n)``, is small enough; or the largest."""
    for order in ORDERS[:-1]:
        if ratio == 0.0 or 2 * order * log10(2 * ratio * 2.72 / (8 * order)) < -digits:
            return order
    return ORDERS[-1]


def _scaled(ctx: Any, order: int, a: Any, b: Any) -> tuple[list[Any], list[Any]]:
    rule = legendre(order, ctx.prec)
    half, middle = (b - a) / 2, (a + b) / 2
    return [middle + half * ctx.make_mpf(x) for x, _ in rule], [half * ctx.make_mpf(w) for _, w in rule]


@lru_cache(maxsize=64)
def legendre(order: int, prec: int) -> list[tuple[Any, Any]]:
    """Nodes in (-1, 1) and weights of the Gauss-Legendre rule, as tuples that any context makes numbers of.

    Zeros of P_n by Newton's method from their values in float64, and ``2/((1 - x^2) P_n'(x)^2)``.
    """
    ctx = MPContext()
    ctx.prec = prec + 20
    right = []
    for start in np.polynomial.legendre.leggauss(order)[0][order // 2 :]:
        x = ctx.mpf(float(start))
        for _ in range((prec // 40).bit_length() + 1):
            value, slope = _polynomial(ctx, order, x)
            x -= value / slope
        slope = _polynomial(ctx, order, x)[1]
        right.append((x, 2 / ((1 - x * x) * slope * slope)))
    left = [(-x, w) for x, w in right[order % 2 :]][::-1]
    return [(x._mpf_, w._mpf_) for x, w in left + right]


@lru_cache(maxsize=64)
def extrapolation(order: int, prec: int) -> list[Any]:
    """Coefficients, as tuples, that take the values at the nodes to that of their polynomial at 1 (barycentric form).

    References
    ----------
    Berrut and Trefethen (2004), Barycentric Lagrange interpolation, SIAM Review 46, 501-517; the weights of Legendre
    points are ``(-1)^k sqrt((1 - x_k^2) w_k)``.
    """
    ctx = MPContext()
    ctx.prec = prec + 20
    rule = [(ctx.make_mpf(x), ctx.make_mpf(w)) for x, w in legendre(order, prec)]
    terms = [(-1) ** k * ctx.sqrt((1 - x * x) * w) / (1 - x) for k, (x, w) in enumerate(rule)]
    total = sum(terms, ctx.zero)
    return [(term / total)._mpf_ for term in terms]


def _polynomial(ctx: Any, order: int, x: Any) -> tuple[Any, Any]:
    """P_n and its derivative by the three-term recurrence."""
    last, value = ctx.one, x
    for n in range(2, order + 1):
        last, value = value, ((2 * n - 1) * x * value - (n - 1) * last) / n
    return value, order * (x * value - last) / (x * x - 1)
