"""Spikes of neurons whose V jumps at arrivals, as it does in simulators without a synaptic current."""

from __future__ import annotations

import heapq

import numpy as np

from spikeproof import Problem
from spikeproof.numbers import Array

LIMIT = 100_000  # spikes of a sample


def spikes_of_jumps(problem: Problem) -> list[list[list[float]]]:
    """Spike times by sample and neuron; without bias V only falls between arrivals, so that spikes are arrivals."""
    return [_sample(problem, s) for s in range(problem.stimulus.n_samples)]


def _sample(problem: Problem, s: int) -> list[list[float]]:
    network, columns = problem.network, problem.neuron_columns()
    v, seen = np.array(columns["v_init"], dtype=float), 0.0
    trains: list[list[float]] = [[] for _ in range(network.n_neurons)]
    weights = network.as_matrices(problem.parameters.weights)
    arrivals: list[tuple[float, int, int, str]] = []
    number = 0
    times, channels = problem.stimulus.sample(s)
    for p in network.projections:
        if network.from_input(p):
            rows = network.channels(p.pre)
            for t, c in zip(times, channels, strict=True):
                if c in rows:
                    heapq.heappush(arrivals, (float(t) + float(p.delay), number, int(c) - rows.start, p.name))
                    number += 1
    while arrivals and arrivals[0][0] <= float(problem.stimulus.duration) and number < LIMIT:
        t, _, row, name = heapq.heappop(arrivals)
        v, seen = v * np.exp(-(t - seen) / columns["tau_mem"]), t
        target = next(p for p in network.projections if p.name == name).post
        v[network.neurons(target).start : network.neurons(target).stop] += weights[name][row]
        for n in _crossed(v, columns["v_th"]):
            v[n] = columns["v_reset"][n]
            trains[n].append(t)
            for p in (q for q in network.projections if not network.from_input(q) and n in network.neurons(q.pre)):
                heapq.heappush(arrivals, (t + float(p.delay), number, n - network.neurons(p.pre).start, p.name))
                number += 1
    return trains


def _crossed(v: Array, v_th: Array) -> list[int]:
    return [int(n) for n in np.flatnonzero(v >= v_th)]
