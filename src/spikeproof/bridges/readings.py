"""Readings: the numbers of a simulation that a framework gets, in an array of fixed shape, each with its loss.

The pull-back of a reading is the gradient of its sum with given factors, the cotangents. That sum is a loss as any
other, so that every engine pulls back every reading, and the event engine does so with its exact adjoint.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses import Loss, MaxVoltage, Observable, PerSample, VoltageAt
from spikeproof.losses.observables import check_times
from spikeproof.losses.protocol import check_kind
from spikeproof.losses.ranks import ranked_spikes
from spikeproof.network import Network
from spikeproof.numbers import Array, Float64Array, IntArray, Scalar, integer, refuse_where
from spikeproof.solution import Solution
from spikeproof.spikes import Spikes

NO_SPIKE = "0 where no spike is: replace padded times before they enter a function that infinity changes"


class Reading(Protocol):
    """An array of fixed shape that is read from the simulation of a sample, such as `SpikeTimes`."""

    @property
    def population(self) -> str:
        """Name of the population that is read."""
        ...

    def check(self, network: Network, duration: Scalar) -> None:
        """Raise `InvalidInput` if this cannot be read from simulations of `network`."""
        ...

    def shape(self, network: Network) -> tuple[int, ...]:
        """Shape of the reading of one sample."""
        ...

    def values(self, solution: Solution) -> Float64Array:
        """The reading of each sample of a solution whose loss is that of this reading, shape (n_samples, ...)."""
        ...

    def loss(self, cotangents: Float64Array) -> Loss:
        """The sum of the reading times `cotangents`, shape (n_samples, ...), as a loss."""
        ...


@dataclass(frozen=True)
class SpikeTimes:
    """Spike times of a population, shape (size, max_spikes): in ascending order, then infinity.

    Parameters
    ----------
    population
        Name of a LIF population.
    max_spikes
        Largest number of spikes of a neuron in a sample, >= 1; a neuron that spikes more often is an error.

    Raises
    ------
    InvalidInput
        If `max_spikes` is no whole number >= 1; from a `Bridge`, if there is no such population or a neuron spikes more
        often.

    Notes
    -----
    A spike that does not happen has no time and no derivative. A function of the times must not depend on the
    infinities in its place: a derivative by one of them that is not 0 is refused.
    """

    population: str
    max_spikes: int

    def __post_init__(self) -> None:
        integer("reading.max_spikes", self.max_spikes, low=1)

    def check(self, network: Network, duration: Scalar) -> None:
        check_kind(network, self.population, "lif")

    def shape(self, network: Network) -> tuple[int, ...]:
        return network.population(self.population).size, self.max_spikes

    def values(self, solution: Solution) -> Float64Array:
        spikes, network = solution.spikes, solution.problem.network
        index = _places(spikes, network.neurons(self.population), self.population, self.max_spikes)
        return np.where(index >= 0, np.append(spikes.times, np.inf)[index], np.inf)

    def loss(self, cotangents: Float64Array) -> Loss:
        return _SpikeTimesTimes(self.population, self.max_spikes, cotangents)


@dataclass(frozen=True)
class Voltages:
    """V of a population at given times, shape (size, n_times).

    Parameters
    ----------
    population
        Name of a population; it may spike. V at a spike is its left limit.
    times : array, shape (n_times,), ascending, from 0 to T.

    Raises
    ------
    InvalidInput
        If times are not ascending numbers >= 0; from a `Bridge`, if there is no such population or a time is after T.
    """

    population: str
    times: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", VoltageAt(self.times).times)

    def check(self, network: Network, duration: Scalar) -> None:
        check_kind(network, self.population)
        check_times(VoltageAt(self.times), duration)

    def shape(self, network: Network) -> tuple[int, ...]:
        return network.population(self.population).size, len(self.times)

    def values(self, solution: Solution) -> Float64Array:
        return _observed(solution)

    def loss(self, cotangents: Float64Array) -> Loss:
        return _ObservedTimes(self.population, VoltageAt(self.times), cotangents)


@dataclass(frozen=True)
class MaxVoltages:
    """The largest V of each leaky integrator of a population over [0, T], shape (size,).

    Parameters
    ----------
    population
        Name of an LI population.

    Raises
    ------
    InvalidInput
        From a `Bridge`, if there is no such population.
    """

    population: str

    def check(self, network: Network, duration: Scalar) -> None:
        check_kind(network, self.population, "li")

    def shape(self, network: Network) -> tuple[int, ...]:
        return (network.population(self.population).size,)

    def values(self, solution: Solution) -> Float64Array:
        return _observed(solution)

    def loss(self, cotangents: Float64Array) -> Loss:
        return _ObservedTimes(self.population, MaxVoltage(), cotangents)


@dataclass(frozen=True)
class _SpikeTimesTimes(PerSample):
    """The sum of padded spike times, each times its cotangent, shape (n_samples, size, max_spikes)."""

    population: str
    max_spikes: int
    cotangents: Any

    per_sample: ClassVar[tuple[str, ...]] = ("cotangents",)

    def check(self, network: Network, n_samples: int) -> None:
        check_kind(network, self.population, "lif")

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        index = _places(spikes, neurons, self.population, self.max_spikes)
        refuse_where((index < 0) & (self.cotangents != 0), "cotangents", self.cotangents, NO_SPIKE)
        slopes = np.zeros(len(spikes) + 1)
        slopes[index] = self.cotangents  # the last one is that of all spikes that are not there
        slopes = slopes[:-1]
        return np.bincount(spikes.samples(), slopes * spikes.times, spikes.n_samples), slopes


@dataclass(frozen=True)
class _ObservedTimes(PerSample):
    """The sum of observed potentials, each times its cotangent, in the shape of the observable."""

    population: str
    observable: Observable
    cotangents: Any

    per_sample: ClassVar[tuple[str, ...]] = ("cotangents",)

    def check(self, network: Network, n_samples: int) -> None:
        check_kind(network, self.population)

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        terms = self.cotangents * observed
        return np.sum(terms.reshape(len(terms), -1), axis=1), self.cotangents


def _observed(solution: Solution) -> Float64Array:
    (values,) = solution.observed
    return np.asarray(values, dtype=np.float64)


def _places(spikes: Spikes, neurons: range, population: str, max_spikes: int) -> IntArray:
    """Index of spike k of each neuron, -1 where there is none, shape (n_samples, size, max_spikes).

    Forward and back: a framework may drop a forward pass whose result it does not need.
    """
    index = ranked_spikes(spikes, neurons, max_spikes + 1)
    late = np.argwhere(index[..., max_spikes] >= 0)
    if len(late):
        sample, number = (int(n) for n in late[0])
        count = Counter(spikes.sample(sample).neurons.tolist())[neurons[number]]
        where = f"{population}[{number}] spikes {count} times in sample {sample}"
        raise InvalidInput("reading.max_spikes", max_spikes, f"at least {count}: {where}")
    return index[..., :max_spikes]
