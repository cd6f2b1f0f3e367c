"""Readouts that do not spike, and losses of the maxima of their voltages."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.adjoint import Kick, backward
from spikeproof_verification.experiments.ledger.loss import SmoothLoss
from spikeproof_verification.experiments.ledger.network import Network
from spikeproof_verification.experiments.ledger.precision import STEP, Number, derivative, mp
from spikeproof_verification.experiments.ledger.rules import sampled, sequential, table_2
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.sensitivity import Sensitivity, Weight, sensitivity
from spikeproof_verification.experiments.ledger.trajectory import Trajectory, root

HIDDEN, READOUTS = 3, (3, 4)


@dataclass(frozen=True)
class Maximum:
    """The largest V of a readout: its time, and the piece in which it lies or which it ends."""

    value: Number
    t: Number
    piece: int
    at_end: bool


@dataclass(frozen=True, eq=False)
class Readout:
    """Three recurrent spiking neurons and two readouts; the label says which should have the largest voltage."""

    scene: Scene
    label: int

    @property
    def base(self) -> Sensitivity:
        """The trajectory of the scene, with derivatives by differences."""
        return sensitivity(self.scene)

    @property
    def trajectory(self) -> Trajectory:
        """The trajectory of the scene."""
        return self.base.trajectory

    @property
    def weights(self) -> list[Weight]:
        """The weights from the spiking neurons to others."""
        return [(j, i) for j in range(HIDDEN + len(READOUTS)) for i in range(HIDDEN) if i != j]

    @functools.cached_property
    def maxima(self) -> dict[int, Maximum]:
        """The largest V of each readout."""
        return {r: maximum(self.trajectory, r) for r in READOUTS}

    @functools.cached_property
    def shares(self) -> dict[int, Number]:
        """P_r, the softmax of the maxima."""
        return softmax({r: peak.value for r, peak in self.maxima.items()})

    def slope_before(self, r: int) -> Number:
        """dV_r/dt at its maximum, from before."""
        peak = self.maxima[r]
        return derivative(lambda t: self.trajectory.pieces[peak.piece].path.component(r, t), peak.t)

    def loss(self, trajectory: Trajectory) -> Number:
        """The cross-entropy of the softmax of the maxima, for a batch of one sample."""
        return -mp.log(softmax({r: maximum(trajectory, r).value for r in READOUTS})[self.label])

    def differences(self, loss: Callable[[Trajectory], Number]) -> list[Number]:
        """The derivative dL/dw of each weight, by differences."""
        pairs = (self.base.neighbours(weight) for weight in self.weights)
        return [(loss(after) - loss(before)) / (2 * STEP) for after, before in pairs]

    def adjoint(
        self, kicks: Sequence[Kick] = (), more: Mapping[int, Number] | None = None, drive: Sequence[Number] = ()
    ) -> list[Number]:
        """The derivative dL/dw of each weight, by the adjoint with `kicks`, and `more` in dl_p/dt of some spikes."""
        jump = sequential(self.trajectory, self.scene, table_2, more)
        adjoint = backward(self.trajectory, self.scene.loss, jump, kicks, drive)
        return sampled(self.trajectory, adjoint, self.weights)


def softmax(values: Mapping[int, Number]) -> dict[int, Number]:
    """The softmax of some values, by their keys."""
    total = mp.fsum(mp.exp(value) for value in values.values())
    return {r: mp.exp(value) / total for r, value in values.items()}


@functools.cache
def maximum(trajectory: Trajectory, r: int) -> Maximum:
    """The largest voltage of readout `r`: at an event, or where the slope changes sign within a panel."""
    return max(_candidates(trajectory, r), key=lambda peak: peak.value)


def _candidates(trajectory: Trajectory, r: int) -> Iterator[Maximum]:
    for place, piece in enumerate(trajectory.pieces):
        path = piece.path
        yield Maximum(path.component(r, piece.end), piece.end, place, at_end=True)
        for low, high in zip(path.knots, path.knots[1:], strict=False):
            if path.slope(r, low) > 0 > path.slope(r, high):
                t = _peak(lambda time, path=path: path.slope(r, time), low, high)  # type: ignore[misc]
                yield Maximum(path.component(r, t), t, place, at_end=False)


def _peak(slope: Callable[[Number], Number], low: Number, high: Number) -> Number:
    return root(slope, lambda t: derivative(slope, t), low, high)


SMOOTH, KINK = 24, 31  # seeds
SHORTENED = "1.5"  # an end before the maxima of the smooth scene


@functools.cache
def smooth_maxima() -> Sequence[Readout]:
    """Scenes in which both maxima are where dV/dt = 0; either readout is the label."""
    return tuple(Readout(_draw(SMOOTH), label) for label in READOUTS)


@functools.cache
def maxima_at_end() -> Sequence[Readout]:
    """Scenes in which both voltages still rise at the end."""
    return tuple(Readout(_draw(SMOOTH, SHORTENED), label) for label in READOUTS)


@functools.cache
def kink_of_other() -> Sequence[Readout]:
    """Scenes in which the maximum of the readout that is not the label is where an inhibitory spike arrives."""
    return (Readout(_draw(KINK), READOUTS[0]),)


@functools.cache
def kink_of_label() -> Sequence[Readout]:
    """Scenes in which the maximum of the label's readout is where an inhibitory spike arrives."""
    return (Readout(_draw(KINK), READOUTS[1]),)


def _draw(seed: int, end: str = "2.2") -> Scene:
    rng, zero, size = random.Random(seed), mp.mpf(0), HIDDEN + len(READOUTS)

    def numbers(count: int, low: int, high: int) -> tuple[Number, ...]:
        return tuple(mp.mpf(rng.randint(low, high)) / 1000 for _ in range(count))

    w = [[*numbers(HIDDEN, -300, 800), zero, zero] for _ in range(HIDDEN)]
    w += [[*numbers(HIDDEN, -1500, 2000), zero, zero] for _ in READOUTS]
    network = Network(
        w=tuple(tuple(zero if m == n else x for n, x in enumerate(row)) for m, row in enumerate(w)),
        w_in=tuple(numbers(2, 500, 1500) if m < HIDDEN else (zero, zero) for m in range(size)),
        arrivals=((mp.mpf("0.35"), 0), (mp.mpf("0.85"), 1)),
        tau_mem=numbers(size, 900, 1500), tau_syn=numbers(size, 450, 700),
        v_th=(*numbers(HIDDEN, 350, 550), None, None), v_reset=(zero,) * size,
        v=(*numbers(HIDDEN, 0, 200), zero, zero), i=(*numbers(HIDDEN, 1200, 2400), mp.mpf("0.2"), mp.mpf("0.3")),
        start=zero, end=mp.mpf(end),
    )  # fmt: skip
    return Scene(network, SmoothLoss((zero,) * size, (zero,) * size, timing=0))
