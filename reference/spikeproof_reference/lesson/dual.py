"""Dual numbers x + e dx with e^2 = 0: any arithmetic on them carries a derivative forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dual:
    """A number and its derivative.

    Attributes
    ----------
    x : any real number, such as a float, a Fraction or an mpmath number.
    dx : its derivative, a number of the same kind.
    """

    x: Any
    dx: Any

    def __add__(self, other: Any) -> Dual:
        o = lifted(other)
        return Dual(self.x + o.x, self.dx + o.dx)

    def __neg__(self) -> Dual:
        return Dual(-self.x, -self.dx)

    def __sub__(self, other: Any) -> Dual:
        return self + -lifted(other)

    def __rsub__(self, other: Any) -> Dual:
        return lifted(other) + -self

    def __mul__(self, other: Any) -> Dual:
        o = lifted(other)
        return Dual(self.x * o.x, self.x * o.dx + self.dx * o.x)

    def __truediv__(self, other: Any) -> Dual:
        o = lifted(other)
        quotient = self.x / o.x
        return Dual(quotient, (self.dx - quotient * o.dx) / o.x)

    def __rtruediv__(self, other: Any) -> Dual:
        return lifted(other) / self

    def __lt__(self, other: Any) -> bool:
        return bool(self.x < lifted(other).x)

    def __gt__(self, other: Any) -> bool:
        return bool(self.x > lifted(other).x)

    __radd__ = __add__
    __rmul__ = __mul__


def lifted(number: Any) -> Dual:
    """`number` as a dual number; one that is none has derivative 0."""
    return number if isinstance(number, Dual) else Dual(number, 0 * number)


def detached(number: Any) -> Any:
    """`number` as a constant: without its derivative, if it has one."""
    return number.x if isinstance(number, Dual) else number


def chained(function: Callable[[Any], Any], derivative: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of numbers that takes dual ones too, by the chain rule with the `derivative` that is given.

    Parameters
    ----------
    function, derivative : callable
        Of a number. Nothing checks that the second is the derivative of the first: a surrogate is not.

    Returns
    -------
    callable
    """

    def both(number: Any) -> Any:
        if isinstance(number, Dual):
            return Dual(function(number.x), derivative(number.x) * number.dx)
        return function(number)

    return both
