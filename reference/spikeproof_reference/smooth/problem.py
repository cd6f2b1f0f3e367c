"""A smooth system and the integral over its trajectory whose gradient is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from spikeproof.errors import InvalidInput
from spikeproof.numbers import positive

Vector: TypeAlias = Sequence[Any]
Matrix: TypeAlias = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class SmoothProblem:
    """Loss of the trajectory of an ordinary differential equation.

    ::

        dx/dt = F(x, p)        x(0) = x0(p)        L = integral of l(x, t) dt over [0, T]

    All functions are written with arithmetic operators, and methods such as ``x.exp()`` of `Series`: they are called
    with floats, with mpmath numbers and with power series.

    Parameters
    ----------
    name : str
    f, df_dx, df_dp
        F, shape (n,), and its Jacobians, shapes (n, n) and (n, n_p), called with (x, p).
    density, ddensity_dx
        l and dl/dx, shape (n,), called with (x, t).
    x0, dx0_dp
        The initial state, shape (n,), and its Jacobian, shape (n, n_p), called with p.
    duration
        T > 0.
    p
        The parameters, shape (n_p,).

    Raises
    ------
    InvalidInput
        If there is no state or no parameter, or if a function returns other lengths.

    References
    ----------
    docs/theory.md (smooth-system); Wunderlich and Pehle (2021), eqs. 15 and 16, with an initial state that may
    depend on p.
    """

    name: str
    f: Callable[[Vector, Vector], Vector]
    df_dx: Callable[[Vector, Vector], Matrix]
    df_dp: Callable[[Vector, Vector], Matrix]
    density: Callable[[Vector, Any], Any]
    ddensity_dx: Callable[[Vector, Any], Vector]
    x0: Callable[[Vector], Vector]
    dx0_dp: Callable[[Vector], Matrix]
    duration: Any
    p: Vector

    def __post_init__(self) -> None:
        positive("duration", self.duration)
        x, p = self.x0(self.p), self.p
        n, n_p = len(x), len(p)
        if not n or not n_p:
            raise InvalidInput("x0 and p", (n, n_p), "at least one state and one parameter")
        matrices = (("df_dx", self.df_dx(x, p), n), ("df_dp", self.df_dp(x, p), n_p), ("dx0_dp", self.dx0_dp(p), n_p))
        for field, matrix, columns in matrices:
            _check(field, [len(matrix), *map(len, matrix)], [n] + [columns] * n)
        for field, vector in (("f", self.f(x, p)), ("ddensity_dx", self.ddensity_dx(x, 0 * x[0]))):
            _check(field, [len(vector)], [n])


def _check(field: str, lengths: list[int], wanted: list[int]) -> None:
    if lengths != wanted:
        raise InvalidInput(field, f"lengths {lengths}", f"lengths {wanted} (of the result, then of its rows)")
