"""Spike times of one neuron in closed form, for two ratios of its time constants, in mpmath.

No search and no iteration is needed. With V = v and I = i at the start, see docs/theory.md (closed-crossings),

::

    tau_mem = 2 tau_syn, x = exp(-t / tau_mem):    i x^2 - (v + i) x + v_th = 0               (a quadratic)
    tau_mem = tau_syn,   y = t / tau_mem + v / i:  -y exp(-y) = -(v_th / i) exp(-v / i)       (Lambert's W)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ClosedNeuron:
    """A neuron with ``tau_mem = ratio tau_syn``, `ratio` 1 or 2; all numbers are those of the mpmath context `ctx`."""

    ctx: Any
    tau_mem: Any
    ratio: int
    v_th: Any = 1
    v_reset: Any = 0

    def __post_init__(self) -> None:
        if self.ratio not in (1, 2):
            raise ValueError(f"no closed form for tau_mem = {self.ratio} tau_syn")

    def crossing(self, v: Any, i: Any) -> Any:
        """Time from V = v < v_th, I = i to the first crossing of the threshold; None if there is none."""
        if i <= self.v_th:
            return None
        return self._quadratic(v, i) if self.ratio == 2 else self._lambert(v, i)

    def state(self, v: Any, i: Any, dt: Any) -> tuple[Any, Any]:
        """V and I after `dt`."""
        x = self.ctx.exp(-dt / self.tau_mem)
        if self.ratio == 2:
            return v * x + i * (x - x * x), i * x * x
        return (v + i * dt / self.tau_mem) * x, i * x

    def spike_times(self, arrivals: Sequence[tuple[Any, Any]], duration: Any) -> list[Any]:
        """All spikes up to `duration` of a neuron at rest, to which ``(time, weight)`` pairs arrive in this order."""
        v, i, now, spikes = self.ctx.zero, self.ctx.zero, self.ctx.zero, []
        for time, weight in [*arrivals, (duration, self.ctx.zero)]:
            while (dt := self.crossing(v, i)) is not None and now + dt <= time:
                i, v, now = self.state(v, i, dt)[1], self.ctx.mpf(self.v_reset), now + dt
                spikes.append(now)
            v, i = self.state(v, i, time - now)
            i, now = i + weight, time
        return spikes

    def _quadratic(self, v: Any, i: Any) -> Any:
        discriminant = (v + i) ** 2 - 4 * i * self.v_th
        if discriminant < 0:
            return None
        x = (v + i + self.ctx.sqrt(discriminant)) / (2 * i)
        return -self.tau_mem * self.ctx.log(x) if x <= 1 else None

    def _lambert(self, v: Any, i: Any) -> Any:
        argument = -self.v_th / i * self.ctx.exp(-v / i)
        if argument < -self.ctx.exp(-1):
            return None
        dt = self.tau_mem * (-self.ctx.lambertw(argument).real - v / i)
        return dt if dt >= 0 else None
