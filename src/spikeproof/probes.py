"""The adjoint variables at any times, read off the gradients of pairs of probe spikes that act on nothing.

A probe is a spike with a weight w and, at the same time, one with -w: together they change no V. By docs/theory.md
(grad-weight) and (grad-delay) the derivative of the loss by that weight is ``-tau_syn lambda_i``, and by the time of
the first of the two ``w (lambda_v - lambda_i)``. So this works with every exact engine and every loss.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, check_engine
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.network import Input, Projection
from spikeproof.numbers import Float64Array, IntArray, integer, integers
from spikeproof.parameters import Parameters
from spikeproof.problem import Problem
from spikeproof.states import checked_times
from spikeproof.stimulus import Stimulus


def adjoint_variables(
    problem: Problem, population: str, neurons: Any, times: Any, *, sample: int = 0, engine: Engine | None = None
) -> tuple[Float64Array, Float64Array]:
    """lambda_v and lambda_i of some neurons of a population at given times, for the loss of one sample.

    Parameters
    ----------
    problem : Problem
        With a loss that can be taken apart by samples.
    population : str
    neurons : int array, shape (n_neurons,)
        Numbers within the population.
    times : array, shape (n_times,)
        From 0 to T, in any order. At a spike of the neuron the variables are those just after it.
    sample : int
        Number of the sample. In the gradients, which are those of the mean over the batch, its adjoint variables count
        1 / n_samples times.
    engine : Engine, or None
        One with exact gradients; the event engine if None.

    Returns
    -------
    lambda_v, lambda_i : arrays, shape (n_neurons, n_times), in units of the loss over (V times time)
        As exact as the gradients of the engine, relative to the larger of the two.

    Raises
    ------
    InvalidInput
        If the problem has no loss, or a population, neuron, sample or time is none of it.

    Notes
    -----
    The problem is solved once with two additional input channels per neuron and time.
    """
    chosen = instance("problem", problem, Problem)
    engine = EventEngine() if engine is None else check_engine("engine", engine)
    if chosen.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    number = integer("sample", sample, low=0, high=chosen.stimulus.n_samples - 1)
    own = integers("neurons", neurons, low=0, high=chosen.network.population(population).size)
    at = checked_times(times, float(chosen.stimulus.duration))
    alone = chosen.rounded()
    if alone.stimulus.n_samples > 1:  # a loss of a single sample need not say how it is taken apart
        alone = alone.select([number])
    shape = (len(own), len(at))
    if not (len(own) and len(at)):
        return np.zeros(shape), np.zeros(shape)
    probed, weight, spikes = _probed(alone, population, own, at)
    found = engine.solve(probed).gradients
    if found is None:
        raise InvalidInput("engine", f"{engine.name!r}, which returned no gradients", "one that returns them")
    rows = np.arange(len(own) * len(at))
    target = np.repeat(own, len(at))
    tau_syn = alone.neuron_columns()["tau_syn"][alone.network.neurons(population).start + target]
    by_weight = np.asarray(found.weights[probed.network.projections[-2].name][rows, target], dtype=np.float64)
    by_time = np.asarray(found.input_times, dtype=np.float64)[spikes]
    lambda_i = -by_weight / tau_syn
    return (by_time / weight + lambda_i).reshape(shape), lambda_i.reshape(shape)


def _probed(
    problem: Problem, population: str, neurons: IntArray, times: Float64Array
) -> tuple[Problem, float, IntArray]:
    """`problem` with a probe for each neuron and time, their weight, and the numbers of their first spikes."""
    network, parameters, stimulus = problem.network, problem.parameters, problem.stimulus
    names = [*(i.name for i in network.inputs), *(p.name for p in network.populations + network.projections)]
    prefix = "probe"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    n = len(neurons) * len(times)
    inputs = tuple(Input(f"{prefix}{sign}", n) for sign in "+-")
    projections = tuple(Projection(i.name, population, 0.0, f"{i.name} weights") for i in inputs)
    weight = _scale(problem, population)
    matrix = np.zeros((n, network.population(population).size))
    matrix[np.arange(n), np.repeat(neurons, len(times))] = weight
    weights = {p.name: sign * matrix for p, sign in zip(projections, (1.0, -1.0), strict=True)}
    own_times, channels = stimulus.sample(0)
    when = np.concatenate([own_times, np.tile(times, 2 * len(neurons))])
    order = np.argsort(when, kind="stable")
    place = np.empty(len(when), dtype=np.int64)
    place[order] = np.arange(len(when))
    channels = np.concatenate([channels, network.n_channels + np.arange(2 * n)])
    probed = replace(
        problem,
        network=replace(network, inputs=network.inputs + inputs, projections=network.projections + projections),
        parameters=Parameters({**parameters.weights, **weights}, parameters.neurons),
        stimulus=Stimulus(when[order], channels[order], [0, len(when)], stimulus.duration),
    )
    return probed, weight, place[len(own_times) : len(own_times) + n]


def _scale(problem: Problem, population: str) -> float:
    """A power of 2 near the largest weight into a population: a probe of that size costs I no digit."""
    weights = [problem.parameters.weights[p.name] for p in problem.network.projections if p.post == population]
    largest = max((float(np.max(np.abs(w), initial=0.0)) for w in weights), default=0.0)
    return 2.0 ** math.frexp(largest)[1] if largest > 0.0 else 1.0
