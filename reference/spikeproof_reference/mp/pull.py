"""How a loss pulls at V along an interval without events: a linear functional of the functions that V consists of.

On such an interval ``V(s) = b + u e_mem(s) + I k(s)``, s being the time since its start. A loss that observes V changes
by ``D(dV)``, where D is a sum over points or a weighted integral. The adjoint needs D of 1, e_mem and k, and D of the
convolutions of `Flow` for the time constants; the sensitivities need D of the derivatives of e_mem and k instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from spikeproof_reference.mp.flow import Factors, Flow

Triple: TypeAlias = tuple[Any, Any, Any]


class Pull(Protocol):
    """A linear functional D on functions of s."""

    def state(self) -> Triple:
        """D of 1, e_mem and k."""
        ...

    def convolutions(self) -> Triple:
        """D of s e_mem, and of the two convolutions of `Flow`."""
        ...

    def derivatives(self) -> Triple:
        """D of s e_mem, dk/dtau_mem and dk/dtau_syn."""
        ...


@dataclass(frozen=True)
class Grid:
    """Points of an interval, and what the functions are there; shared by neurons with the same time constants."""

    flow: Flow
    points: list[Any]

    @cached_property
    def factors(self) -> list[Factors]:
        """e_mem, k and so on at every point."""
        return [self.flow.factors(s) for s in self.points]

    @cached_property
    def convolutions(self) -> list[Triple]:
        """Products s e_mem, and the two convolutions at every point."""
        pairs = zip(self.points, self.factors, strict=True)
        return [(s * f.e_mem, *self.flow.convolutions(s, f)) for s, f in pairs]

    @cached_property
    def derivatives(self) -> list[Triple]:
        """Products s e_mem, and dk/dtau_mem and dk/dtau_syn at every point."""
        return [(s * f.e_mem, *self.flow.derivatives(s, f)) for s, f in zip(self.points, self.factors, strict=True)]


def weighted(g: list[Any], grid: Grid) -> list[list[Any]]:
    """g, g e_mem and g e_syn at the points of a grid: where these integrate well, g pulls well at all V may become.

    The path does not tell: where V has come to rest g is constant, but a change of V or of a time constant is not.
    """
    e_mem = [a * f.e_mem for a, f in zip(g, grid.factors, strict=True)]
    return [g, e_mem, [a * f.e_syn for a, f in zip(g, grid.factors, strict=True)]]


@dataclass(frozen=True)
class Points:
    """``D(f) = sum of slopes[q] f(points[q])``."""

    grid: Grid
    slopes: list[Any]

    def state(self) -> Triple:
        zero = self.grid.flow.ctx.zero
        e_mem = sum((c * f.e_mem for c, f in zip(self.slopes, self.grid.factors, strict=True)), zero)
        k = sum((c * f.k for c, f in zip(self.slopes, self.grid.factors, strict=True)), zero)
        return sum(self.slopes, zero), e_mem, k

    def convolutions(self) -> Triple:
        return self._sums(self.grid.convolutions)

    def derivatives(self) -> Triple:
        return self._sums(self.grid.derivatives)

    def _sums(self, rows: list[Triple]) -> Triple:
        zero, pairs = self.grid.flow.ctx.zero, list(zip(self.slopes, rows, strict=True))
        return (
            sum((c * r[0] for c, r in pairs), zero),
            sum((c * r[1] for c, r in pairs), zero),
            sum((c * r[2] for c, r in pairs), zero),
        )


@dataclass(frozen=True)
class Decaying:
    """``D(f) = scale * integral of exp(-rate s) f(s) over [0, dt]``; a rate of 0 weights all times alike.

    Each of the functions obeys a first-order equation, so that integration by parts closes the integral; nothing is
    divided by tau_mem - tau_syn or by the rate.
    """

    flow: Flow
    dt: Any
    factors: Factors
    rate: Any
    scale: Any

    @cached_property
    def _rates(self) -> Triple:
        """Rates of g, g e_mem and g e_syn."""
        return self.rate, 1 / self.flow.tau_mem + self.rate, 1 / self.flow.tau_syn + self.rate

    @cached_property
    def _g(self) -> Any:
        """Weight at the end of the interval."""
        return self.flow.ctx.exp(-self.rate * self.dt) if self.rate else self.flow.ctx.one

    @cached_property
    def _integrals(self) -> tuple[Any, Any, Any, Any]:
        """Integrals of g times 1, e_mem, e_syn and k."""
        f, g, (rate, mem, syn) = self.factors, self._g, self._rates
        one = -self.flow.ctx.expm1(-rate * self.dt) / rate if rate else self.dt
        if self.flow.holds:
            return one, one, (1 - g * f.e_syn) / syn, self.flow.ctx.zero
        e_mem, e_syn = (1 - g * f.e_mem) / mem, (1 - g * f.e_syn) / syn
        return one, e_mem, e_syn, (e_syn / self.flow.tau_mem - g * f.k) / mem

    def state(self) -> Triple:
        one, e_mem, _, k = self._integrals
        return self.scale * one, self.scale * e_mem, self.scale * k

    def convolutions(self) -> Triple:
        c_mem, c_syn = self.flow.convolutions(self.dt, self.factors)
        _, e_mem, e_syn, k = self._integrals
        f, g, (_, mem, syn) = self.factors, self._g, self._rates
        t_mem = (e_mem - g * self.dt * f.e_mem) / mem
        t_syn = (e_syn - g * self.dt * f.e_syn) / syn
        by_mem, by_syn = (k - g * c_mem) / mem, (t_syn / self.flow.tau_mem - g * c_syn) / mem
        return self.scale * t_mem, self.scale * by_mem, self.scale * by_syn

    def derivatives(self) -> Triple:
        k_mem, k_syn = self.flow.derivatives(self.dt, self.factors)
        _, e_mem, e_syn, k = self._integrals
        f, g, (_, mem, syn) = self.factors, self._g, self._rates
        a, b = self.flow.tau_mem, self.flow.tau_syn
        by_mem = ((k - e_syn) / a**2 - g * k_mem) / mem
        e_syn_by_syn = (e_syn - g * self.dt * f.e_syn) / (syn * b**2)
        t_mem = (e_mem - g * self.dt * f.e_mem) / mem
        return self.scale * t_mem, self.scale * by_mem, self.scale * (e_syn_by_syn / a - g * k_syn) / mem


def summed(triples: list[Triple], zero: Any) -> Triple:
    """Sum of triples, one per functional."""
    if len(triples) == 1:
        return triples[0]
    return (
        sum((t[0] for t in triples), zero),
        sum((t[1] for t in triples), zero),
        sum((t[2] for t in triples), zero),
    )
