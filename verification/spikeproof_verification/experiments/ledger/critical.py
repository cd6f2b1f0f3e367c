"""The curve V(t, w) = v_th of one neuron, with a point where its slope diverges: Figure 1 of the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.network import Network
from spikeproof_verification.experiments.ledger.precision import Number, derivative, mp, residual
from spikeproof_verification.experiments.ledger.series import integrate
from spikeproof_verification.experiments.ledger.trajectory import root


@dataclass(frozen=True)
class ThresholdCurve:
    """A neuron that starts with I(0) = w and V(0) = 0, so that V(t, w) rises and falls."""

    tau_mem: Number
    tau_syn: Number
    v_th: Number

    def v(self, t: Number, w: Number) -> Number:
        """V(t, w), by Taylor series."""
        zero = mp.mpf(0)
        network = Network(
            ((zero,),), ((),), (), (self.tau_mem,), (self.tau_syn,), (None,), (zero,), (zero,), (w,), zero, t
        )
        return integrate(network.field, zero, [zero, w], t, network.step).component(0, t)

    def w(self, t: Number) -> Number:
        """The weight with which V reaches the threshold at `t`; V is linear in the weight."""
        at_zero = self.v(t, mp.mpf(0))
        return (self.v_th - at_zero) / (self.v(t, mp.mpf(1)) - at_zero)

    def vdot(self, t: Number, w: Number) -> Number:
        """dV/dt at fixed w."""
        return derivative(lambda time: self.v(time, w), t)


def threshold_curves() -> Sequence[ThresholdCurve]:
    """Two neurons of different time constants."""
    return (
        ThresholdCurve(mp.mpf(1), mp.mpf("0.6"), mp.mpf("0.5")),
        ThresholdCurve(mp.mpf("0.8"), mp.mpf("1.1"), mp.mpf("0.9")),
    )


def figure_1(c: ThresholdCurve) -> float:
    """V is constant along the curve: dV = 0. Where Vdot = 0, dw/dt = 0 too, so that dt/dw diverges."""
    worst = 0.0
    for t in (mp.mpf("0.2"), mp.mpf("0.4"), mp.mpf("1.5")):
        w = c.w(t)
        across, along = derivative(lambda x, t=t: c.v(t, x), w) * derivative(c.w, t), c.vdot(t, w)  # type: ignore[misc]
        worst = max(worst, residual(across + along, mp.mpf(0), across, along))
    critical = root(
        lambda t: c.vdot(t, mp.mpf(1)), lambda t: derivative(lambda s: c.vdot(s, mp.mpf(1)), t),
        mp.mpf("0.2"), mp.mpf(2),
    )  # fmt: skip
    return max(worst, residual(derivative(c.w, critical), mp.mpf(0), c.w(critical)))
