"""How a classifier is trained and how its answer is read: by first spikes, or by the largest potentials.

A readout makes the loss of a batch and reads the classes from what the solved batch left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from spikeproof.losses import FirstSpikeCrossEntropy, Loss, MaxVoltage, MaxVoltageCrossEntropy
from spikeproof.losses.ranks import first_spikes
from spikeproof.network import Network
from spikeproof.numbers import Array, IntArray, Scalar
from spikeproof.spikes import Spikes

NO_CLASS = -1  # the answer of a readout that is silent; equal to no label


class Readout(Protocol):
    """The part of a classifier that gives the answer."""

    @property
    def population(self) -> str:
        """Name of the population that is read, one neuron per class."""
        ...

    def loss(self, labels: IntArray) -> Loss:
        """What is minimised on a batch with these labels."""
        ...

    def classes(self, loss: Loss, spikes: Spikes, network: Network) -> IntArray:
        """The class that each sample is taken for, shape (n_samples,), after the engine has evaluated `loss`."""
        ...


@dataclass(frozen=True)
class FirstSpikeReadout:
    """The class is the neuron that spikes first; parameters as in `FirstSpikeCrossEntropy`.

    A neuron that never spikes is last. Of two at the same time the one with the lower number wins. If none spikes
    there is no answer, `NO_CLASS`, which counts as wrong.
    """

    population: str
    tau0: float
    tau1: float
    alpha: float = 0.0
    silent: Literal["duration", "absent", "error"] | Scalar = "duration"

    def loss(self, labels: IntArray) -> Loss:
        return FirstSpikeCrossEntropy(self.population, labels, self.tau0, self.tau1, self.alpha, self.silent)

    def classes(self, loss: Loss, spikes: Spikes, network: Network) -> IntArray:
        first = first_spikes(spikes, network.neurons(self.population))
        times = np.full(first.shape, np.inf)
        times[first >= 0] = spikes.times[first[first >= 0]]
        answer: IntArray = np.argmin(times, axis=1)
        answer[np.all(first < 0, axis=1)] = NO_CLASS
        return answer


@dataclass(frozen=True)
class MaxVoltageReadout:
    """The class is the leaky integrator whose V grows largest; `rule` as in `MaxVoltageCrossEntropy`.

    It always answers: without any spike all maxima are equal and class 0 is the answer.
    """

    population: str
    rule: Literal["complete", "published"] = "complete"

    def loss(self, labels: IntArray) -> Loss:
        return _Watched(MaxVoltageCrossEntropy(self.population, labels, self.rule))

    def classes(self, loss: Loss, spikes: Spikes, network: Network) -> IntArray:
        assert isinstance(loss, _Watched)
        assert loss.observed is not None, "read after the engine has evaluated the loss"
        answer: IntArray = np.argmax(loss.observed, axis=1)
        return answer


class _Watched:
    """A max-voltage loss that keeps the largest potentials it was evaluated on."""

    def __init__(self, inner: MaxVoltageCrossEntropy) -> None:
        self.population = inner.population
        self.heuristic = inner.heuristic
        self.observable: MaxVoltage = inner.observable
        self.check: Callable[[Network, int], None] = inner.check
        self.observed: Array | None = None
        self._inner = inner

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        self.observed = observed
        return self._inner.evaluate_voltage(observed)
