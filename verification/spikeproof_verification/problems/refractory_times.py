"""Refractory times of generated problems, drawn last and from a stream of their own: other numbers stay as they are.

Half of the problems have them, and there each neuron draws one of its own: none, short, about its membrane time
constant, longer than the run, infinite, or equal to a delay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spikeproof import Parameters, Population, Problem
from spikeproof.numbers import Float64Array

STREAM = 60607
SHARE = 0.5  # of the problems
KINDS = {"none": 0.15, "short": 0.3, "membrane": 0.3, "longer": 0.05, "once": 0.08, "delay": 0.12}  # and how often


def refractory(problem: Problem, seed: int) -> Problem:
    """The problem, or in half of the cases the problem with refractory times; the same for the same seed.

    Delays that occur within a population are left out: a neuron that hears itself just when it is released is a tie.
    """
    rng = np.random.default_rng([seed, STREAM])
    if rng.random() >= SHARE:
        return problem
    loops = {p.delay for p in problem.network.projections if p.pre == p.post}
    delays = [float(p.delay) for p in problem.network.projections if p.delay > 0.0 and p.delay not in loops]
    duration = float(problem.stimulus.duration)
    spiking = [p for p in problem.network.populations if p.kind == "lif"]
    return with_times(problem, {p.name: _drawn(problem, p, duration, delays, rng) for p in spiking})


def with_times(problem: Problem, times: dict[str, Float64Array]) -> Problem:
    """The problem with these refractory times of populations."""
    given = problem.parameters
    neurons = {name: replace(p, t_ref=times.get(name)) for name, p in given.neurons.items()}
    return replace(problem, parameters=Parameters(given.weights, neurons))


def _drawn(
    problem: Problem, population: Population, duration: float, delays: Sequence[float], rng: np.random.Generator
) -> Float64Array:
    size, p = population.size, problem.parameters.neurons[population.name]
    tau_mem, tau_syn = (np.broadcast_to(tau, size) for tau in (p.tau_mem, p.tau_syn))
    membrane = tau_mem * rng.uniform(0.3, 3.0, size)
    times = {
        "none": np.zeros(size),
        "short": np.minimum(tau_mem, tau_syn) * 10.0 ** rng.uniform(-3.0, -1.0, size),
        "membrane": membrane,
        "longer": duration * rng.uniform(1.0, 3.0, size),
        "once": np.full(size, math.inf),
        "delay": rng.choice(delays, size) if delays else membrane,
    }
    kinds = rng.choice(list(KINDS), size, p=list(KINDS.values()))
    return np.array([times[kind][n] for n, kind in enumerate(kinds)])
