"""Taylor steps in mpmath: the coefficients follow from the equations, the order from a bound on the remainder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10
from typing import Any

from mpmath import MPContext

from spikeproof_reference.ode.circuit import Cell, Circuit
from spikeproof_reference.ode.polynomial import Polynomial, Unresolved
from spikeproof_reference.ode.trajectory import Adjoint, Density, Held, Slope, State
from spikeproof_reference.smooth.series import Series, variable

GUARD = 30  # digits above `dps`
TRUNCATION = 25  # digits beyond `dps` to which a step is exact
NOISE = 22  # digits beyond `dps` to which a peak must be told from the threshold
TIE = 10  # digits beyond `dps` to which two times must agree to be one event


@dataclass(frozen=True)
class TaylorPiece:
    """An interval, the state at its end, where the way back starts, and the neurons that are held in it."""

    start: Any
    stop: Any
    end: State
    held: Held


class TaylorMethod:
    """Steps of Taylor series with an a-priori bound on the remainder.

    With ``r`` the largest row sum of the matrices of the linear equations, coefficient k of V and I is at most
    ``r^k / k!`` of the largest of V, I and bias, and one of a product of V or I with an adjoint variable at most
    ``(2 r)^k / k!``. A step is at most ``1/r``, and its order is the first at which ``(2 r h)^k / k!`` falls below
    ``10**-(dps + 25)``. Where a loss drives the adjoint by a nonlinear function of V no bound is known beforehand:
    the last coefficients are looked at; the order is raised, and then the step halved, until they are as small.

    Parameters
    ----------
    dps : int
        Decimal digits of the results.
    """

    def __init__(self, dps: int) -> None:
        self.ctx = MPContext()
        self.ctx.dps = dps + GUARD
        self.digits = dps + TRUNCATION
        self.noise, self.tie = (self.ctx.mpf(10) ** -(dps + more) for more in (NOISE, TIE))

    def piece(
        self, circuit: Circuit, start: Any, state: State, stop: Any, held: Held
    ) -> tuple[TaylorPiece, int | None]:
        """One step, up to the first crossing if there is one."""
        rate = _rate(circuit)
        step = min(stop - start, 1 / rate)
        order = self._order(rate * step)
        series = [_flow(c, v, i, order, 1, n in held) for n, (c, v, i) in _cells(circuit, state)]
        spiking = [n for n in circuit.spiking if n not in held]
        crossed, length = self._first(circuit, start, series, step, spiking)
        end = stop if length == stop - start else start + length
        values = [(_value(v, length), _value(i, length)) for v, i in series]
        return TaylorPiece(start, end, ([v for v, _ in values], [i for _, i in values]), held), crossed

    def split(self, circuit: Circuit, piece: TaylorPiece, time: Any) -> tuple[TaylorPiece, TaylorPiece]:
        """The parts of a piece before and after `time`."""
        flow = self._flow_back(circuit, piece, self._orders(circuit, piece.stop - piece.start)[0])
        values = [(_value(v, piece.stop - time), _value(i, piece.stop - time)) for v, i in flow]
        state = [v for v, _ in values], [i for _, i in values]
        return TaylorPiece(piece.start, time, state, piece.held), TaylorPiece(time, piece.stop, piece.end, piece.held)

    def peak(self, circuit: Circuit, piece: TaylorPiece, n: int) -> Any | None:
        """The time at which V of neuron `n` is largest inside a piece: the root of dV/dt, counted back from the end."""
        step = piece.stop - piece.start
        v, _ = self._flow_back(circuit, piece, self._orders(circuit, step)[0])[n]
        slope = [-k * c * step**k for k, c in enumerate(v)][1:]  # dV/dt: it goes from below 0 to above 0 backward
        noise = self.noise * max(map(abs, slope))
        u = Polynomial(self.ctx, slope, noise, noise).first_crossing()
        return None if u is None else piece.stop - u * step

    def integral(self, circuit: Circuit, piece: TaylorPiece, density: Density) -> Any:
        """Integral of ``density(V, t)`` over a piece."""
        step = piece.stop - piece.start
        for order in self._orders(circuit, step):
            flow = self._flow_back(circuit, piece, order)
            terms = self._coefficients(density(self._series(flow), self._time(piece)), order)
            if self._converged(terms, step):
                return _integral(terms, step)
        halves = self.split(circuit, piece, (piece.start + piece.stop) / 2)
        return sum((self.integral(circuit, half, density) for half in halves), self.ctx.zero)

    def rewind(self, circuit: Circuit, piece: TaylorPiece, adjoint: Adjoint, slope: Slope | None) -> None:
        """Integrate the adjoint back over a piece."""
        if slope is None and not any(adjoint.lambda_v) and not any(adjoint.lambda_i):
            return
        step = piece.stop - piece.start
        for order in self._orders(circuit, step):
            flow = self._flow_back(circuit, piece, order)
            drive = {} if slope is None else slope(self._series(flow), self._time(piece))
            drives = {n: self._coefficients(d, order) for n, d in drive.items()}
            if all(self._converged(d, step) for d in drives.values()):
                for n, cell in enumerate(circuit.cells):
                    if n in drives or adjoint.lambda_v[n] or adjoint.lambda_i[n]:
                        _rewind(self.ctx, cell, n, flow[n], drives.get(n), adjoint, step, n in piece.held)
                return
        for half in self.split(circuit, piece, (piece.start + piece.stop) / 2)[::-1]:
            self.rewind(circuit, half, adjoint, slope)

    def _first(
        self, circuit: Circuit, start: Any, series: list[Any], step: Any, spiking: list[int]
    ) -> tuple[int | None, Any]:
        """The neuron that crosses first, if any, and when, counted from the start."""
        crossed, length = None, step
        for n in spiking:
            cell, (v, i) = circuit.cells[n], series[n]
            noise = self.noise * (cell.v_th + abs(cell.bias) + abs(v[0]) + abs(i[0]))
            coefficients = [c * step**k for k, c in enumerate(v)]
            coefficients[0] -= cell.v_th
            floor = noise * step / (self.tie * max(circuit.unit, start))
            try:
                u = Polynomial(self.ctx, coefficients, noise, floor).first_crossing()
            except Unresolved:
                raise Unresolved(n, self.ctx.nstr(start, 17)) from None
            if u is not None and u * step < length:
                crossed, length = n, u * step
        return crossed, length

    def _order(self, size: Any) -> int:
        """The first k with ``(2 size)^k / k! < 10**-digits``, and two more."""
        order, logarithm, growth = 0, 0.0, log10(2 * max(float(size), 1e-300))
        while logarithm > -self.digits:
            order += 1
            logarithm += growth - log10(order)
        return order + 2

    def _orders(self, circuit: Circuit, step: Any) -> tuple[int, int]:
        """The order that the bound asks for, and the largest that is worthwhile for a nonlinear loss."""
        order = self._order(_rate(circuit) * step)
        return order, max(order, int(1.2 * self.digits))

    def _flow_back(self, circuit: Circuit, piece: TaylorPiece, order: int) -> list[Any]:
        return [_flow(c, v, i, order, -1, n in piece.held) for n, (c, v, i) in _cells(circuit, piece.end)]

    def _series(self, flow: list[Any]) -> list[Series]:
        return [Series(self.ctx, v.__getitem__) for v, _ in flow]

    def _time(self, piece: TaylorPiece) -> Series:
        return variable(self.ctx, piece.stop, -1)

    def _coefficients(self, series: Any, order: int) -> list[Any]:
        if isinstance(series, Series):
            return series.head(order + 1)
        return [self.ctx.convert(series), *[self.ctx.zero] * order]

    def _converged(self, terms: list[Any], step: Any) -> bool:
        sizes = [abs(c) * step**k for k, c in enumerate(terms)]
        return bool(max(sizes[-3:]) <= self.ctx.mpf(10) ** -self.digits * max(sizes))


def _rate(circuit: Circuit) -> Any:
    return max(max(3 / c.tau_mem, 1 / c.tau_syn) for c in circuit.cells)


def _cells(circuit: Circuit, state: State) -> Iterable[tuple[int, tuple[Cell, Any, Any]]]:
    return enumerate(zip(circuit.cells, *state, strict=True))


def _flow(cell: Cell, v: Any, i: Any, order: int, direction: int, held: bool) -> tuple[list[Any], list[Any]]:
    """Taylor coefficients of V and I in time, or in time counted backward for direction -1."""
    vs, currents = [v], [i]
    tau_mem, tau_syn = direction * cell.tau_mem, direction * cell.tau_syn
    for k in range(order):
        drive = currents[k] + cell.bias if k == 0 else currents[k]
        vs.append(0 * v if held else (drive - vs[k]) / (tau_mem * (k + 1)))
        currents.append(-currents[k] / (tau_syn * (k + 1)))
    return vs, currents


def _rewind(
    ctx: Any, cell: Cell, n: int, flow: Any, drive: list[Any] | None, adjoint: Adjoint, step: Any, held: bool
) -> None:
    """One neuron over one step back, and the integrals.

    ``tau_mem l_v' = -l_v - dl_V/dV, tau_syn l_i' = -l_i + l_v``; while it is held without ``l_v`` on the right.
    """
    v, i = flow
    order = len(v) - 1
    lam_v, lam_i = [adjoint.lambda_v[n]], [adjoint.lambda_i[n]]
    for k in range(order):
        own = ctx.zero if held else lam_v[k]
        driven = own + drive[k] if drive else own
        lam_v.append(-driven / (cell.tau_mem * (k + 1)))
        lam_i.append((own - lam_i[k]) / (cell.tau_syn * (k + 1)))
    for total, one, other in ((adjoint.tau_mem, lam_v, v), (adjoint.tau_syn, lam_i, i)):
        rate = [-(k + 1) * c for k, c in enumerate(other[1:])]
        product = [ctx.fdot(one[: k + 1], rate[k::-1]) for k in range(order)]
        total[n] = total[n] + _integral(product, step)
    if not held:
        adjoint.bias[n] = adjoint.bias[n] - _integral(lam_v, step)
    adjoint.lambda_v[n], adjoint.lambda_i[n] = _value(lam_v, step), _value(lam_i, step)


def _value(coefficients: list[Any], step: Any) -> Any:
    total = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * step + c
    return total


def _integral(coefficients: list[Any], step: Any) -> Any:
    return _value([c / (k + 1) for k, c in enumerate(coefficients)], step) * step
