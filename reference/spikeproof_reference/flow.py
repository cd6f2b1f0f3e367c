"""Solution between events: the textbook difference of exponentials, in high precision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple


class Factors(NamedTuple):
    """What an interval multiplies: V <- V e_mem + I k and I <- I e_syn forward.

    Backward lambda_v <- lambda_v e_mem and lambda_i <- lambda_i e_syn + lambda_v j.
    """

    e_mem: Any
    e_syn: Any
    k: Any
    j: Any


@dataclass(frozen=True)
class Flow:
    """The flow of one pair of time constants.

    ::

        V(t) = V0 exp(-t/tau_mem) + I0 tau_syn/(tau_mem - tau_syn) (exp(-t/tau_mem) - exp(-t/tau_syn))
        V(t) = V0 exp(-t/tau) + I0 t/tau exp(-t/tau)        for tau_mem = tau_syn = tau

    References
    ----------
    The notes' eqs. 57 and 58, 72 to 74.
    """

    ctx: Any
    tau_mem: Any
    tau_syn: Any

    @property
    def unit(self) -> Any:
        """The shorter of the two time constants: what an absolute error of a time is measured by."""
        return min(self.tau_mem, self.tau_syn)

    def factors(self, dt: Any) -> Factors:
        """Factors of an interval of length `dt` >= 0, in the unit of the time constants."""
        e_mem = self.ctx.exp(-dt / self.tau_mem)
        if self.tau_mem == self.tau_syn:
            k = dt / self.tau_mem * e_mem
            return Factors(e_mem, e_mem, k, k)
        e_syn = self.ctx.exp(-dt / self.tau_syn)
        shape = (e_mem - e_syn) / (self.tau_mem - self.tau_syn)
        return Factors(e_mem, e_syn, shape * self.tau_syn, shape * self.tau_mem)

    def state(self, v: Any, i: Any, dt: Any) -> tuple[Any, Any]:
        """V and I after `dt` without events."""
        f = self.factors(dt)
        return v * f.e_mem + i * f.k, i * f.e_syn

    def approximate_state(self, v: float, i: float, dt: float) -> tuple[float, float]:
        """The same in float64, good enough to guess where to start a search, never to decide anything.

        The time constants must have finite float64 values > 0.
        """
        tau_mem, tau_syn = float(self.tau_mem), float(self.tau_syn)
        e_mem, e_syn = math.exp(-dt / tau_mem), math.exp(-dt / tau_syn)
        if abs(tau_mem - tau_syn) < 1e-7 * tau_mem:
            return v * e_mem + i * dt / tau_mem * e_mem, i * e_syn
        return v * e_mem + i * tau_syn / (tau_mem - tau_syn) * (e_mem - e_syn), i * e_syn
