"""The random networks on which the equations of hybrid systems are checked."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from spikeproof_verification.experiments.ledger.loss import SmoothLoss
from spikeproof_verification.experiments.ledger.network import Network
from spikeproof_verification.experiments.ledger.precision import Number, mp


@dataclass(frozen=True, eq=False)
class Scene:
    """A network and its loss."""

    network: Network
    loss: SmoothLoss


def draw(seed: int, *, autapses: bool = False, reset: bool = False) -> Scene:
    """Three recurrent spiking neurons, two inputs with a spike each, a loss of spike times and all voltages.

    Thresholds and time constants differ from neuron to neuron. V is reset to 0 unless `reset`.
    """
    rng, size = random.Random(seed), 3

    def numbers(count: int, low: int, high: int) -> tuple[Number, ...]:
        return tuple(mp.mpf(rng.randint(low, high)) / 1000 for _ in range(count))

    w = [numbers(size, -300, 900) for _ in range(size)]
    network = Network(
        w=tuple(tuple(x if autapses or m != n else mp.mpf(0) for n, x in enumerate(row)) for m, row in enumerate(w)),
        w_in=tuple(numbers(2, 500, 1500) for _ in range(size)),
        arrivals=((mp.mpf(rng.randint(300, 500)) / 1000, 0), (mp.mpf(rng.randint(800, 1000)) / 1000, 1)),
        tau_mem=numbers(size, 900, 1500),
        tau_syn=numbers(size, 450, 700),
        v_th=numbers(size, 350, 550),
        v_reset=numbers(size, -200, 200) if reset else (mp.mpf(0),) * size,
        v=numbers(size, 0, 200),
        i=numbers(size, 1200, 2400),
        start=mp.mpf(0),
        end=mp.mpf(rng.randint(1500, 1600)) / 1000,
    )
    return Scene(network, SmoothLoss(numbers(size, 500, 1500), numbers(size, -500, 500)))


@functools.cache
def plain() -> Sequence[Scene]:
    """Networks without autapses, reset to 0, with several spikes of each neuron: what the notes assume."""
    return (draw(3), draw(14))


@functools.cache
def with_autapses() -> Sequence[Scene]:
    """A network whose neurons act on themselves."""
    return (draw(14, autapses=True),)


@functools.cache
def with_reset() -> Sequence[Scene]:
    """A network whose neurons are reset to other potentials than 0."""
    return (draw(3, reset=True),)


@functools.cache
def without_voltage_loss() -> Sequence[Scene]:
    """A network whose loss depends on spike times only."""
    scene = draw(3)
    return (replace(scene, loss=replace(scene.loss, stiffness=(mp.mpf(0),) * scene.network.size)),)
