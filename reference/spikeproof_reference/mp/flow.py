"""Solution between events: the textbook difference of exponentials, in high precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple


class Factors(NamedTuple):
    """The factors of an interval: V - b <- (V - b) e_mem + I k and I <- I e_syn forward.

    Backward lambda_v <- lambda_v e_mem and lambda_i <- lambda_i e_syn + lambda_v j.
    """

    e_mem: Any
    e_syn: Any
    k: Any
    j: Any


@dataclass(frozen=True)
class Flow:
    """The flow of one pair of time constants, and what becomes of it when they change.

    ::

        V(t) = V0 exp(-t/tau_mem) + I0 tau_syn/(tau_mem - tau_syn) (exp(-t/tau_mem) - exp(-t/tau_syn))
        V(t) = V0 exp(-t/tau) + I0 t/tau exp(-t/tau)        for tau_mem = tau_syn = tau

    Factors carry as many bits above the working precision as the differences of nearly equal time constants lose.

    References
    ----------
    docs/theory.md (flow), (kernel), (adjoint-step).
    """

    holds: ClassVar[bool] = False

    ctx: Any
    tau_mem: Any
    tau_syn: Any
    guard: int = field(init=False)
    rates: tuple[Any, Any, Any] = field(init=False, repr=False)  # 1/tau_mem, 1/tau_syn, 1/(tau_mem - tau_syn)

    def __post_init__(self) -> None:
        object.__setattr__(self, "guard", _guard_bits(self.ctx, self.tau_mem, self.tau_syn))
        object.__setattr__(self, "rates", self._guarded(self._rates))

    def _rates(self) -> tuple[Any, Any, Any]:
        a, b = self.tau_mem, self.tau_syn
        return 1 / a, 1 / b, 1 / (a - b) if a != b else None

    @property
    def unit(self) -> Any:
        """The shorter of the two time constants: what an absolute error of a time is measured by."""
        return min(self.tau_mem, self.tau_syn)

    @property
    def peak(self) -> Any:
        """No k is larger than this."""
        difference = abs(self.tau_mem - self.tau_syn)
        return min(1, self.tau_syn / difference) if difference else 1

    def factors(self, dt: Any) -> Factors:
        """Factors of an interval of length `dt`, in the unit of the time constants; `dt` < 0 goes back in time."""
        found: Factors = self._guarded(self._factors, dt)
        return found

    def _factors(self, dt: Any) -> Factors:
        mem, syn, difference = self.rates
        e_mem = self.ctx.exp(-dt * mem)
        if difference is None:
            k = dt * mem * e_mem
            return Factors(e_mem, e_mem, k, k)
        e_syn = self.ctx.exp(-dt * syn)
        shape = (e_mem - e_syn) * difference
        return Factors(e_mem, e_syn, shape * self.tau_syn, shape * self.tau_mem)

    def convolutions(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        """``int e_mem(dt - s) k(s) ds`` and ``int k(dt - s) e_syn(s) ds`` over [0, dt], `f` being its factors.

        They give the integrals of lambda_v dV/dt and lambda_i dI/dt over an interval without events.
        """
        found: tuple[Any, Any] = self._guarded(self._convolutions, dt, f)
        return found

    def _convolutions(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        difference = self.rates[2]
        if difference is None:
            half = f.k * dt / 2
            return half, half
        c, middle = self.tau_syn * difference, self.tau_mem * f.k
        return c * (dt * f.e_mem - middle), c * (middle - dt * f.e_syn)

    def derivatives(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        """dk/dtau_mem and dk/dtau_syn at `dt`, `f` being its factors; the closed form of k, differentiated."""
        found: tuple[Any, Any] = self._guarded(self._derivatives, dt, f)
        return found

    def _derivatives(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        (mem, syn, difference), a, b = self.rates, self.tau_mem, self.tau_syn
        if difference is None:
            x = dt * mem
            return f.k * (x / 2 - 1) * mem, f.k * x * mem / 2
        by_mem = (b * mem * mem * dt * f.e_mem - f.k) * difference
        by_syn = (f.k * a - dt * f.e_syn) * syn * difference
        return by_mem, by_syn

    def _guarded(self, compute: Callable[..., Any], *arguments: Any) -> Any:
        """The result of `compute`, with all the bits that it needs."""
        if not self.guard:
            return compute(*arguments)
        with self.ctx.extraprec(self.guard):
            return compute(*arguments)

    def state(self, v: Any, i: Any, dt: Any) -> tuple[Any, Any]:
        """V - b and I after `dt` without events, from V - b = `v` and I = `i`."""
        f = self.factors(dt)
        return v * f.e_mem + i * f.k, i * f.e_syn

    def approximate_state(self, v: float, i: float, dt: float) -> tuple[float, float]:
        """V - b and I after `dt` in float64: to guess where a search starts, never to decide anything.

        The time constants must have finite float64 values > 0.
        """
        tau_mem, tau_syn = float(self.tau_mem), float(self.tau_syn)
        e_mem, e_syn = math.exp(-dt / tau_mem), math.exp(-dt / tau_syn)
        if abs(tau_mem - tau_syn) < 1e-7 * tau_mem:
            return v * e_mem + i * dt / tau_mem * e_mem, i * e_syn
        return v * e_mem + i * tau_syn / (tau_mem - tau_syn) * (e_mem - e_syn), i * e_syn


@dataclass(frozen=True)
class Held(Flow):
    """The flow of a neuron that is held after a spike: V stays what it is, I decays.

    References
    ----------
    docs/theory.md (refractory).
    """

    holds: ClassVar[bool] = True

    def _factors(self, dt: Any) -> Factors:
        zero = self.ctx.zero
        return Factors(self.ctx.one, self.ctx.exp(-dt * self.rates[1]), zero, zero)

    def _convolutions(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        return self.ctx.zero, self.ctx.zero

    def _derivatives(self, dt: Any, f: Factors) -> tuple[Any, Any]:
        return self.ctx.zero, self.ctx.zero


def _guard_bits(ctx: Any, tau_mem: Any, tau_syn: Any) -> int:
    """Bits that two successive divisions by tau_mem - tau_syn lose."""
    if tau_mem == tau_syn:
        return 0
    shared = ctx.mag(max(tau_mem, tau_syn)) - ctx.mag(abs(tau_mem - tau_syn))
    return 2 * shared + 8 if shared > 2 else 0
