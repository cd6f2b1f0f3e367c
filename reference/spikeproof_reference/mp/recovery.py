"""Threshold crossing of a neuron that a bias above its threshold lifts while a negative current decays.

With U = V - b and theta = v_th - b < 0 the potential falls at first, or rises at once, and then rises towards 0: there
is exactly one crossing. On the way U is convex first and concave later, so Newton's method may overshoot. But::

    g(t) = exp(t/tau_mem) (U(t) - theta),        tau_mem g'(t) = exp(t/tau_mem) (I(t) - theta)

falls until I = theta, and is convex and rising from there on: Newton's iterates come down to the root from the right,
and ``lo - g(lo) / g'(hi)`` comes up to it from the left (Fourier's condition).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spikeproof_reference.mp.crossing import Bound, Search, Unresolved


@dataclass(frozen=True)
class RecoverySearch(Search):
    """The crossing of U = v_th by a neuron that starts at U = v < v_th < 0 with I = i < 0."""

    def start(self) -> Bound:
        """The time at which g begins to rise: no crossing happens before."""
        ctx, zero = self.flow.ctx, self.flow.ctx.zero
        return Bound(self.flow.tau_syn * ctx.log(self.i / self.v_th) if self.i < self.v_th else zero)

    def refined(self, bound: Bound, until: Any) -> Bound:
        """A bound beyond `until`, or the crossing itself.

        Raises
        ------
        Unresolved
            If the spike time is not determined to the accepted uncertainty.
        """
        ctx, low = self.flow.ctx, bound.dt
        width = self.flow.tau_mem
        while self.flow.state(self.v, self.i, low + width)[0] < self.v_th:
            low, width = low + width, 2 * width
            if low > until:
                return Bound(low)
        high = low + width
        for _ in range(4 * ctx.prec):
            (u_low, _), (u, i) = (self.flow.state(self.v, self.i, t) for t in (low, high))
            # g(lo) / g'(hi), without exp(t/tau_mem), which may be huge
            up = self.flow.tau_mem * (self.v_th - u_low) / (i - self.v_th)
            low = max(low, low + up * ctx.exp((low - high) / self.flow.tau_mem))
            down = self.flow.tau_mem * (u - self.v_th) / (i - self.v_th)
            if low > until:
                return Bound(low)
            if down <= ctx.eps * 16 * max(self.flow.unit, high):
                return self.verified(high, i - u)
            high -= down
        raise Unresolved(high, f"a crossing between {ctx.nstr(low, 20)} and {ctx.nstr(high, 20)} later")
