"""Reservoir computing: a fixed random spiking network, of which a linear readout alone is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.builders import Layer, chain
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.lesson.ridge import Ridge, ridge
from spikeproof.network import Network
from spikeproof.numbers import (
    Array,
    Float64Array,
    IntArray,
    array,
    integer,
    integers,
    nonnegative,
    positive,
    refuse_where,
)
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes
from spikeproof.stimulus import Stimulus


def filtered(spikes: Spikes, neurons: range, times: Array, tau: float) -> Float64Array:
    """Exponentially filtered spikes at given times: ``sum over t_k <= t of exp(-(t - t_k) / tau)``.

    Parameters
    ----------
    spikes : Spikes
    neurons : range
        Numbers of the neurons that are read.
    times : array, shape (n_times,)
        >= 0.
    tau : float
        Time constant of the filter, > 0.

    Returns
    -------
    ndarray, shape (n_samples, n_times, len(neurons))

    Raises
    ------
    InvalidInput
        If a number is not what is allowed.
    """
    instance("spikes", spikes, Spikes)
    instance("neurons", neurons, range)
    at, decay = _checked_times(times), float(positive("tau", tau))
    found = np.zeros((spikes.n_samples, len(at), len(neurons)))
    own = (spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop)
    sample, column, t_spike = spikes.samples()[own], spikes.neurons[own] - neurons.start, spikes.times[own]
    for number, t in enumerate(at):
        past = t_spike <= t
        np.add.at(found, (sample[past], number, column[past]), np.exp(-(t - t_spike[past]) / decay))
    return found


@dataclass(frozen=True)
class Reservoir:
    """A fixed spiking network and what is read of it.

    Parameters
    ----------
    network : Network
        Any; see `random_reservoir` for a recurrent one.
    parameters : Parameters
        Never trained.
    population : str
        Name of the LIF population that is read.
    times : array, shape (n_times,)
        When its filtered spikes are read, >= 0.
    tau : float
        Time constant of the filter, > 0.
    engine : Engine
        The event engine by default.

    Raises
    ------
    InvalidInput
        If an argument is not what is allowed.

    References
    ----------
    Maass, Natschläger and Markram (2002), Neural Computation 14, 2531; Jaeger (2001), GMD Report 148.
    """

    network: Network
    parameters: Parameters
    population: str
    times: Any
    tau: float
    engine: Engine = field(default_factory=EventEngine)

    def __post_init__(self) -> None:
        network = instance("network", self.network, Network)
        object.__setattr__(self, "parameters", instance("parameters", self.parameters, Parameters).checked(network))
        if network.population(self.population).kind != "lif":
            raise InvalidInput("population", self.population, "a population that spikes")
        object.__setattr__(self, "times", _checked_times(self.times))
        object.__setattr__(self, "tau", float(positive("tau", self.tau)))
        check_engine("engine", self.engine)

    @property
    def n_features(self) -> int:
        """Number of features of a sample."""
        return len(self.times) * self.network.population(self.population).size

    def spikes(self, stimulus: Stimulus) -> Spikes:
        """All spikes of the network."""
        return self.engine.solve(Problem(self.network, self.parameters, stimulus), gradients=None).spikes

    def features(self, stimulus: Stimulus) -> Float64Array:
        """The filtered spikes at all times of reading, shape (n_samples, n_features), time by time.

        Raises
        ------
        InvalidInput
            If the stimulus ends before the last of these times, or does not fit the network.
        """
        if np.max(self.times, initial=0.0) > float(instance("stimulus", stimulus, Stimulus).duration):
            raise InvalidInput("times", float(np.max(self.times)), f"times up to the duration {stimulus.duration}")
        found = filtered(self.spikes(stimulus), self.network.neurons(self.population), self.times, self.tau)
        return found.reshape(stimulus.n_samples, self.n_features)

    def trained(self, stimulus: Stimulus, labels: Array, n_classes: int, penalty: float) -> TrainedReservoir:
        """This reservoir with a readout, trained on the samples of `stimulus` to be 1 for the class and 0 for others.

        Parameters
        ----------
        stimulus : Stimulus
        labels : int array, shape (n_samples,)
            From 0 to n_classes - 1.
        n_classes : int
            >= 2.
        penalty : float
            See `ridge`.

        Returns
        -------
        TrainedReservoir

        Raises
        ------
        InvalidInput
            If an argument is not what is allowed.
        """
        classes = integers("labels", labels, low=0, high=integer("n_classes", n_classes, low=2))
        return TrainedReservoir(self, ridge(self.features(stimulus), np.eye(n_classes)[classes], penalty))


@dataclass(frozen=True)
class TrainedReservoir:
    """A reservoir with its readout.

    Attributes
    ----------
    reservoir : Reservoir
    readout : Ridge
        Of ``reservoir.n_features`` features; its numbers are all that has been trained.
    """

    reservoir: Reservoir
    readout: Ridge

    @property
    def n_trained(self) -> int:
        """Number of trained parameters."""
        return self.readout.coefficients.size + self.readout.intercept.size

    def scores(self, stimulus: Stimulus) -> Float64Array:
        """The score of each class, shape (n_samples, n_classes)."""
        return self.readout(self.reservoir.features(stimulus))

    def classes(self, stimulus: Stimulus) -> IntArray:
        """The class with the largest score, the first of equal ones; shape (n_samples,)."""
        return np.asarray(np.argmax(self.scores(stimulus), axis=1))


@dataclass(frozen=True)
class RandomWeights:
    """Moments of the random weights of a reservoir, normal in both projections.

    Parameters
    ----------
    input_mean, input_deviation : float
        Of the weights from the inputs; the deviation is >= 0.
    recurrent_deviation : float
        Of the recurrent weights times the root of the number of neurons, >= 0; their mean is 0.
    """

    input_mean: float = 1.0
    input_deviation: float = 1.0
    recurrent_deviation: float = 1.0


def random_reservoir(
    n_inputs: int,
    size: int,
    neuron: NeuronParameters,
    seed: int,
    weights: RandomWeights | None = None,
    delay: float = 1.0,
) -> tuple[Network, Parameters]:
    """A recurrent network with random weights: an input, and a population "reservoir" that projects to itself.

    Parameters
    ----------
    n_inputs, size : int
        Numbers of channels and of neurons, >= 1.
    neuron : NeuronParameters
        Of all neurons.
    seed : int
        >= 0.
    weights : RandomWeights, or None
        Their moments; the default ones if None.
    delay : float
        Of the recurrent projection, >= 0.

    Returns
    -------
    Network, Parameters

    Raises
    ------
    InvalidInput
        If a number is outside its range.
    """
    moments = RandomWeights() if weights is None else instance("weights", weights, RandomWeights)
    layer = Layer(size, name="reservoir", recurrent=True, recurrent_delay=delay)
    network, random = chain(n_inputs, layer), np.random.default_rng(integer("seed", seed, low=0))
    deviation = float(nonnegative("weights.input_deviation", moments.input_deviation))
    own = float(nonnegative("weights.recurrent_deviation", moments.recurrent_deviation)) / math.sqrt(size)
    drawn = {
        "input->reservoir": random.normal(moments.input_mean, deviation, (n_inputs, size)),
        "reservoir->reservoir": random.normal(0.0, own, (size, size)),
    }
    return network, Parameters(drawn, {"reservoir": neuron}).checked(network)


def _checked_times(times: Any) -> Float64Array:
    at = array("times", times, ndim=1)
    refuse_where(np.asarray(at < 0, dtype=bool), "times", at, "times >= 0")
    return at
