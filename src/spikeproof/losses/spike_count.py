"""The spike-count regulariser in use: a heuristic, not a gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spikeproof.losses.protocol import check_spiking
from spikeproof.losses.samples import PerSample
from spikeproof.network import Network
from spikeproof.numbers import Array, Scalar, nonnegative
from spikeproof.spikes import Spikes


@dataclass(frozen=True)
class SpikeCountRegulariser(PerSample):
    """Half the squared distance of each neuron's number of spikes to a target: **heuristic**, excluded from exactness.

    ::

        L = strength / 2 * sum_n (N_n - target)^2        reported as dl_p/dt of each spike: -strength (N_n - target)

    The number of spikes is constant between the places where a spike appears or vanishes, so the derivative of L is 0
    almost everywhere. The number reported in its place is common practice and no derivative of anything: it moves the
    spikes of a neuron that is too active later, and those of one that is too quiet earlier, until spikes vanish or
    appear.

    Parameters
    ----------
    population
        Name of a LIF population.
    target
        Number of spikes per neuron and sample, >= 0.
    strength
        Weight of the penalty, >= 0.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    target: Any
    strength: Any = 1.0

    heuristic: ClassVar[bool] = True

    per_sample: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", nonnegative("loss.target", self.target))
        object.__setattr__(self, "strength", nonnegative("loss.strength", self.strength))

    def check(self, network: Network, n_samples: int) -> None:
        check_spiking(network, self.population)

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        mine = (spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop)
        key = spikes.samples()[mine] * len(neurons) + spikes.neurons[mine] - neurons.start
        counts = np.bincount(key, minlength=spikes.n_samples * len(neurons))
        excess = float(self.strength) * (counts - float(self.target))
        values = 0.5 * np.sum((excess * (counts - float(self.target))).reshape(spikes.n_samples, -1), axis=1)
        derivative = np.zeros(len(spikes))
        derivative[mine] = -excess[key]
        return values, derivative
