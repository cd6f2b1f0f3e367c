"""The numbers on both sides of one spike that the jump equations relate."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.network import Matrix, Network
from spikeproof_verification.experiments.ledger.precision import Number, Vector, mp
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.sensitivity import Sensitivity, Weight, sensitivity


@dataclass(frozen=True, eq=False)
class Side:
    """The state just before or just after a spike, indexed by neuron.

    Attributes
    ----------
    v, i, vdot, idot : state and its difference quotients in time.
    dv, di : derivatives at fixed time, as [weight][neuron], by differences of trajectories.
    lambda_v, lambda_i : arbitrary numbers.
    loss : l_V.
    """

    v: Vector
    i: Vector
    vdot: Vector
    idot: Vector
    dv: Sequence[Vector]
    di: Sequence[Vector]
    lambda_v: Vector
    lambda_i: Vector
    loss: Number


@dataclass(frozen=True, eq=False)
class Transition:
    """A spike of neuron `n`: both sides of it, and how its time moves.

    Attributes
    ----------
    dt : dt_spike/dw of each of `weights`, by differences of root-found times.
    time_slope : dl_p/dt of this spike.
    """

    network: Network
    n: int
    weights: Sequence[Weight]
    dt: Vector
    minus: Side
    plus: Side
    time_slope: Number

    @property
    def w(self) -> Matrix:
        """w[m][n], from n to m."""
        return self.network.w

    @property
    def tau_mem(self) -> Sequence[Number]:
        """Membrane time constant of each neuron."""
        return self.network.tau_mem

    @property
    def tau_syn(self) -> Sequence[Number]:
        """Synaptic time constant of each neuron."""
        return self.network.tau_syn

    @property
    def others(self) -> list[int]:
        """The neurons m other than n."""
        return [m for m in range(len(self.w)) if m != self.n]

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.w)

    def delta(self, weight: Weight, m: int) -> int:
        """delta_in delta_jm."""
        return int(weight == (m, self.n))


def transitions(scenes: Callable[[], Sequence[Scene]]) -> Callable[[], Sequence[Transition]]:
    """The spikes of some scenes, computed when asked for."""
    return lambda: [one for scene in scenes() for one in of_scene(scene)]


@functools.cache
def of_scene(scene: Scene) -> Sequence[Transition]:
    """All spikes of a scene."""
    s = sensitivity(scene)
    slopes = scene.loss.of_times_slope(s.trajectory.times)
    return [_transition(s, k, slope) for k, slope in enumerate(slopes)]


def _transition(s: Sensitivity, k: int, slope: Number) -> Transition:
    network = s.scene.network
    n, t, piece = s.trajectory.spikes[k]
    return Transition(
        network=network, n=n, weights=s.weights, dt=[s.dtimes(weight)[k] for weight in s.weights],
        minus=_side(s, piece, t, 2 * k), plus=_side(s, piece + 1, t, 2 * k + 1), time_slope=slope,
    )  # fmt: skip


def _side(s: Sensitivity, piece: int, t: Number, seed: int) -> Side:
    size, rng = s.scene.network.size, random.Random(seed)
    state, rate = s.state(piece, t), s.rate(piece, t)
    moved = [s.dstate(weight, piece, t) for weight in s.weights]
    return Side(
        v=state[:size], i=state[size:], vdot=rate[:size], idot=rate[size:],
        dv=[d[:size] for d in moved], di=[d[size:] for d in moved],
        lambda_v=[mp.mpf(rng.randint(-999, 999)) / 500 for _ in range(size)],
        lambda_i=[mp.mpf(rng.randint(-999, 999)) / 500 for _ in range(size)],
        loss=s.scene.loss.density(state[:size]),
    )  # fmt: skip
