"""How a classifier is trained and how its answer is read: by first spikes, or by the largest potentials.

A readout makes the loss of a batch and reads the classes from what the solved batch left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from spikeproof.arguments import instance
from spikeproof.losses import FirstSpikeCrossEntropy, Loss, MaxVoltage, MaxVoltageCrossEntropy
from spikeproof.losses.ranks import first_spikes
from spikeproof.network import Network
from spikeproof.numbers import Array, IntArray, Scalar
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes

NO_CLASS = -1  # the answer of a readout that is silent; equal to no label, as is the next one
TIED = -2  # the answer of a readout in which several neurons share the first place


class Readout(Protocol):
    """The part of a classifier that gives the answer."""

    @property
    def population(self) -> str:
        """Name of the population that is read, one neuron per class."""
        ...

    def loss(self, labels: IntArray) -> Loss:
        """What is minimised on a batch with these labels."""
        ...

    def classes(self, problem: Problem, spikes: Spikes) -> IntArray:
        """The class that each sample is taken for, `NO_CLASS` or `TIED`, shape (n_samples,).

        It is read after the engine has evaluated the problem's loss.
        """
        ...


@dataclass(frozen=True)
class FirstSpikeReadout:
    """The class is the neuron that spikes first; parameters as in `FirstSpikeCrossEntropy`.

    A neuron that never spikes is last. If none spikes there is no answer, `NO_CLASS`; if several spike first at the
    same time they are `TIED`. Both count as wrong.
    """

    population: str
    tau0: float
    tau1: float
    alpha: float = 0.0
    silent: Literal["duration", "absent", "error"] | Scalar = "duration"

    def __post_init__(self) -> None:
        instance("population", self.population, str)
        self.loss(np.zeros(0, np.int64))  # checks the parameters

    def loss(self, labels: IntArray) -> Loss:
        return FirstSpikeCrossEntropy(self.population, labels, self.tau0, self.tau1, self.alpha, self.silent)

    def classes(self, problem: Problem, spikes: Spikes) -> IntArray:
        first = first_spikes(spikes, problem.network.neurons(self.population))
        times = np.full(first.shape, np.inf)
        times[first >= 0] = spikes.times[first[first >= 0]]
        return _largest(-times, np.all(first < 0, axis=1))


@dataclass(frozen=True)
class MaxVoltageReadout:
    """The class is the leaky integrator whose V grows largest; `rule` as in `MaxVoltageCrossEntropy`.

    If no V rises above where it starts there is no answer, `NO_CLASS`: such maxima say nothing about the input. If
    several V grow equally large they are `TIED`. Both count as wrong.
    """

    population: str
    rule: Literal["complete", "published"] = "complete"

    def __post_init__(self) -> None:
        instance("population", self.population, str)
        self.loss(np.zeros(0, np.int64))  # checks the rule

    def loss(self, labels: IntArray) -> Loss:
        return _Watched(MaxVoltageCrossEntropy(self.population, labels, self.rule))

    def classes(self, problem: Problem, spikes: Spikes) -> IntArray:
        loss, neurons = problem.loss, problem.parameters.neurons[self.population]
        assert isinstance(loss, _Watched)
        assert loss.observed is not None, "read after the engine has evaluated the loss"
        start = (neurons.v_init - neurons.bias) + neurons.bias  # rounded as in the engine, which measures V from there
        return _largest(loss.observed, np.all(loss.observed <= start, axis=1))


def _largest(scores: Array, silent: Array) -> IntArray:
    """The class of the largest score of each sample, `TIED` if several are largest, `NO_CLASS` if it is silent."""
    answer: IntArray = np.argmax(scores, axis=1)
    answer[np.sum(scores == np.max(scores, axis=1, keepdims=True), axis=1) > 1] = TIED
    answer[silent] = NO_CLASS
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
