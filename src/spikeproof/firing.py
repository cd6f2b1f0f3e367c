"""Weights scaled, population by population, until a network fires as often as it is asked to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import EventLimitExceeded, InvalidInput
from spikeproof.event import EventEngine
from spikeproof.network import Network
from spikeproof.numbers import Array, positive
from spikeproof.parameters import Parameters
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus

OCTAVES = 20  # factors from 2**-OCTAVES to 2**OCTAVES are tried
HALVINGS = 16  # of the octave in which the factor lies


def firing_weights(
    network: Network, parameters: Parameters, stimulus: Stimulus, spikes: float = 1.0, *, engine: Engine | None = None
) -> dict[str, Array]:
    """The weights of `parameters`, those into each spiking population multiplied by a factor so that it fires.

    The populations are taken in the order of the network, which should be that of the signals. The factor of each is
    the smallest found with which its neurons have `spikes` spikes on average; populations behind it are silent then.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        Weights of any size, such as those of `normal_weights` with standard deviation 1.
    stimulus : Stimulus
        Some samples like those of the training.
    spikes
        Mean number of spikes of a neuron in a sample, > 0.
    engine : Engine, or None
        The event engine if None.

    Returns
    -------
    dict from projection name to float64 array of the shape of its weights
        Weights into leaky integrators as they were.

    Raises
    ------
    InvalidInput
        If no factor makes a population fire so often: its weights inhibit, its sources are silent, or a sample would
        have more events than the engine's limit.

    Notes
    -----
    The number of spikes need not grow with the factor where weights of both signs meet; then the factor found is one of
    several.

    References
    ----------
    Mishkin and Matas (2016), All you need is a good init, ICLR, who scale layer by layer until the variance of
    activations is 1; here it is the number of spikes.
    """
    instance("network", network, Network)
    wanted = float(positive("spikes", spikes))
    engine = EventEngine() if engine is None else check_engine("engine", engine)
    checked = instance("parameters", parameters, Parameters).checked(network).rounded()
    instance("stimulus", stimulus, Stimulus)
    found: dict[str, Array] = {name: np.zeros(w.shape) for name, w in checked.weights.items()}
    for population in network.populations:
        names = [p.name for p in network.projections if p.post == population.name]
        given = {name: checked.weights[name] for name in names}
        if population.kind == "lif":
            silent = Parameters(found, checked.neurons)
            count = _counter(network, silent, stimulus, population.name, given, wanted, engine)
            factor = _factor(population.name, count, wanted)
            given = {name: factor * w for name, w in given.items()}
        found |= given
    return {name: np.array(found[name]) for name in checked.weights}


def _counter(
    network: Network, parameters: Parameters, stimulus: Stimulus, population: str, weights: Mapping[str, Array],
    wanted: float, engine: Engine,
) -> Callable[[float], float]:  # fmt: skip
    """The mean number of spikes of a neuron of a population, by the factor of the weights into it.

    It is infinite beyond the engine's limit of events, which is refused if it could be fewer spikes than wanted.
    """
    neurons = network.neurons(population)

    def count(factor: float) -> float:
        scaled = {**parameters.weights, **{name: factor * w for name, w in weights.items()}}
        problem = Problem(network, Parameters(scaled, parameters.neurons), stimulus)
        try:
            found = engine.solve(problem, gradients=None).spikes.neurons
        except EventLimitExceeded as error:
            if wanted * len(neurons) > error.limit:
                allowed = f"at most {error.limit / len(neurons):.6g} here: the engine stops at {error.limit} events"
                raise InvalidInput("spikes", wanted, allowed) from None
            return math.inf
        n_spikes = np.sum((found >= neurons.start) & (found < neurons.stop))
        return float(n_spikes) / (stimulus.n_samples * len(neurons))

    return count


def _factor(population: str, count: Callable[[float], float], wanted: float) -> float:
    """A factor with which there are at least as many spikes as wanted, and with a little less there are fewer."""
    if count(0.0) >= wanted:
        return 1.0  # it fires by its bias, whatever the weights
    up = count(1.0) < wanted
    step, low, high = (1.0 if up else -1.0), 0.0, 0.0  # octaves
    while (count(2.0 ** (high + step)) < wanted) == up:
        high += step
        if high >= OCTAVES:
            allowed = f"a population that fires {wanted} times with weights up to 2^{OCTAVES} times as large"
            raise InvalidInput("spikes", f"{population!r}, which does not", allowed)
    low, high = (high, high + step) if up else (high + step, high)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if count(2.0**middle) < wanted else (low, middle)
    factor: float = 2.0**high
    return factor
