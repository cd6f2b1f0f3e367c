"""Power series whose coefficients are computed on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Rule: TypeAlias = Callable[[int], Any]


class Series:
    """``sum over k of c_k s**k``; ``series[k]`` is c_k.

    Arithmetic of series makes series. A coefficient may depend on earlier ones of any series that depends on it, so
    the solution of a differential equation is written as ``x = solution(x0, lambda: f(x))``.

    Parameters
    ----------
    ctx
        The mpmath context of the coefficients; ``mpmath.fp`` for floats.
    rule
        Called once for every k, in ascending order.

    References
    ----------
    McIlroy (1999), Power series, power serious, J. Funct. Program. 9, 325-337; Griewank and Walther (2008),
    Evaluating Derivatives, table 13.2.
    """

    __array_priority__ = 1000  # arrays leave arithmetic with series to the series

    def __init__(self, ctx: Any, rule: Rule) -> None:
        self.ctx, self.rule = ctx, rule
        self.known: list[Any] = []

    def __getitem__(self, k: int) -> Any:
        while len(self.known) <= k:
            self.known.append(self.rule(len(self.known)))
        return self.known[k]

    def head(self, n: int) -> list[Any]:
        """The first `n` coefficients."""
        return [self[k] for k in range(n)]

    def __neg__(self) -> Series:
        return Series(self.ctx, lambda k: -self[k])

    def __add__(self, other: Any) -> Series:
        if isinstance(other, Series):
            return Series(self.ctx, lambda k: self[k] + other[k])
        return Series(self.ctx, lambda k: self[k] if k else self[0] + other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Series:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Series:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Series:
        if isinstance(other, Series):
            return Series(self.ctx, lambda k: _dot(self.ctx, self.head(k + 1), other.head(k + 1)))
        return Series(self.ctx, lambda k: self[k] * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series(self.ctx, lambda k: self[k] / other)
        quotient = Series(
            self.ctx, lambda k: (self[k] - _dot(self.ctx, quotient.known, other.head(k + 1)[1:])) / other[0]
        )
        return quotient

    def __rtruediv__(self, other: Any) -> Series:
        return constant(self.ctx, other) / self

    def __pow__(self, power: int) -> Series:
        if not isinstance(power, int) or power < 1:
            return NotImplemented
        return self if power == 1 else self * self ** (power - 1)

    def exp(self) -> Series:
        """The exponential: ``k e_k = sum of j x_j e_(k-j)``."""

        def rule(k: int) -> Any:
            if k == 0:
                return self.ctx.exp(self[0])
            return _dot(self.ctx, result.known, [j * self[j] for j in range(1, k + 1)]) / k

        result = Series(self.ctx, rule)
        return result

    def log(self) -> Series:
        """The natural logarithm, by ``x log(x)' = x'``."""
        slope = derivative(self) / self
        return Series(self.ctx, lambda k: slope[k - 1] / k if k else self.ctx.ln(self[0]))


def constant(ctx: Any, value: Any) -> Series:
    """The series of a number."""
    return Series(ctx, lambda k: ctx.zero if k else ctx.convert(value))


def variable(ctx: Any, start: Any, slope: int = 1) -> Series:
    """The series ``start + slope s``."""
    return Series(ctx, lambda k: (start, ctx.one * slope)[k] if k < 2 else ctx.zero)


def solution(ctx: Any, start: Any, rate: Callable[[], Series]) -> Series:
    """The series x with ``x(0) = start`` and ``dx/ds = rate()``, which may depend on x."""
    return Series(ctx, lambda k: rate()[k - 1] / k if k else start)


def derivative(series: Series) -> Series:
    """The derivative of `series`."""
    return Series(series.ctx, lambda k: (k + 1) * series[k + 1])


def _dot(ctx: Any, a: list[Any], b: list[Any]) -> Any:
    """``sum of a_j b_(n-1-j)``: one coefficient of a product."""
    return ctx.fdot(a, b[::-1])
