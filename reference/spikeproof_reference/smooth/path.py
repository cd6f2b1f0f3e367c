"""The interface of an integrator of smooth systems: forward from the initial state, and backward along the solution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from spikeproof_reference.smooth.problem import Vector

Rate: TypeAlias = Callable[[Any, Vector], Vector]
RateAlong: TypeAlias = Callable[[Any, Vector, Vector], Vector]


class Path(Protocol):
    """A solution from t = 0 on that can be followed backward."""

    @property
    def end(self) -> list[Any]:
        """The state at the end."""
        ...

    def back(self, rate: RateAlong, y: Vector) -> list[Any]:
        """State y at t = 0 from y at the end, for ``-dy/dt = rate(t, x(t), y)``."""
        ...


class Integrator(Protocol):
    """A method that solves initial value problems."""

    @property
    def name(self) -> str:
        """Name of the method in tables."""
        ...

    def number(self, value: Any) -> Any:
        """`value` in the arithmetic of the method."""
        ...

    def path(self, rate: Rate, x0: Vector, duration: Any) -> Path:
        """Solution of ``dx/dt = rate(t, x)`` from ``x(0) = x0``."""
        ...
