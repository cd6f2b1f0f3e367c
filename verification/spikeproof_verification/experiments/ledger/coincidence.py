"""Two neurons that spike at the same time: section 3.6 of the notes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spikeproof_verification.experiments.ledger.loss import SmoothLoss
from spikeproof_verification.experiments.ledger.network import Network, zeros
from spikeproof_verification.experiments.ledger.precision import TINY_STEP, Number, mp, residual
from spikeproof_verification.experiments.ledger.rules import gradient, sequential, simultaneous, table_2_with_reset
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.sensitivity import Weight
from spikeproof_verification.experiments.ledger.trajectory import simulate

WEIGHT: Weight = (0, 2)  # from the neuron that spikes first to one of the two that spike together


@dataclass(frozen=True, eq=False)
class Coincidence:
    """A scene in which neurons 0 and 1 spike together; the weight from 2 to 0 parts them."""

    scene: Scene

    def moved(self, by: Number) -> Scene:
        """The scene with the weight moved."""
        return replace(self.scene, network=self.scene.network.moved(*WEIGHT, by))

    def loss(self, by: Number) -> Number:
        """L with the weight moved."""
        scene = self.moved(by)
        return scene.loss.value(simulate(scene.network))

    def slope(self, side: int) -> Number:
        """The one-sided derivative dL/dw for growing (side = 1) or falling (-1) weight."""
        near, far = side * TINY_STEP, 2 * side * TINY_STEP
        return (self.loss(far) - self.loss(near)) / (far - near)

    def one_at_a_time(self, side: int) -> Number:
        """The adjoint gradient for the order of spikes that the weight has on this side."""
        scene = self.moved(side * TINY_STEP)
        trajectory = simulate(scene.network)
        return gradient(trajectory, scene, sequential(trajectory, scene, table_2_with_reset), [WEIGHT])[0]

    def both_at_once(self) -> Number:
        """The adjoint gradient with both jumps taken from the same lambda+."""
        trajectory = simulate(self.scene.network)
        return gradient(trajectory, self.scene, simultaneous(trajectory, self.scene, table_2_with_reset), [WEIGHT])[0]


def section_36(c: Coincidence) -> float:
    """The gradient with both jumps at once, against the one-sided derivative that it is closer to."""
    return min(residual(c.slope(side), c.both_at_once()) for side in (1, -1))


def section_36_corrected(c: Coincidence) -> float:
    """One jump after the other, against the one-sided derivative of that order."""
    return max(residual(c.slope(side), c.one_at_a_time(side)) for side in (1, -1))


@functools.cache
def apart() -> Sequence[Coincidence]:
    """Neurons 0 and 1 do not act on each other, both act on neuron 2."""
    return (_scene("0", "0"),)


@functools.cache
def coupled() -> Sequence[Coincidence]:
    """Neurons 0 and 1 excite each other."""
    return (_scene("0.3", "0.2"),)


def _scene(to_first: str, to_second: str) -> Coincidence:
    zero, a = mp.mpf(0), mp.mpf("0.4")
    network = Network(
        w=((zero, mp.mpf(to_first), a), (mp.mpf(to_second), zero, a), (mp.mpf("0.5"), mp.mpf("0.3"), zero)),
        w_in=zeros(3, 0), arrivals=(),
        tau_mem=(mp.mpf(1), mp.mpf(1), mp.mpf("1.2")), tau_syn=(mp.mpf("0.6"), mp.mpf("0.6"), mp.mpf("0.5")),
        v_th=(mp.mpf("0.5"), mp.mpf("0.5"), mp.mpf("0.4")), v_reset=(zero, mp.mpf("-0.1"), zero),
        v=(zero,) * 3, i=(mp.mpf("1.5"), mp.mpf("1.5"), mp.mpf(2)), start=zero, end=mp.mpf("1.6"),
    )  # fmt: skip
    return Coincidence(Scene(network, SmoothLoss((zero,) * 3, (zero,) * 3)))
