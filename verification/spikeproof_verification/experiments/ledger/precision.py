"""The ledger's arithmetic: 60 digits, difference quotients, quadrature, relative residuals."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mpmath import MPContext

Number = Any  # an mpf of `mp`
Vector = Sequence[Number]

mp = MPContext()
mp.dps = 60
STEP = mp.mpf(10) ** -16  # of central differences: first derivatives are good to about 32 digits, mixed ones to 28
TINY_STEP = mp.mpf(10) ** -24  # of one-sided differences, whose error is of first order
NODES = 16  # of each Gauss-Legendre panel


def derivative(function: Callable[[Number], Number], x: Number, step: Number = STEP) -> Number:
    """The central difference quotient of a scalar function at `x`."""
    return (function(x + step) - function(x - step)) / (2 * step)


def derivatives(function: Callable[[Number], Vector], x: Number) -> list[Number]:
    """The central difference quotients of a vector-valued function at `x`."""
    return [(after - before) / (2 * STEP) for after, before in zip(function(x + STEP), function(x - STEP), strict=True)]


def gradient(function: Callable[[Vector], Number], x: Vector) -> list[Number]:
    """The partial derivatives of a scalar function at the point `x`."""
    return [
        derivative(lambda value, place=place: function([*x[:place], value, *x[place + 1 :]]), x[place])  # type: ignore[misc]
        for place in range(len(x))
    ]


def dot(left: Vector, right: Vector) -> Number:
    """The scalar product."""
    return mp.fdot(zip(left, right, strict=True))


def integral(function: Callable[[Number], Number], knots: Sequence[Number]) -> Number:
    """The integral from the first to the last of `knots`, a Gauss-Legendre panel between each two."""
    total = mp.mpf(0)
    for low, high in itertools.pairwise(knots):
        middle, half = (low + high) / 2, (high - low) / 2
        total += half * mp.fsum(weight * function(middle + half * node) for node, weight in _gauss_legendre(NODES))
    return total


def integrals(function: Callable[[Number], Vector], knots: Sequence[Number]) -> list[Number]:
    """The integrals, as by `integral`, of a vector-valued function."""
    total: list[Number] = []
    for low, high in itertools.pairwise(knots):
        middle, half = (low + high) / 2, (high - low) / 2
        for node, weight in _gauss_legendre(NODES):
            values = function(middle + half * node)
            total = total or [mp.mpf(0)] * len(values)
            total = [t + half * weight * value for t, value in zip(total, values, strict=True)]
    return total


def panels(low: Number, high: Number, count: int) -> list[Number]:
    """`count` equal panels from `low` to `high`, as knots."""
    return [low + (high - low) * n / count for n in range(count + 1)]


def residual(left: Any, right: Any, *terms: Any) -> float:
    """The largest difference of two sides, relative to the largest number in them and in `terms`.

    Sides are numbers or sequences of any depth, of equal shape; `terms` are what was summed, for sides that are 0. It
    is NaN if all is 0, since nothing was compared then, and infinite if a number is not finite.
    """
    lefts, rights = list(_flat(left)), list(_flat(right))
    numbers = (*lefts, *rights, *_flat(terms))
    size = max(map(abs, numbers))
    if not all(map(mp.isfinite, numbers)):
        return math.inf
    if size == 0:
        return math.nan
    return float(max(abs(a - b) for a, b in zip(lefts, rights, strict=True)) / size)


def _flat(values: Any) -> Iterable[Number]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    else:
        yield mp.mpf(values)


@functools.cache
def _gauss_legendre(count: int) -> tuple[tuple[Number, Number], ...]:
    """Nodes and weights on (-1, 1): the roots of the Legendre polynomial, by Newton's method."""
    rule = []
    for k in range(1, count + 1):
        x = mp.cos(mp.pi * (k - mp.mpf(1) / 4) / (count + mp.mpf(1) / 2))
        for _ in range(8):
            value, slope = _legendre(count, x)
            x -= value / slope
        _, slope = _legendre(count, x)
        rule.append((x, 2 / ((1 - x * x) * slope**2)))
    return tuple(rule)


def _legendre(degree: int, x: Number) -> tuple[Number, Number]:
    before, value = mp.mpf(1), x
    for k in range(2, degree + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, degree * (x * value - before) / (x * x - 1)
