"""Problems changed in one respect, and what is read from solutions."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from spikeproof import Parameters, Problem, Stimulus


def trains(solution, population="hidden"):
    """Spike times by sample and neuron."""
    neurons = solution.problem.network.neurons(population)
    return {
        (s, k): train
        for s in range(solution.spikes.n_samples)
        for k, train in enumerate(np.sort(t) for t in solution.spikes.sample(s).trains(neurons))
    }


def gradients(solution, only=None):
    """All gradients by the kind and the name of what they belong to."""
    g = solution.gradients
    found = {("weights", name): w for name, w in g.weights.items()} | {("input_times", ""): g.input_times}
    found |= {("delays", name): d for name, d in g.delays.items()}
    for name, p in g.neurons.items():
        found |= {(f.name, name): getattr(p, f.name) for f in fields(p) if getattr(p, f.name) is not None}
    return found if only is None else {key: value for key, value in found.items() if key[0] in only}


def with_neurons(problem, change):
    """The problem with `change(name, parameters)` for the parameters of every population."""
    neurons = {name: change(name, p) for name, p in problem.parameters.neurons.items()}
    return replace(problem, parameters=Parameters(problem.parameters.weights, neurons))


def with_weights(problem, change):
    """The problem with `change(name, w)` for the weights of every projection."""
    weights = {name: change(name, w) for name, w in problem.parameters.weights.items()}
    return replace(problem, parameters=Parameters(weights, problem.parameters.neurons))


def with_delays(problem, change):
    """The problem with `change(projection)` for the delay of every projection."""
    network = problem.network
    return replace(
        problem, network=replace(network, projections=[replace(p, delay=change(p)) for p in network.projections])
    )


def with_inputs(problem, change, network=None):
    """The problem with `change(times, channels)` for the input of every sample, in any order of time.

    The weights of another `network` are added afterwards; until then they are 0.
    """
    s = problem.stimulus
    samples = [change(*s.sample(n)) for n in range(s.n_samples)]
    stimulus = Stimulus.of_samples(samples, s.duration)
    if network is None:
        return replace(problem, stimulus=stimulus)
    given = problem.parameters.weights
    weights = {p.name: given.get(p.name, np.zeros(network.shape(p))) for p in network.projections}
    return Problem(network, Parameters(weights, problem.parameters.neurons), stimulus, problem.loss)


def at_rest(problem):
    """The problem without bias and initial state."""
    return with_neurons(problem, lambda _, p: replace(p, bias=0.0, v_init=0.0, i_init=0.0))
