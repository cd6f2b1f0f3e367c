"""Derivatives with respect to weights, all by central differences of whole trajectories."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.precision import STEP, Number, derivatives
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.trajectory import Trajectory, simulate

Weight = tuple[int, int]  # (j, i): to neuron j from neuron i, or from input k for i = size + k


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """A scene's trajectory and its neighbours.

    Two trajectories are subtracted piece by piece, each piece extended beyond its events, so that the difference
    quotient is the partial derivative at fixed time on either side of an event.
    """

    scene: Scene

    @functools.cached_property
    def trajectory(self) -> Trajectory:
        """The trajectory of the network itself."""
        return simulate(self.scene.network)

    @functools.cached_property
    def _neighbours(self) -> dict[Weight, tuple[Trajectory, Trajectory]]:
        return {}

    def neighbours(self, weight: Weight) -> tuple[Trajectory, Trajectory]:
        """The trajectories with `weight` raised and lowered; their events must be the same."""
        if weight not in self._neighbours:
            after, before = (simulate(self.scene.network.moved(*weight, by)) for by in (STEP, -STEP))
            if not after.sequence == before.sequence == self.trajectory.sequence:
                raise ArithmeticError("the events of a scene change within the step of its differences")
            self._neighbours[weight] = after, before
        return self._neighbours[weight]

    @functools.cached_property
    def weights(self) -> list[Weight]:
        """The recurrent weights of the network, autapses only if it has some."""
        w = self.scene.network.w
        return [(j, i) for j in range(len(w)) for i in range(len(w)) if j != i or any(w[m][m] for m in range(len(w)))]

    @functools.cached_property
    def input_weights(self) -> list[Weight]:
        """The weights from inputs."""
        size = self.scene.network.size
        return [(j, size + k) for j in range(size) for k in range(len(self.scene.network.w_in[0]))]

    def state(self, piece: int, t: Number) -> list[Number]:
        """(V, I) at `t` on the extension of a piece."""
        return self.trajectory.pieces[piece].path.at(t)

    def rate(self, piece: int, t: Number) -> list[Number]:
        """The difference quotient of (V, I) in time."""
        return derivatives(self.trajectory.pieces[piece].path.at, t)

    def dstate(self, weight: Weight, piece: int, t: Number) -> list[Number]:
        """d(V, I)/dw at fixed `t` on the extension of a piece."""
        after, before = (neighbour.pieces[piece].path.at(t) for neighbour in self.neighbours(weight))
        return [(a - b) / (2 * STEP) for a, b in zip(after, before, strict=True)]

    def drate(self, weight: Weight, piece: int, t: Number) -> list[Number]:
        """d/dt of d(V, I)/dw."""
        return derivatives(lambda time: self.dstate(weight, piece, time), t)

    def dtimes(self, weight: Weight) -> list[Number]:
        """dt_k/dw of every spike."""
        after, before = self.neighbours(weight)
        return [(a - b) / (2 * STEP) for a, b in zip(after.times, before.times, strict=True)]

    @functools.cached_property
    def _losses(self) -> dict[Weight, Number]:
        return {}

    def dloss(self, weight: Weight) -> Number:
        """dL/dw."""
        if weight not in self._losses:
            after, before = (self.scene.loss.value(neighbour) for neighbour in self.neighbours(weight))
            self._losses[weight] = (after - before) / (2 * STEP)
        return self._losses[weight]


@functools.cache
def sensitivity(scene: Scene) -> Sensitivity:
    """The one `Sensitivity` of a scene, so that trajectories are computed once."""
    return Sensitivity(scene)
