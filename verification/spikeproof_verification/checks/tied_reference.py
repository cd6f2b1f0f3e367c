"""The reference's judgement of a problem with ties, where a difference quotient would change the order of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeAlias

import numpy as np

from spikeproof import Parameters, Population, Problem, Solution, Stimulus
from spikeproof.numbers import Array
from spikeproof_reference import Direction, MpEngine, rounding_sensitivity
from spikeproof_reference.analysis.one_sided import one_sided
from spikeproof_verification.checks.reference import (
    DPS,
    Effort,
    Judgement,
    along,
    compared,
    flat_gradient,
)

Dice: TypeAlias = Callable[[int | tuple[int, ...]], Array]
LATER, STEP = 2.0**-24, 256  # by how much a neighbour's input spikes are taken apart, and delays in units of that
ZERO = 1e-60  # of the largest number of a gradient: less is rounding of 80 digits
SMALL = 2.0**-10  # scale of the components of a direction that separate no tie


def tied_judgement(campaign: str, problem: Problem, effort: Effort, seed: int) -> Judgement:
    """Solve `problem`, which has a loss, by the reference and measure its conditioning.

    The model fixes the order at a tie: arrivals at one time act in the order of projections, those of one projection in
    the order of their spikes, and arrivals at a time at which V is observed act later. So the gradient at the tie is
    the derivative in every direction that separates the events in this order, on that side. Such derivatives, from
    `one_sided`, replace the difference quotients; the conditioning is that of a neighbour, whose events are separated
    in this order by a millionth.

    Raises
    ------
    ArithmeticError
        If the neighbour has another number of spikes.
    """
    by_adjoint = MpEngine(dps=DPS).solve(problem)
    by_sensitivity = MpEngine(dps=DPS, gradient="sensitivity").solve(problem)
    adjoint, rng = flat_gradient(by_adjoint), np.random.default_rng([seed, 4711])
    floor = ZERO * max((abs(g) for g in adjoint), default=0)
    pairs = {"adjoint/sensitivity": list(zip(*(_cleared(s, floor) for s in (by_adjoint, by_sensitivity)), strict=True))}
    directions = [apart(problem, rng) for _ in range(effort.directions)]
    pairs["adjoint/one-sided"] = [(along(adjoint, d), one_sided(problem, d).right.derivative) for d in directions]
    agreement = tuple(compared(campaign, problem.name, pair, numbers) for pair, numbers in pairs.items())
    conditioning = rounding_sensitivity(neighbour(problem), n_probes=effort.probes, seed=seed)
    if len(conditioning.spike_times) != len(by_adjoint.spikes):
        raise ArithmeticError("the neighbour without ties has another number of spikes")
    added = replace(conditioning, i_end=conditioning.i_end + arriving_last(problem))
    return Judgement(by_adjoint, added, agreement)


def _cleared(solution: Solution, floor: Any) -> list[Any]:
    """The gradient of all parameters, with 0 where only rounding is left: at a tie dV/dt may be 0."""
    return [g if abs(g) > floor else 0 * g for g in flat_gradient(solution)]


def apart(problem: Problem, rng: np.random.Generator) -> Direction:
    """A random direction that separates tied events in the order in which the model lets them act."""

    def dice(shape: int | tuple[int, ...]) -> Array:
        return SMALL * rng.uniform(-1.0, 1.0, shape)

    network, n = problem.network, len(problem.stimulus.times)
    return Direction(
        {p.name: dice(network.weight_shape(p)) for p in network.projections},
        1.0 + np.arange(n) + dice(n),
        {p.name: np.full(network.weight_shape(p), (k + 1.0) * STEP) for k, p in enumerate(network.projections)},
        {p.name: _of_neurons(problem, p, dice) for p in network.populations},
    )


def _of_neurons(problem: Problem, population: Population, dice: Dice) -> dict[str, Array]:
    """Identical neurons spike in the order of their numbers; a constant V is largest at the start."""
    given = problem.parameters.neurons[population.name]
    found = {f.name: dice(population.size) for f in fields(given) if getattr(given, f.name) is not None}
    if population.kind == "lif":
        return found | {"v_th": found["v_th"] + np.arange(population.size)}
    return found | {"v_init": abs(found["v_init"]), "bias": -abs(found["bias"]), "i_init": -abs(found["i_init"])}


def arriving_last(problem: Problem) -> Array:
    """Sum of all abs(w) that inputs add to I at T, where those of a neighbour arrive too late.

    Each is rounded at its size. Shape (n_samples, n_neurons).
    """
    network, s = problem.network, problem.stimulus
    found = np.zeros((s.n_samples, network.n_neurons))
    for p in (p for p in network.projections if network.from_input(p)):
        w, targets, rows = problem.parameters.weights[p.name], network.neurons(p.post), network.channels(p.pre)
        matrix = np.abs(w if p.synapses is None else p.synapses.scattered(w, len(targets)))
        for n in range(s.n_samples):
            times, channels = s.sample(n)
            last = channels[(times + p.delay == s.duration) & (channels >= rows.start) & (channels < rows.stop)]
            found[n, targets.start : targets.stop] += matrix[last - rows.start].sum(axis=0)
    return found


def neighbour(problem: Problem) -> Problem:
    """The problem with its ties separated by little, in the order of the model."""
    s, network, given = problem.stimulus, problem.network, problem.parameters
    times = s.times + LATER * (1.0 + np.arange(len(s.times)))
    projections = [replace(p, delay=float(p.delay) + LATER * STEP * (k + 1)) for k, p in enumerate(network.projections)]
    above = {p.name: LATER if p.kind == "li" else 0.0 for p in network.populations}
    neurons = {name: replace(p, v_init=p.v_init + above[name]) for name, p in given.neurons.items()}
    return replace(
        problem,
        network=replace(network, projections=tuple(projections)),
        parameters=Parameters(given.weights, neurons),
        stimulus=Stimulus(times, s.channels, s.offsets, s.duration),
    )
