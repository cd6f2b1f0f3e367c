"""Rules for the jump of lambda_V at a spike, and the gradients that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from spikeproof_verification.experiments.ledger.adjoint import Adjoint, Jump, backward
from spikeproof_verification.experiments.ledger.network import Network
from spikeproof_verification.experiments.ledger.precision import Number, Vector, mp
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.sensitivity import Weight
from spikeproof_verification.experiments.ledger.trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Spike:
    """The arguments of a rule at a spike of neuron `n`.

    Attributes
    ----------
    vdot_minus, vdot_plus : slopes of V_n before and after.
    drive : dl_p/dt + l_V- - l_V+.
    """

    network: Network
    n: int
    vdot_minus: Number
    vdot_plus: Number
    drive: Number


# (spike, lambda_V+, lambda_I+) -> lambda_V,n-
Rule = Callable[[Spike, Vector, Vector], Number]


def paper_52a(spike: Spike, lambda_v: Vector, lambda_i: Vector) -> Number:
    """The jump by the ratio of slopes and the sum over the other neurons."""
    w, n, scale = spike.network.w, spike.n, spike.network.tau_mem[spike.n] * spike.vdot_minus
    others = mp.fsum(w[m][n] * (lambda_v[m] - lambda_i[m]) for m in range(len(w)) if m != n)
    return spike.vdot_plus / spike.vdot_minus * lambda_v[n] + (others + spike.drive) / scale


def paper_52a_with_autapse(spike: Spike, lambda_v: Vector, lambda_i: Vector) -> Number:
    """The jump of `paper_52a` with the neuron's own autapse, beyond the slope after the spike."""
    n, scale = spike.n, spike.network.tau_mem[spike.n] * spike.vdot_minus
    return paper_52a(spike, lambda_v, lambda_i) - spike.network.w[n][n] * lambda_i[n] / scale


def table_2(spike: Spike, lambda_v: Vector, lambda_i: Vector) -> Number:
    """The jump by the threshold and the sum over all neurons."""
    return _tabled(spike, lambda_v, lambda_i, spike.network.v_th[spike.n])


def table_2_with_reset(spike: Spike, lambda_v: Vector, lambda_i: Vector) -> Number:
    """The jump of `table_2` with the height from reset to threshold."""
    return _tabled(spike, lambda_v, lambda_i, spike.network.v_th[spike.n] - spike.network.v_reset[spike.n])


def _tabled(spike: Spike, lambda_v: Vector, lambda_i: Vector, height: Number) -> Number:
    w, n = spike.network.w, spike.n
    through = mp.fsum(w[m][n] * (lambda_v[m] - lambda_i[m]) for m in range(len(w)))
    jump = height * lambda_v[n] + through + spike.drive
    return lambda_v[n] + jump / (spike.network.tau_mem[n] * spike.vdot_minus)


def no_jump(spike: Spike, lambda_v: Vector, _lambda_i: Vector) -> Number:
    """Lambda goes on as if there were no spike."""
    return lambda_v[spike.n]


def spikes(trajectory: Trajectory, scene: Scene) -> list[Spike]:
    """The spikes of a trajectory in their order; of spikes at one time, all have the slope before the first."""
    found, first, when = [], 0, mp.mpf(-1)
    slopes = scene.loss.of_times_slope(trajectory.times)
    for (n, t, piece), slope in zip(trajectory.spikes, slopes, strict=True):
        if t != when:
            first, when = piece, t
        before, after = trajectory.pieces[first].path, trajectory.pieces[piece + 1].path
        loss = [scene.loss.density(path.at(t, scene.network.size)) for path in (before, after)]
        drive = slope + loss[0] - loss[1]
        found.append(Spike(trajectory.network, n, before.slope(n, t), after.slope(n, t), drive))
    return found


def sequential(trajectory: Trajectory, scene: Scene, rule: Rule, more: Mapping[int, Number] | None = None) -> Jump:
    """`rule` at each spike, with `more` in the drive of some; nothing else jumps (paper 52b, 52c)."""
    known = [replace(s, drive=s.drive + (more or {}).get(k, 0)) for k, s in enumerate(spikes(trajectory, scene))]

    def jump(k: int, lambda_v: list[Number], lambda_i: list[Number]) -> tuple[list[Number], list[Number]]:
        changed = list(lambda_v)
        changed[known[k].n] = rule(known[k], lambda_v, lambda_i)
        return changed, lambda_i

    return jump


def simultaneous(trajectory: Trajectory, scene: Scene, rule: Rule) -> Jump:
    """The jumps as by `sequential`, but spikes at one time all take lambda+ from after the last of them."""
    known, times = spikes(trajectory, scene), trajectory.times
    common: dict[Number, list[Number]] = {}

    def jump(k: int, lambda_v: list[Number], lambda_i: list[Number]) -> tuple[list[Number], list[Number]]:
        plus = common.setdefault(times[k], list(lambda_v))
        changed = list(lambda_v)
        changed[known[k].n] = rule(known[k], plus, lambda_i)
        return changed, lambda_i

    return jump


def gradient(trajectory: Trajectory, scene: Scene, jump: Jump, weights: list[Weight]) -> list[Number]:
    """The derivative dL/dw of each weight, with lambda that jumps by `jump`."""
    return sampled(trajectory, backward(trajectory, scene.loss, jump), weights)


def sampled(trajectory: Trajectory, adjoint: Adjoint, weights: list[Weight]) -> list[Number]:
    """Paper 54 and 56: -tau_syn,j times the sum of lambda_I,j+ over the spikes of i."""
    pieces, network = trajectory.pieces, trajectory.network
    totals = []
    for j, i in weights:
        places = (n for n, piece in enumerate(pieces) if piece.source == i)
        samples = [adjoint.at(n + 1, pieces[n].end)[network.size + j] for n in places]
        totals.append(-network.tau_syn[j] * mp.fsum(samples))
    return totals
