"""Engines that are wrong on purpose: right answers with one thing spoiled."""

from dataclasses import replace

import numpy as np

from spikeproof import EventEngine, InvalidInput, Parameters, Spikes
from spikeproof.grid import GridEngine
from spikeproof_verification.conformance.jumps import spikes_of_jumps


class Wrong:
    """The event engine, with `spoiled` around its solutions and `changed` around its problems."""

    name = "wrong"

    def __init__(self, spoiled=lambda solution: solution, changed=lambda problem: problem):
        self.spoiled, self.changed = spoiled, changed

    def unsupported(self, problem):
        return None

    def solve(self, problem, gradients="all"):
        solution = EventEngine().solve(self.changed(problem), gradients)
        return self.spoiled(replace(solution, problem=problem))


def scaled(factor):
    """All weight gradients times `factor(problem)`."""

    def spoiled(solution):
        if solution.gradients is None:
            return solution
        f = factor(solution.problem)
        weights = {name: f * w for name, w in solution.gradients.weights.items()}
        return replace(solution, gradients=replace(solution.gradients, weights=weights))

    return Wrong(spoiled)


def tau_syn(problem):
    return float(np.max(next(iter(problem.parameters.neurons.values())).tau_syn))


def batch(problem):
    return float(problem.stimulus.n_samples)


def transposed(problem):
    weights = {
        name: w.T if w.ndim == 2 and w.shape[0] == w.shape[1] else w for name, w in problem.parameters.weights.items()
    }
    return replace(problem, parameters=Parameters(weights, problem.parameters.neurons))


def in_seconds(solution):
    s = solution.spikes
    return replace(solution, spikes=Spikes(s.times / 1000.0, s.neurons, s.offsets, s.vdot))


def without_last_spike(solution):
    s = solution.spikes
    if not len(s):
        return solution
    offsets = np.append(s.offsets[:-1], s.offsets[-1] - 1)
    return replace(solution, spikes=Spikes(s.times[:-1], s.neurons[:-1], np.minimum(offsets, len(s) - 1), s.vdot[:-1]))


def with_spike_twice(solution):
    s = solution.spikes
    if not len(s):
        return solution
    columns = [np.append(x, x[-1:]) for x in (s.times, s.neurons, s.vdot)]
    offsets = np.append(s.offsets[:-1], s.offsets[-1] + 1)
    return replace(solution, spikes=Spikes(columns[0], columns[1], offsets, columns[2]))


def not_a_number(solution):
    if solution.gradients is None:
        return solution
    weights = {
        name: np.where(np.arange(w.size).reshape(w.shape) == 0, np.nan, w)
        for name, w in solution.gradients.weights.items()
    }
    return replace(solution, gradients=replace(solution.gradients, weights=weights))


def without_gradients(solution):
    return replace(solution, gradients=None)


class Jumping(Wrong):
    """Weights act on V."""

    def solve(self, problem, gradients="all"):
        found = super().solve(problem, gradients)
        trains = spikes_of_jumps(problem)
        rows = [(t, n) for sample in trains for n, train in enumerate(sample) for t in train]
        offsets = np.cumsum([0, *(sum(map(len, sample)) for sample in trains)])
        times, neurons = np.array([t for t, _ in rows]), np.array([n for _, n in rows], dtype=int)
        return replace(found, spikes=Spikes(times, neurons, offsets, np.ones(len(rows))))


class Refusing(Wrong):
    def solve(self, problem, gradients="all"):
        raise InvalidInput("problem", problem.name, "another one")


class Raising(Wrong):
    def solve(self, problem, gradients="all"):
        raise KeyError("w_in")


class Unable(Wrong):
    def unsupported(self, problem):
        return "nothing is supported"


class Answering(Wrong):
    """It answers what must be refused: with the solution of a problem without a loss and a later threshold."""

    def solve(self, problem, gradients="all"):
        neurons = {
            name: replace(p, v_th=None if p.v_th is None else 1e6 * np.asarray(p.v_th))
            for name, p in problem.parameters.neurons.items()
        }
        calm = replace(problem, loss=None, parameters=Parameters(problem.parameters.weights, neurons))
        return replace(EventEngine().solve(calm, None), problem=problem)


def stuck_grid(dt):
    """A grid engine that takes the same step whatever is asked for."""
    return GridEngine(2.0**-4)
