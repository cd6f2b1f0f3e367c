"""SciPy's Runge-Kutta methods; crossings are searched on the interpolant of every step."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from mpmath import fp
from scipy.optimize import brentq

from spikeproof_reference.ode.circuit import Circuit
from spikeproof_reference.ode.polynomial import Polynomial, Unresolved
from spikeproof_reference.ode.trajectory import Adjoint, Density, Held, Slope, State
from spikeproof_reference.smooth.runge_kutta import RungeKutta

DEGREE = 7  # of the interpolants of DOP853; those of Radau have degree 3
NODES = 0.5 - 0.5 * np.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)
COEFFICIENTS = np.linalg.inv(np.vander(NODES, increasing=True))
POLISHING = 3  # Newton steps from the crossing of an interpolant to that of the solution


@dataclass(frozen=True)
class DensePiece:
    """An interval with its interpolants, and the neurons that are held in it."""

    start: float
    stop: float
    end: State
    solution: Any
    held: Held


class RungeKuttaMethod:
    """Pieces by ``solve_ivp``.

    SciPy's own event functions look at the ends of a step only and miss two crossings within it; here the
    interpolant of every step, a polynomial, is searched for its first root. The crossing is then polished: the piece
    is integrated anew up to it, and its end moved by Newton's method.

    Parameters
    ----------
    integrator : RungeKutta
    """

    ctx = fp

    def __init__(self, integrator: RungeKutta) -> None:
        self.integrator = integrator
        self.tie = 100 * integrator.rtol
        self.noise = 10 * integrator.rtol

    def piece(self, circuit: Circuit, start: Any, state: State, stop: Any, held: Held) -> tuple[DensePiece, int | None]:
        """The whole interval, or the part up to the first crossing."""
        rate = _Flow(circuit, held)
        result = self.integrator.solved(rate, start, [*state[0], *state[1]], stop)
        found = self._first(circuit, result, [n for n in circuit.spiking if n not in held])
        if found is None:
            return _piece(start, stop, result, held), None
        crossed, time = found
        for _ in range(POLISHING):
            result = self.integrator.solved(rate, start, [*state[0], *state[1]], time)
            end = result.y[:, -1]
            step = (circuit.cells[crossed].v_th - end[crossed]) / rate(time, end)[crossed]
            if not step or abs(step) <= 2.0**-52 * time or not start < time + step <= stop:
                break
            time += float(step)
        return _piece(start, time, result, held), crossed

    def split(self, circuit: Circuit, piece: DensePiece, time: Any) -> tuple[DensePiece, DensePiece]:
        """The parts of a piece before and after `time`."""
        v, i = np.reshape(piece.solution(time), (2, -1)).tolist()
        left = DensePiece(piece.start, time, (v, i), piece.solution, piece.held)
        return left, DensePiece(time, piece.stop, piece.end, piece.solution, piece.held)

    def peak(self, circuit: Circuit, piece: DensePiece, n: int) -> float | None:
        """The time at which V of neuron `n`, which rises at first and falls at last, is largest inside a piece."""
        flow = _Flow(circuit, piece.held)
        return float(brentq(lambda t: flow(t, piece.solution(t))[n], piece.start, piece.stop, xtol=1e-15 * piece.stop))

    def integral(self, circuit: Circuit, piece: DensePiece, density: Density) -> float:
        """Integral of ``density(V, t)`` over a piece."""
        n = len(circuit.cells)

        def rate(t: float, _: Any) -> list[float]:
            return [density(piece.solution(t)[:n].tolist(), t)]

        return float(self.integrator.solved(rate, piece.start, [0.0], piece.stop).y[0, -1])

    def rewind(self, circuit: Circuit, piece: DensePiece, adjoint: Adjoint, slope: Slope | None) -> None:
        """Integrate the adjoint back over a piece."""
        if slope is None and not any(adjoint.lambda_v) and not any(adjoint.lambda_i):
            return
        parts = (adjoint.lambda_v, adjoint.lambda_i, adjoint.tau_mem, adjoint.tau_syn, adjoint.bias)
        rate = _AdjointFlow(circuit, piece, slope)
        state = [x for part in parts for x in part]
        result = self.integrator.solved(rate, 0.0, state, piece.stop - piece.start)
        for part, values in zip(parts, result.y[:, -1].reshape(len(parts), -1), strict=True):
            part[:] = values.tolist()

    def _first(self, circuit: Circuit, result: Any, spiking: list[int]) -> tuple[int, float] | None:
        """The neuron that crosses first, and when; None if none does."""
        for interpolant in result.sol.interpolants if spiking else ():
            start, step = interpolant.t_old, interpolant.t - interpolant.t_old
            samples = interpolant(start + step * NODES)
            found = [
                (u, n)
                for n in spiking
                if (u := self._crossing(circuit, n, start, step, samples[[n, n + len(circuit.cells)]])) is not None
            ]
            if found:
                u, crossed = min(found)
                return crossed, float(start + u * step)
        return None

    def _crossing(self, circuit: Circuit, n: int, start: float, step: float, samples: Any) -> float | None:
        cell = circuit.cells[n]
        scale = cell.v_th + abs(cell.bias) + float(np.sum(np.max(np.abs(samples), axis=1)))
        coefficients = (COEFFICIENTS @ samples[0]).tolist()
        coefficients[0] -= cell.v_th
        floor = 4 * sqrt(self.noise) * scale * step / circuit.unit
        try:
            return Polynomial(fp, coefficients, self.noise * scale, floor).first_crossing()
        except Unresolved:
            raise Unresolved(n, f"{start:.17g}") from None


class _Flow:
    """Right-hand side for V and I of all neurons."""

    def __init__(self, circuit: Circuit, held: Held) -> None:
        self.tau_mem, self.tau_syn, self.bias = (
            np.array([getattr(c, name) for c in circuit.cells]) for name in ("tau_mem", "tau_syn", "bias")
        )
        self.held = [*held]

    def __call__(self, _: float, state: Any) -> Any:
        v, i = np.reshape(state, (2, -1))
        dv = (i + self.bias - v) / self.tau_mem
        dv[self.held] = 0.0
        return np.concatenate([dv, -i / self.tau_syn])


class _AdjointFlow:
    """Right-hand side for both adjoint variables and the three integrals, in time counted back from the end."""

    def __init__(self, circuit: Circuit, piece: DensePiece, slope: Slope | None) -> None:
        self.flow, self.piece, self.slope, self.n = _Flow(circuit, piece.held), piece, slope, len(circuit.cells)

    def __call__(self, r: float, state: Any) -> Any:
        t = self.piece.stop - r
        x = self.piece.solution(t)
        lambda_v, lambda_i = state[: self.n], state[self.n : 2 * self.n]
        drive = np.zeros(self.n)
        if self.slope is not None:
            for n, d in self.slope(x[: self.n].tolist(), t).items():
                drive[n] = d
        dv, di = np.reshape(self.flow(t, x), (2, -1))
        moved = np.array(lambda_v)
        moved[self.flow.held] = 0.0
        d_lambda_v, d_lambda_i = (-moved - drive) / self.flow.tau_mem, (moved - lambda_i) / self.flow.tau_syn
        return np.concatenate([d_lambda_v, d_lambda_i, lambda_v * dv, lambda_i * di, -moved])


def _piece(start: float, stop: float, result: Any, held: Held) -> DensePiece:
    v, i = np.reshape(result.y[:, -1], (2, -1))
    return DensePiece(start, stop, (v.tolist(), i.tolist()), result.sol, held)
