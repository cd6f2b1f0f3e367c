"""First threshold crossing by Newton's method from the left, which can neither miss nor overshoot it.

All potentials are counted from the bias: U = V - b obeys tau_mem dU/dt = -U + I and crosses theta = v_th - b.

While I >= 0 and U rises, tau_mem U'' = -U' + I' < 0: U is concave, and once it falls it falls for ever. The tangent
lies above U, and iterates that start left of the first crossing increase towards it. An iterate with U' <= 0 lies
behind the peak: there is no crossing. Any time with U < theta and U' > 0 lies before the first crossing, whatever led
to it, so a float64 guess may start the search. `recovery` treats I < 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from spikeproof_reference.mp.flow import Flow


class Unresolved(ArithmeticError):
    """The peak of V agrees with the threshold, or Vdot with 0, to the working precision; the search ended at `dt`."""

    def __init__(self, dt: Any, reason: str) -> None:
        super().__init__(dt, reason)
        self.dt = dt


@dataclass(frozen=True)
class Bound:
    """No crossing happens before `dt`; if `found`, one happens at `dt`. `state` is U and I there, if already known.

    A `rough` one is the first step alone, which is all that most neurons need before something arrives at them.
    """

    dt: Any
    found: bool = False
    state: tuple[Any, Any] | None = None
    rough: bool = False


@dataclass(frozen=True)
class Search:
    """The first crossing of U = v_th by a neuron that starts at U = v, I = i; only for v < v_th < i and i >= 0."""

    flow: Flow
    v: Any
    i: Any
    v_th: Any
    bias: Any  # what U and v_th are counted from: its size says how exactly they are known
    uncertainty: Any  # largest error of a spike time that is accepted, per unit of max(flow.unit, dt)

    def start(self) -> Bound:
        """A first bound, without an exponential: where the tangent reaches the threshold."""
        gap = self.v_th - self.v
        if gap <= 0:
            return Bound(self.flow.ctx.zero, state=(self.v, self.i))
        return Bound(self.flow.tau_mem * gap / (self.i - self.v), rough=True)

    def closer(self, bound: Bound) -> Bound:
        """A guess in float64 if the working precision confirms that it lies left, else a rough bound as it is."""
        guess = self.flow.ctx.mpf(self._guess())
        if guess > bound.dt:
            v, i = self.flow.state(self.v, self.i, guess)
            if v < self.v_th and v < i:
                return Bound(guess, state=(v, i))
        return Bound(bound.dt)

    def refined(self, bound: Bound, until: Any) -> Bound | None:
        """A better bound: beyond `until`, or the crossing itself; None if there is no crossing.

        Raises
        ------
        Unresolved
            If the spike time, or its existence, is not determined to the accepted uncertainty.
        """
        ctx = self.flow.ctx
        if self.v_th == 0 and self.falls_short():
            return None
        if bound.rough:
            bound = self.closer(bound)
        left, state, last_gap = bound.dt, bound.state, ctx.inf
        for _ in range(4 * ctx.prec):  # near grazing an iteration gains one bit
            v, i = state or self.flow.state(self.v, self.i, left)
            state, slope, gap = None, i - v, self.v_th - v
            if slope <= 0:
                if last_gap < self.noise():
                    break
                return None
            if gap <= 0:
                if left == 0:
                    break  # only simulated rounding can start a neuron at its threshold
                return self.verified(left, slope)
            step, last_gap = self.flow.tau_mem * gap / slope, gap
            left += step
            if step <= ctx.eps * 16 * max(self.flow.unit, left):
                return self.verified(left, slope)
            if left > until:
                return Bound(left)
        raise Unresolved(left, f"V comes within {ctx.nstr(last_gap, 5)} of the threshold")

    def falls_short(self) -> bool:
        """True if U, which starts below 0, comes up to 0 for ever without reaching it.

        That is the sign of ``U exp(t / tau_mem)`` for t to infinity, and needs no search.
        """
        apart = self.flow.tau_mem - self.flow.tau_syn
        return bool(apart > 0 and self.v * apart + self.i * self.flow.tau_syn <= 0)

    def noise(self) -> Any:
        """Rounding error of U on the way to the threshold."""
        height = abs(self.i) * self.flow.peak
        return self.flow.ctx.eps * 64 * (abs(self.v) + height + abs(self.v_th) + abs(self.bias))

    def verified(self, dt: Any, slope: Any) -> Bound:
        """`dt` as the crossing: U(dt) = v_th to rounding, U below it before, dt determined well enough."""
        noise, scale, vdot = self.noise(), max(self.flow.unit, dt), slope / self.flow.tau_mem
        if noise > self.uncertainty * scale * vdot:
            raise Unresolved(dt, f"Vdot = {self.flow.ctx.nstr(vdot, 5)}")
        before = max(self.flow.ctx.zero, dt - self.uncertainty * scale)
        v, i = self.flow.state(self.v, self.i, dt)
        if abs(v - self.v_th) > noise + 64 * self.flow.ctx.eps * scale * vdot:
            raise AssertionError("V is not at the threshold where the crossing was found")
        if self.flow.state(self.v, self.i, before)[0] >= self.v_th:
            raise AssertionError("V is not below the threshold before the crossing that was found")
        return Bound(dt, found=True, state=(v, i))

    def _guess(self) -> float:
        """Newton's method in float64, stopped short of the crossing or the peak; 0 for numbers beyond its range."""
        v, i, v_th = float(self.v), float(self.i), float(self.v_th)
        tau, tau_syn = float(self.flow.tau_mem), float(self.flow.tau_syn)
        if not (all(0.0 < x < math.inf for x in (tau, tau_syn)) and all(math.isfinite(x) for x in (v, i, v_th))):
            return 0.0
        left = 0.0
        for _ in range(60):
            v_left, i_left = self.flow.approximate_state(v, i, left)
            slope, gap = i_left - v_left, v_th - v_left
            if slope <= 0.0:
                return 0.0
            if gap <= 1e-14 * (abs(v_left) + abs(i_left)):
                break
            step = tau * gap / slope
            v_next, i_next = self.flow.approximate_state(v, i, left + step)
            if i_next <= v_next:
                return left * (1.0 - 1e-14)
            left += step
        return max(0.0, left - 1e-12 * (left + tau / slope))
