"""Traces of V, I and the adjoint variables of one neuron, for a figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof import EventEngine, InvalidInput, Problem
from spikeproof.losses import is_spike_loss
from spikeproof.numbers import Array, Float64Array


def example_traces(problem: Problem, neuron: int | None = None, n_points: int = 1500) -> dict[str, Any]:
    """Raster of the first sample and traces of one neuron, by default the one that spikes most.

    Between events everything is a sum of decaying exponentials that start at arrivals and own spikes::

        V(t) = sum w k(t - t_arrival) - sum (v_th - v_reset) exp(-(t - t_spike) / tau_mem)
        lambda_v(t) = sum jump exp(-(t_spike - t) / tau_mem), over spikes after t

    That is so for problems without bias currents, initial states and refractory times; others are refused.

    Returns
    -------
    dict
        ``title, duration, raster_times, raster_neurons, input_times, input_channels, populations, neuron, t, v, i,
        v_th, lambda_v, lambda_i, spike_times``.
    """
    problem = problem.rounded().dense()
    for name, column in problem.neuron_columns().items():
        if name in ("bias", "v_init", "i_init", "t_ref") and np.any(column):
            raise InvalidInput(f"problem.parameters.neurons.{name}", float(np.max(np.abs(column))), "0 for all neurons")
    run = EventEngine().run(problem)
    assert is_spike_loss(problem.loss)
    readout = problem.network.neurons(problem.loss.population)
    _, slope = problem.loss.evaluate(run.spikes, readout, problem.stimulus.duration)
    _, jumps = run.adjoint(slope / run.spikes.n_samples)
    sample, jumps = run.spikes.sample(0), jumps[: run.spikes.offsets[1]]
    n = int(np.argmax(np.bincount(sample.neurons))) if neuron is None else neuron
    population = next(p for p in problem.network.populations if n in problem.network.neurons(p.name))
    own = n - problem.network.neurons(population.name).start
    numbers = problem.parameters.neurons[population.name]
    tau_mem, tau_syn, v_th, v_reset = (
        float(np.broadcast_to(x, population.size)[own])
        for x in (numbers.tau_mem, numbers.tau_syn, numbers.v_th, numbers.v_reset)
    )
    mine = sample.neurons == n
    t = np.unique(np.concatenate([np.linspace(0.0, float(problem.stimulus.duration), n_points), sample.times[mine]]))
    times, weights = _arrivals(problem, sample.times, sample.neurons, population.name, own)
    since = t[:, None] - sample.times[mine]
    after = np.where(since > 0, np.exp(-np.maximum(since, 0) / tau_mem), 0.0)
    until = np.where(since <= 0, -since, np.inf)
    input_times, input_channels = problem.stimulus.sample(0)
    return {
        "title": problem.name,
        "duration": float(problem.stimulus.duration),
        "raster_times": sample.times,
        "raster_neurons": sample.neurons,
        "input_times": input_times,
        "input_channels": input_channels,
        "populations": [(p.name, *_bounds(problem.network.neurons(p.name))) for p in problem.network.populations],
        "neuron": n,
        "t": t,
        "v": _sum(t, times, weights, lambda x: _response(x, tau_mem, tau_syn) / tau_mem)
        - (v_th - v_reset) * after.sum(axis=1),
        "i": _sum(t, times, weights, lambda x: np.exp(-x / tau_syn)),
        "v_th": v_th,
        "lambda_v": np.exp(-until / tau_mem) @ jumps[mine],
        "lambda_i": _response(until, tau_mem, tau_syn) @ jumps[mine] / tau_syn,
        "spike_times": sample.times[mine],
    }


def _arrivals(problem: Problem, times: Array, neurons: Array, population: str, own: int) -> tuple[Array, Array]:
    network = problem.network
    input_times, input_channels = problem.stimulus.sample(0)
    found_times, found_weights = [np.zeros(0)], [np.zeros(0)]
    for projection in network.projections:
        if projection.post != population:
            continue
        from_input = network.from_input(projection)
        pre = network.channels(projection.pre) if from_input else network.neurons(projection.pre)
        source_times, source = (input_times, input_channels) if from_input else (times, neurons)
        here = (source >= pre.start) & (source < pre.stop)
        found_times.append(source_times[here] + float(projection.delay))
        found_weights.append(problem.parameters.weights[projection.name][source[here] - pre.start, own])
    return np.concatenate(found_times), np.concatenate(found_weights)


def _sum(t: Array, times: Array, weights: Array, kernel: Any) -> Float64Array:
    elapsed = t[:, None] - times
    values = np.where(elapsed >= 0, kernel(np.maximum(elapsed, 0.0)), 0.0) @ weights
    return np.asarray(values, dtype=np.float64)


def _response(x: Array, tau_mem: float, tau_syn: float) -> Array:
    """Convolution of the two exponentials; 0 at infinity."""
    finite = np.where(np.isfinite(x), x, 0.0)
    if tau_mem == tau_syn:
        values = finite * np.exp(-finite / tau_mem)
    else:
        factor = tau_mem * tau_syn / (tau_syn - tau_mem)
        values = factor * (np.exp(-finite / tau_syn) - np.exp(-finite / tau_mem))
    return np.where(np.isfinite(x), values, 0.0)


def _bounds(numbers: range) -> tuple[int, int]:
    return numbers.start, numbers.stop
