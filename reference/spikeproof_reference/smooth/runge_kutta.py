"""Runge-Kutta methods of SciPy, with dense output for the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.integrate import solve_ivp

from spikeproof.errors import InvalidInput
from spikeproof.numbers import positive
from spikeproof_reference.smooth.path import Rate, RateAlong
from spikeproof_reference.smooth.problem import Vector


@dataclass(frozen=True)
class RungeKutta:
    """SciPy's ``solve_ivp`` in float64.

    Parameters
    ----------
    method
        ``"DOP853"``, explicit of order 8; or ``"Radau"``, implicit of order 5, for stiff systems.
    rtol
        Local error relative to the state, >= 1e-13.
    atol
        Local error that is accepted of a state near 0, in its unit.

    Raises
    ------
    InvalidInput
        If the method is unknown, or a tolerance is outside its range.
    """

    method: Literal["DOP853", "Radau"] = "DOP853"
    rtol: float = 1e-12
    atol: float = 1e-14

    def __post_init__(self) -> None:
        if self.method not in ("DOP853", "Radau"):
            raise InvalidInput("method", self.method, "'DOP853' or 'Radau'")
        if positive("rtol", self.rtol) < 1e-13:
            raise InvalidInput("rtol", self.rtol, "at least 1e-13: below it rounding decides")
        positive("atol", self.atol)

    @property
    def name(self) -> str:
        return self.method

    def number(self, value: Any) -> float:
        return float(value)

    def path(self, rate: Rate, x0: Vector, duration: Any) -> DensePath:
        return DensePath(self, self.solved(rate, 0.0, x0, duration))

    def solved(self, rate: Rate, start: float, x0: Vector, stop: float) -> Any:
        """The result of ``solve_ivp``, with dense output.

        Raises
        ------
        ArithmeticError
            If the method fails, with SciPy's reason.
        """
        result = solve_ivp(rate, (start, stop), x0, self.method, dense_output=True, rtol=self.rtol, atol=self.atol)
        if not result.success:
            raise ArithmeticError(f"{self.method} from {start} to {stop}: {result.message}")
        return result


@dataclass(frozen=True)
class DensePath:
    """A solution with its interpolants."""

    integrator: RungeKutta
    result: Any

    @property
    def end(self) -> list[float]:
        return self.result.y[:, -1].tolist()  # type: ignore[no-any-return]

    def back(self, rate: RateAlong, y: Vector) -> list[float]:
        x, stop = self.result.sol, self.result.t[-1]

        def reversed_rate(r: float, state: Vector) -> Any:
            return np.asarray(rate(stop - r, x(stop - r), state))

        return self.integrator.solved(reversed_rate, 0.0, y, stop).y[:, -1].tolist()  # type: ignore[no-any-return]
