"""Gauss-Legendre quadrature that refines itself until it has converged to the working precision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from mpmath import MPContext

ORDERS = (10, 20, 40)
DEPTH = 60  # most bisections of an interval


class NotConverged(ArithmeticError):
    """The integrand is not smooth between events."""


class Panel(NamedTuple):
    """Nodes and weights of one interval, and what the integrand returned for these nodes."""

    times: list[Any]
    weights: list[Any]
    result: Any


# called with nodes; returns numbers per node whose integrals must converge, and anything that is to be kept
Integrand = Callable[[list[Any]], tuple[list[list[Any]], Any]]


def panels(ctx: Any, integrand: Integrand, a: Any, b: Any, depth: int = 0) -> Iterator[Panel]:
    """Panels that integrate from a to b (b < a counts negative).

    The rule of order 2n has about the square of the relative error of that of order n, as long as the integrand is
    analytic around the interval: they need to agree to 0.6 of the digits only.

    Raises
    ------
    NotConverged
        If that is not reached after `DEPTH` bisections.
    """
    if a == b:
        return
    last: tuple[list[Any], list[Any]] | None = None
    for order in ORDERS:
        times, weights = _scaled(ctx, order, a, b)
        rows, result = integrand(times)
        sums = [sum((w * row[c] for w, row in zip(weights, rows, strict=True)), ctx.zero) for c in range(len(rows[0]))]
        sizes = [
            sum((abs(w * row[c]) for w, row in zip(weights, rows, strict=True)), ctx.zero) for c in range(len(rows[0]))
        ]
        if last is not None and _agree(ctx, last[0], sums, sizes):
            yield Panel(times, weights, result)
            return
        last = (sums, sizes)
    if depth == DEPTH:
        raise NotConverged(f"between t = {ctx.nstr(a, 17)} and {ctx.nstr(b, 17)}")
    middle = (a + b) / 2
    yield from panels(ctx, integrand, a, middle, depth + 1)
    yield from panels(ctx, integrand, middle, b, depth + 1)


def _agree(ctx: Any, coarse: list[Any], fine: list[Any], sizes: list[Any]) -> bool:
    threshold = ctx.mpf(10) ** -int(0.6 * ctx.dps)
    return all(abs(a - b) <= threshold * size for a, b, size in zip(coarse, fine, sizes, strict=True))


def _scaled(ctx: Any, order: int, a: Any, b: Any) -> tuple[list[Any], list[Any]]:
    rule = legendre(order, ctx.prec)
    half, middle = (b - a) / 2, (a + b) / 2
    return [middle + half * ctx.convert(x) for x, _ in rule], [half * ctx.convert(w) for _, w in rule]


@lru_cache(maxsize=32)
def legendre(order: int, prec: int) -> list[tuple[Any, Any]]:
    """Nodes in (-1, 1) and weights of the Gauss-Legendre rule: zeros of P_n by Newton's method, 2/((1-x^2) P_n'^2)."""
    ctx = MPContext()
    ctx.prec = prec + 20
    rule = []
    for k in range(order):
        x = ctx.cos(ctx.pi * (4 * k + 3) / (4 * order + 2))
        for _ in range(prec.bit_length() + 2):
            value, slope = _polynomial(ctx, order, x)
            step = value / slope
            x -= step
            if abs(step) < ctx.mpf(2) ** -(prec + 10):
                break
        slope = _polynomial(ctx, order, x)[1]
        rule.append((x, 2 / ((1 - x * x) * slope * slope)))
    return rule


def _polynomial(ctx: Any, order: int, x: Any) -> tuple[Any, Any]:
    """P_n and its derivative by the three-term recurrence."""
    last, value = ctx.one, x
    for n in range(2, order + 1):
        last, value = value, ((2 * n - 1) * x * value - (n - 1) * last) / n
    return value, order * (x * value - last) / (x * x - 1)
