"""Traces of V, I and the adjoint variables of one neuron, for a figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof import EventEngine, Problem, adjoint_variables
from spikeproof.states import times_of_curves


def example_traces(problem: Problem, neuron: int | None = None, n_points: int = 1500) -> dict[str, Any]:
    """Raster of the first sample and traces of one neuron, by default the one that spikes most.

    At a spike V and I are those just before it, the adjoint variables those just after it; they belong to the gradient
    of the mean over the batch.

    Returns
    -------
    dict
        ``title, duration, raster_times, raster_neurons, input_times, input_channels, populations, neuron, t, v, i,
        v_th, lambda_v, lambda_i, spike_times``.
    """
    problem = problem.rounded()
    solution = EventEngine().solve(problem, gradients=None)
    sample, duration = solution.spikes.sample(0), float(problem.stimulus.duration)
    n = int(np.argmax(np.bincount(sample.neurons))) if neuron is None else neuron
    population = next(p.name for p in problem.network.populations if n in problem.network.neurons(p.name))
    own = n - problem.network.neurons(population).start
    mine = sample.times[sample.neurons == n]
    t = times_of_curves(duration, n_points, mine)
    lambda_v, lambda_i = adjoint_variables(problem, population, [own], t)
    input_times, input_channels = problem.stimulus.sample(0)
    return {
        "title": problem.name,
        "duration": duration,
        "raster_times": sample.times,
        "raster_neurons": sample.neurons,
        "input_times": input_times,
        "input_channels": input_channels,
        "populations": [(p.name, *_bounds(problem.network.neurons(p.name))) for p in problem.network.populations],
        "neuron": n,
        "t": t,
        "v": solution.voltage(population, t)[0, own],
        "i": solution.current(population, t)[0, own],
        "v_th": float(problem.neuron_columns()["v_th"][n]),
        "lambda_v": lambda_v[0] / problem.stimulus.n_samples,
        "lambda_i": lambda_i[0] / problem.stimulus.n_samples,
        "spike_times": mine,
    }


def _bounds(numbers: range) -> tuple[int, int]:
    return numbers.start, numbers.stop
