"""The first root of a polynomial on [0, 1], isolated by Bernstein coefficients: none is missed, however close two are.

A polynomial lies between the least and the largest of its Bernstein coefficients, and has no more roots than these
have changes of sign (Descartes). Halving the interval makes both statements sharp.

References
----------
Lane and Riesenfeld (1981), Bounds on a polynomial, BIT 21, 112-117; Farouki (2012), The Bernstein polynomial basis:
a centennial retrospective, Comput. Aided Geom. Des. 29, 379-419.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import Any


class Unresolved(ArithmeticError):
    """The polynomial touches 0, or crosses it too slowly, to the given noise."""


@dataclass(frozen=True)
class Polynomial:
    """``sum over k of a_k u**k`` for u in [0, 1].

    Parameters
    ----------
    ctx
        The mpmath context of the coefficients; ``mpmath.fp`` for floats.
    coefficients : list, shape (degree + 1,)
    noise
        Values closer to 0 than this cannot be distinguished from 0; > 0.
    slope_floor
        A root with a smaller derivative is not resolved; > 0. A double root is recognised as such if this is some
        times ``sqrt(noise)``, in units of the curvature.
    """

    ctx: Any
    coefficients: list[Any]
    noise: Any
    slope_floor: Any

    def value(self, u: Any) -> tuple[Any, Any]:
        """Value and derivative at `u`."""
        value, slope = self.ctx.zero, self.ctx.zero
        for a in reversed(self.coefficients):
            slope = slope * u + value
            value = value * u + a
        return value, slope

    def cannot_cross(self) -> bool:
        """True if the largest value of the quadratic part plus the sum of all other terms shows no crossing."""
        a, b, c = [*self.coefficients, 0, 0][:3]
        top = max(a, a + b + c)
        if c < 0 < b < -2 * c:
            top = a - b * b / (4 * c)
        return bool(top + sum(map(abs, self.coefficients[3:])) < -self.noise)

    def first_crossing(self) -> Any | None:
        """The first root, which must be approached from below; None if there is none.

        Raises
        ------
        Unresolved
            If the polynomial does not start below 0, or comes closer to 0 than the noise without crossing it clearly.
        """
        if self.cannot_cross():
            return None
        bernstein = self._bernstein()
        if bernstein[0] >= 0:
            return self._started_at_zero()
        waiting = [(self.ctx.zero, self.ctx.one, bernstein)]
        while waiting:
            low, width, b = waiting.pop()
            if max(b) < -self.noise:
                continue
            if b[0] < 0 <= b[-1] and _variations(b) == 1:
                return self._checked(self._root(low, low + width))
            if max(map(abs, b)) <= self.noise or width < self.ctx.eps:
                if b[-1] - b[0] < self.slope_floor * width:
                    raise Unresolved(f"comes within {float(abs(max(b))):.3g} of 0 at u = {float(low):.6g}")
                if b[-1] >= 0:
                    return self._checked(low + width)
                continue
            left, right = _halves(b)
            waiting += [(low + width / 2, width / 2, right), (low, width / 2, left)]
        return None

    def _started_at_zero(self) -> Any:
        value, slope = self.value(self.ctx.zero)
        if value > self.noise or slope < self.slope_floor:
            raise Unresolved(f"starts at {value}, with slope {slope}")
        return self.ctx.zero

    def _checked(self, u: Any) -> Any:
        slope = self.value(u)[1]
        if slope < self.slope_floor:
            raise Unresolved(f"crosses 0 at u = {u} with slope {slope}")
        return u

    def _root(self, low: Any, high: Any) -> Any:
        """The only root in a bracket: Newton's method, halving where it leaves the bracket."""
        u, rounding = (low + high) / 2, self.ctx.eps * sum(map(abs, self.coefficients))
        for _ in range(8 * self.ctx.prec):
            value, slope = self.value(u)
            low, high = (u, high) if value < 0 else (low, u)
            step = -value / slope if slope else self.ctx.inf
            if not low <= u + step <= high:
                step = (low + high) / 2 - u
            u += step
            if abs(step) <= 4 * self.ctx.eps or abs(value) <= rounding:
                return u
        raise Unresolved(f"no convergence between {low} and {high}")

    def _bernstein(self) -> list[Any]:
        """Bernstein coefficients: ``b_j = sum over k <= j of C(j, k) / C(n, k) a_k``."""
        n = len(self.coefficients) - 1
        scaled = [a / comb(n, k) for k, a in enumerate(self.coefficients)]
        return [self.ctx.fdot(scaled[: j + 1], [comb(j, k) for k in range(j + 1)]) for j in range(n + 1)]


def _variations(b: list[Any]) -> int:
    signs = [x >= 0 for x in b]
    return sum(p != q for p, q in pairwise(signs))


def _halves(b: list[Any]) -> tuple[list[Any], list[Any]]:
    """De Casteljau's subdivision at 1/2."""
    left, right = [], []
    while b:
        left.append(b[0])
        right.append(b[-1])
        b = [(p + q) / 2 for p, q in pairwise(b)]
    return left, right[::-1]
