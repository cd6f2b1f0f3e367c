"""Readouts: how a classifier is trained and how its answer is read, by first spikes or by the largest potentials.

A readout makes the loss of a batch and reads the classes from its solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeGuard

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.losses import (
    FirstSpikeCrossEntropy,
    Loss,
    MaxVoltageCrossEntropy,
    SpikeTimeTarget,
    VoltageAt,
    VoltageTarget,
)
from spikeproof.losses.ranks import first_spikes
from spikeproof.numbers import Array, IntArray, Scalar
from spikeproof.solution import Solution

NO_CLASS = -1  # the answer of a readout that is silent; equal to no label, as is the next one
TIED = -2  # the answer of a readout in which several neurons share the first place


class Regression(Protocol):
    """The part of a network that is trained on target numbers that makes its loss."""

    @property
    def population(self) -> str:
        """Name of the population that is read."""
        ...

    def loss(self, targets: Array) -> Loss:
        """The loss of a batch with these targets, shape (n_samples, ...)."""
        ...


class Readout(Protocol):
    """The part of a classifier that makes its loss and reads its answers."""

    @property
    def population(self) -> str:
        """Name of the population that is read, one neuron per class."""
        ...

    def loss(self, labels: IntArray) -> Loss:
        """The loss of a batch with these labels, shape (n_samples,)."""
        ...

    def classes(self, solution: Solution) -> IntArray:
        """The answer for each sample of a solution, a class, `NO_CLASS` or `TIED`; shape (n_samples,)."""
        ...


def has_classes(readout: Readout | Regression) -> TypeGuard[Readout]:
    """Whether a readout has answers that are classes; without them it is that of a regression."""
    return hasattr(readout, "classes")


@dataclass(frozen=True)
class FirstSpikeReadout:
    """The class is the neuron that spikes first.

    A neuron that never spikes is last. If none spikes the answer is `NO_CLASS`; if several spike first at the same time
    it is `TIED`. Both count as wrong.

    Parameters
    ----------
    population
        Name of a LIF population, one neuron per class.
    tau0, tau1, alpha, silent
        Of the loss, see `FirstSpikeCrossEntropy`.

    Raises
    ------
    InvalidInput
        If a number is outside its range.
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

    def classes(self, solution: Solution) -> IntArray:
        spikes, neurons = solution.spikes, solution.problem.network.neurons(self.population)
        first = first_spikes(spikes, neurons)
        times = np.full(first.shape, np.inf)
        times[first >= 0] = spikes.times[first[first >= 0]]
        return _largest(-times, np.all(first < 0, axis=1))


@dataclass(frozen=True)
class MaxVoltageReadout:
    """The class is the leaky integrator whose V grows largest.

    If no V rises above where it starts the answer is `NO_CLASS`, since such maxima say nothing about the input; if
    several V grow equally large it is `TIED`. Both count as wrong.

    Parameters
    ----------
    population
        Name of an LI population, one neuron per class.
    rule
        ``"complete"`` or ``"published"``, see `MaxVoltage`.

    Raises
    ------
    InvalidInput
        If the rule is unknown; from `classes`, if the engine returns no largest V.
    """

    population: str
    rule: Literal["complete", "published"] = "complete"

    def __post_init__(self) -> None:
        instance("population", self.population, str)
        self.loss(np.zeros(0, np.int64))  # checks the rule

    def loss(self, labels: IntArray) -> Loss:
        return MaxVoltageCrossEntropy(self.population, labels, self.rule)

    def classes(self, solution: Solution) -> IntArray:
        neurons = solution.problem.parameters.neurons[self.population]
        if len(solution.observed) != 1 or solution.observed[0] is None:
            allowed = f"the largest V of each sample, which the engine {solution.engine!r} leaves out"
            raise InvalidInput("solution.observed", solution.observed, allowed)
        largest = np.asarray(solution.observed[0], dtype=np.float64)
        start = (neurons.v_init - neurons.bias) + neurons.bias  # rounded as in engines that measure V from the bias
        return _largest(largest, np.all(largest <= np.maximum(start, neurons.v_init), axis=1))


@dataclass(frozen=True)
class SpikeTimeReadout:
    """The answer are spike times, for a regression: the loss is their half squared distance to the targets.

    Parameters
    ----------
    population
        Name of a LIF population. Targets have the shape (n_samples, size, n_ranks).
    missing
        Of the loss, see `SpikeTimeTarget`.

    Raises
    ------
    InvalidInput
        If an argument is not what is allowed.
    """

    population: str
    missing: Literal["duration", "absent"] = "duration"

    def __post_init__(self) -> None:
        instance("population", self.population, str)
        self.loss(np.zeros((0, 1, 1)))  # checks the rest

    def loss(self, targets: Array) -> Loss:
        return SpikeTimeTarget(self.population, targets, self.missing)


@dataclass(frozen=True)
class VoltageReadout:
    """The answer is V at given times, for a regression: the loss is its half squared distance to the targets.

    Parameters
    ----------
    population
        Name of a population. Targets have the shape (n_samples, size, n_times).
    times : array, shape (n_times,), ascending, from 0 to T.

    Raises
    ------
    InvalidInput
        If an argument is not what is allowed.
    """

    population: str
    times: Any

    def __post_init__(self) -> None:
        instance("population", self.population, str)
        object.__setattr__(self, "times", tuple(VoltageAt(self.times).times.tolist()))

    def loss(self, targets: Array) -> Loss:
        return VoltageTarget(self.population, self.times, targets)


READOUTS = (FirstSpikeReadout, MaxVoltageReadout, SpikeTimeReadout, VoltageReadout)  # read no more than their losses


def _largest(scores: Array, silent: Array) -> IntArray:
    """The class of the largest score of each sample, `TIED` if several are largest, `NO_CLASS` if it is silent."""
    answer: IntArray = np.argmax(scores, axis=1)
    answer[np.sum(scores == np.max(scores, axis=1, keepdims=True), axis=1) > 1] = TIED
    answer[silent] = NO_CLASS
    return answer
