"""The adjoint backward through a stored trajectory: Taylor series of paper 32, any rule for the jumps at spikes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.loss import SmoothLoss
from spikeproof_verification.experiments.ledger.network import Network
from spikeproof_verification.experiments.ledger.precision import Number, Vector, mp
from spikeproof_verification.experiments.ledger.series import Path, Term, integrate
from spikeproof_verification.experiments.ledger.trajectory import Trajectory

# (spike, its number from 0; lambda_V+, lambda_I+) -> (lambda_V-, lambda_I-)
Jump = Callable[[int, list[Number], list[Number]], tuple[list[Number], list[Number]]]


@dataclass(frozen=True)
class Kick:
    """A jump of lambda_V of neuron `n` by `amount` at the time `t` of a piece, seen backward in time.

    At the end of a piece it is on the minus side of the event there, at its start on the plus side.
    """

    piece: int
    t: Number
    n: int
    amount: Number


@dataclass(frozen=True, eq=False)
class Adjoint:
    """Lambda on every piece of a trajectory.

    Attributes
    ----------
    paths : of each piece, (V, I, lambda_V, lambda_I); where there are kicks, of the part before all of them.
    size : number of neurons.
    """

    paths: tuple[Path, ...]
    size: int

    def at(self, piece: int, t: Number) -> list[Number]:
        """(lambda_V, lambda_I) at `t` on the extension of a piece."""
        return self.paths[piece].at(t)[2 * self.size :]


def backward(
    trajectory: Trajectory, loss: SmoothLoss, jump: Jump, kicks: Sequence[Kick] = (), drive: Vector = ()
) -> Adjoint:
    """Lambda from 0 at the end of `trajectory` back to its start; `drive` is a constant dl_V/dV besides the loss's."""
    network = trajectory.network
    size, field = network.size, adjoint_field(network, loss, drive)
    spikes = {piece: k for k, (_, _, piece) in enumerate(trajectory.spikes)}
    lambda_v, lambda_i = [mp.mpf(0)] * size, [mp.mpf(0)] * size
    paths: list[Path] = []
    for place in reversed(range(len(trajectory.pieces))):
        piece = trajectory.pieces[place]
        if place in spikes:
            lambda_v, lambda_i = jump(spikes[place], lambda_v, lambda_i)
        t = piece.end
        for kick in sorted((k for k in kicks if k.piece == place), key=lambda k: -k.t):
            path = integrate(field, t, [*piece.path.at(t), *lambda_v, *lambda_i], kick.t, network.step)
            lambda_v, lambda_i = _split(path.at(kick.t)[2 * size :])
            lambda_v[kick.n] += kick.amount
            t = kick.t
        path = integrate(field, t, [*piece.path.at(t), *lambda_v, *lambda_i], piece.start, network.step)
        paths.append(path)
        lambda_v, lambda_i = _split(path.at(piece.start)[2 * size :])
    return Adjoint(tuple(reversed(paths)), size)


def adjoint_field(network: Network, loss: SmoothLoss, drive: Vector = ()) -> list[list[Term]]:
    """Paper 25 and 32 as one field of (V, I, lambda_V, lambda_I), in forward time.

    `drive` is a constant dl_V/dV besides that of `loss`.
    """
    size = network.size
    field = [*network.field]
    for m, tau in enumerate(network.tau_mem):
        constant = -loss.stiffness[m] * loss.target[m] + (drive[m] if drive else 0)
        field.append([(1 / tau, (2 * size + m,)), (loss.stiffness[m] / tau, (m,)), (constant / tau, ())])
    for m, tau in enumerate(network.tau_syn):
        field.append([(1 / tau, (3 * size + m,)), (-1 / tau, (2 * size + m,))])
    return field


def _split(values: Sequence[Number]) -> tuple[list[Number], list[Number]]:
    return list(values[: len(values) // 2]), list(values[len(values) // 2 :])
