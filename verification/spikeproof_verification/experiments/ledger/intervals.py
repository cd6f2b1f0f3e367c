"""A trajectory split at its spikes: interval k runs from spike k to spike k + 1, from 0 and to T at the ends."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.adjoint import Adjoint, backward
from spikeproof_verification.experiments.ledger.precision import STEP, Number, derivatives, dot, integral, mp
from spikeproof_verification.experiments.ledger.scenes import Scene, plain, without_voltage_loss
from spikeproof_verification.experiments.ledger.sensitivity import Sensitivity, Weight, sensitivity
from spikeproof_verification.experiments.ledger.trajectory import Trajectory

RECURRENT: tuple[Weight, ...] = ((2, 1), (0, 1))  # few: each needs a quadrature
INPUT: tuple[Weight, ...] = ((1, 3),)
Place = tuple[int, Number]  # a piece and a time


def multipliers(k: int, t: Number, size: int) -> tuple[list[Number], list[Number]]:
    """(lambda_V, lambda_I) that satisfy no equation, smooth in interval k and different in the next."""
    return (
        [mp.sin(t * (m + 1) + k + m * m) for m in range(size)],
        [mp.cos(t * (m + 2) - k + m) for m in range(size)],
    )


def multiplier_rates(k: int, t: Number, size: int) -> tuple[list[Number], list[Number]]:
    """The difference quotients of the multipliers in time."""
    return (
        derivatives(lambda time: multipliers(k, time, size)[0], t),
        derivatives(lambda time: multipliers(k, time, size)[1], t),
    )


@dataclass(frozen=True, eq=False)
class Split:
    """A scene with a few of its weights, its trajectory split at the spikes."""

    scene: Scene
    weights: tuple[Weight, ...]

    @property
    def base(self) -> Sensitivity:
        """The derivatives of the trajectory by differences."""
        return sensitivity(self.scene)

    @property
    def spikes(self) -> int:
        """How many spikes there are."""
        return len(self.base.trajectory.spikes)

    @property
    def intervals(self) -> range:
        """The numbers of the intervals."""
        return range(self.spikes + 1)

    @property
    def tau_mem(self) -> Sequence[Number]:
        """Membrane time constant of each neuron."""
        return self.scene.network.tau_mem

    @property
    def tau_syn(self) -> Sequence[Number]:
        """Synaptic time constant of each neuron."""
        return self.scene.network.tau_syn

    def pieces(self, k: int) -> range:
        """The pieces of interval k: more than one if input spikes arrive in it."""
        ends = [-1, *(piece for _, _, piece in self.base.trajectory.spikes), len(self.base.trajectory.pieces) - 1]
        return range(ends[k] + 1, ends[k + 1] + 1)

    def knots(self, piece: int) -> Sequence[Number]:
        """Panels of the quadrature over a piece."""
        return self.base.trajectory.pieces[piece].path.knots

    def before(self, k: int) -> Place:
        """The place just before spike k, or the end of the trajectory."""
        piece = self.pieces(k - 1)[-1]
        return piece, self.base.trajectory.pieces[piece].end

    def after(self, k: int) -> Place:
        """The place just after spike k, or the start of the trajectory."""
        piece = self.pieces(k)[0]
        return piece, self.base.trajectory.pieces[piece].start

    @property
    def arrivals(self) -> list[tuple[Place, Place]]:
        """The places on both sides of each arrival of an input spike."""
        pieces, size = self.base.trajectory.pieces, self.scene.network.size
        places = [n for n, piece in enumerate(pieces) if piece.source is not None and piece.source >= size]
        return [((n, pieces[n].end), (n + 1, pieces[n].end)) for n in places]

    def middles(self, k: int) -> list[Place]:
        """A place within each piece of interval k."""
        pieces = self.base.trajectory.pieces
        return [(n, (2 * pieces[n].start + pieces[n].end) / 3) for n in self.pieces(k)]

    def state(self, piece: int, t: Number) -> list[Number]:
        """(V, I)."""
        return self.base.state(piece, t)

    def dstate(self, weight: Weight, piece: int, t: Number) -> list[Number]:
        """d(V, I)/dw at fixed time."""
        return self.base.dstate(weight, piece, t)

    def drate(self, weight: Weight, piece: int, t: Number) -> list[Number]:
        """d/dt of it."""
        return self.base.drate(weight, piece, t)

    def dloss(self, weight: Weight) -> Number:
        """dL/dw by differences."""
        return self.base.dloss(weight)

    def end_slopes(self, weight: Weight) -> list[Number]:
        """dt_k/dw of the ends of the intervals: 0 at both ends of the trajectory."""
        return [mp.mpf(0), *self.base.dtimes(weight), mp.mpf(0)]

    def loss_slope(self, state: Sequence[Number]) -> list[Number]:
        """dl_V/dV."""
        return self.scene.loss.density_slope(state)

    def loss_before(self, k: int) -> Number:
        """l_V just before spike k."""
        return self.scene.loss.density(self.state(*self.before(k)))

    def loss_after(self, k: int) -> Number:
        """l_V just after it."""
        return self.scene.loss.density(self.state(*self.after(k)))

    def time_slope(self, k: int) -> Number:
        """dl_p/dt of spike k, the first being 1."""
        return self.scene.loss.of_times_slope(self.base.trajectory.times)[k - 1]

    @functools.cached_property
    def adjoint(self) -> Adjoint:
        """Lambda by paper 32, from 0 at T, with arbitrary jumps at spikes."""
        return backward(self.base.trajectory, self.scene.loss, _free_jump)

    def adjoint_at(self, piece: int, t: Number) -> list[Number]:
        """(lambda_V, lambda_I)."""
        return self.adjoint.at(piece, t)

    def adjoint_rate(self, piece: int, t: Number) -> list[Number]:
        """The difference quotient of lambda in time."""
        return derivatives(lambda time: self.adjoint_at(piece, time), t)

    def adjoint_weighted(self, piece: int, t: Number) -> list[Number]:
        """(tau_mem lambda_V, tau_syn lambda_I)."""
        taus = (*self.tau_mem, *self.tau_syn)
        return [tau * x for tau, x in zip(taus, self.adjoint_at(piece, t), strict=True)]

    def daugmented(self, weight: Weight) -> Number:
        """The derivative of the loss with the multipliers of f_V and f_I added, by differences."""
        after, before = (self._augmented(neighbour) for neighbour in self.base.neighbours(weight))
        return (after - before) / (2 * STEP)

    def _augmented(self, trajectory: Trajectory) -> Number:
        inner = mp.fsum(self._over(trajectory, n, k) for k in self.intervals for n in self.pieces(k))
        return self.scene.loss.of_times(trajectory.times) + inner

    def _over(self, trajectory: Trajectory, n: int, k: int) -> Number:
        path, size = trajectory.pieces[n].path, self.scene.network.size

        def density(t: Number) -> Number:
            x, rate = path.at(t), derivatives(path.at, t)
            f_v = [self.tau_mem[m] * rate[m] + x[m] - x[size + m] for m in range(size)]
            f_i = [self.tau_syn[m] * rate[size + m] + x[size + m] for m in range(size)]
            lambda_v, lambda_i = multipliers(k, t, size)
            return self.scene.loss.density(x[:size]) + dot(lambda_v, f_v) + dot(lambda_i, f_i)

        return integral(density, path.knots)


def _free_jump(k: int, lambda_v: list[Number], lambda_i: list[Number]) -> tuple[list[Number], list[Number]]:
    return [x + mp.sin(k + m) for m, x in enumerate(lambda_v)], [x - mp.cos(k * m) for m, x in enumerate(lambda_i)]


@functools.cache
def splits() -> Sequence[Split]:
    """One network with two of its weights."""
    return (Split(plain()[0], RECURRENT),)


@functools.cache
def splits_of_input() -> Sequence[Split]:
    """A split network with a weight from an input that arrives before the first spike."""
    return (Split(plain()[0], INPUT),)


@functools.cache
def splits_of_times() -> Sequence[Split]:
    """A split network as in `splits_of_input`, without a voltage loss."""
    return (Split(without_voltage_loss()[0], INPUT),)
