"""Results of the passes as a `Solution` holds them: object arrays of mpmath numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.network import Population
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients
from spikeproof.spikes import Spikes
from spikeproof_reference.mp.tape import Tape
from spikeproof_reference.mp.totals import Totals


def spikes_of(tapes: list[Tape]) -> Spikes:
    """All spikes, sample by sample in the order in which they happened."""
    found = [(spike, tape.model.neurons[spike.neuron].tau_mem) for tape in tapes for spike in tape.spikes]
    return Spikes(
        times=as_array([spike.time for spike, _ in found]),
        neurons=np.array([spike.neuron for spike, _ in found], dtype=np.int64),
        offsets=np.cumsum([0, *(len(tape.spikes) for tape in tapes)]),
        vdot=as_array([spike.slope / tau_mem for spike, tau_mem in found]),
    )


def mean_gradients(problem: Problem, totals: Totals) -> Gradients:
    """Gradients of the mean over the batch, from their sums over samples."""
    n, network = problem.stimulus.n_samples, problem.network

    def matrices(parts: list[list[list[Any]]]) -> dict[str, Any]:
        return {
            p.name: as_array(
                [part[i][j] / n if part[i][j] else part[i][j] for i, j in network.pairs(p)], network.weight_shape(p)
            )
            for p, part in zip(network.projections, parts, strict=True)
        }

    neurons = {p.name: _neuron_gradients(problem, p, totals) for p in network.populations}
    times = as_array([x / n for x in totals.input_times])
    return Gradients(matrices(totals.weights), times, matrices(totals.delays), neurons)


def _neuron_gradients(problem: Problem, population: Population, totals: Totals) -> NeuronGradients:
    n, numbers = problem.stimulus.n_samples, problem.network.neurons(population.name)
    rows = [as_array([totals.neurons[name][k] / n for k in numbers]) for name in PARAMETER_NAMES]
    return NeuronGradients.of(population, rows)


def by_term(observed: list[list[Any]]) -> tuple[Any, ...]:
    """The numbers that each term of a loss observed in all samples, from those of all terms in each: see `Solution`."""
    return tuple(None if seen[0] is None else np.array(seen, dtype=object) for seen in zip(*observed, strict=True))


def as_array(numbers: list[Any], shape: tuple[int, ...] = (-1,)) -> Any:
    """An object array of `numbers`."""
    result = np.empty(len(numbers), dtype=object)
    result[:] = numbers
    return result.reshape(shape)
