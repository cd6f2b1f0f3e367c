"""Lambda by its definition: the derivative of the remaining loss by the state.

The adjoint is by definition dL/dV_m(t) = -tau_mem lambda_V,m(t) and dL/dI_m(t) = -tau_syn lambda_I,m(t): the network is
started again from a state close to the trajectory, and the losses are subtracted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

from spikeproof_verification.experiments.ledger.adjoint import adjoint_field
from spikeproof_verification.experiments.ledger.precision import Number, Vector, gradient, mp
from spikeproof_verification.experiments.ledger.scenes import Scene
from spikeproof_verification.experiments.ledger.sensitivity import sensitivity
from spikeproof_verification.experiments.ledger.series import integrate
from spikeproof_verification.experiments.ledger.trajectory import simulate
from spikeproof_verification.experiments.ledger.transition import Transition, of_scene

AWAY = mp.mpf(1) / 50  # how far from an event the state is moved; paper 32 leads from there to the event


def measured(scenes: Callable[[], Sequence[Scene]], spikes: Sequence[int]) -> Callable[[], Sequence[Transition]]:
    """The `spikes` of the first of `scenes`, with lambda measured on both sides."""
    return lambda: [_measured(scenes()[0], k) for k in spikes]


@functools.cache
def _measured(scene: Scene, k: int) -> Transition:
    spike = of_scene(scene)[k]
    _, t, piece = sensitivity(scene).trajectory.spikes[k]
    minus, plus = costate(scene, piece, t), costate(scene, piece + 1, t)
    size = scene.network.size
    return replace(
        spike,
        minus=replace(spike.minus, lambda_v=minus[:size], lambda_i=minus[size:]),
        plus=replace(spike.plus, lambda_v=plus[:size], lambda_i=plus[size:]),
    )


def costate(scene: Scene, piece: int, t: Number) -> list[Number]:
    """(lambda_V, lambda_I) at the end `t` of a piece, approached from within it."""
    base, network = sensitivity(scene), scene.network
    here = base.trajectory.pieces[piece]
    wait = min(AWAY, (here.end - here.start) / 3)
    start = t - wait if t == here.end else t + wait
    state = here.path.at(start)
    earlier = [time for time in base.trajectory.times if time < start]

    def to_go(values: Vector) -> Number:
        return scene.loss.value(simulate(network.restarted(start, values)), earlier)

    taus = (*network.tau_mem, *network.tau_syn)
    found = [-slope / tau for slope, tau in zip(gradient(to_go, state), taus, strict=True)]
    path = integrate(adjoint_field(network, scene.loss), start, [*state, *found], t, network.step)
    return path.at(t)[2 * network.size :]
