"""The reference's judgement of a problem, once its three gradients have agreed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from spikeproof import Problem, Solution
from spikeproof_reference import (
    Direction,
    MpEngine,
    Parameter,
    RoundingSensitivity,
    central_difference,
    central_differences,
    parameters_of,
    rounding_sensitivity,
)
from spikeproof_verification.checks.tolerances import REFERENCE_AGREEMENT

DPS = 50
TERMS = 1e-30  # of the largest gradient: with 80 digits carried, sensitivities resolve 1e-30 of that
QUOTIENT = 1e-20  # of loss and largest gradient: a step of 1e-26 leaves about its square, which is 1e-32 of that


@dataclass(frozen=True)
class Agreement:
    """Two of the reference's gradients compared, relative to each number.

    Attributes
    ----------
    campaign, case : of what problem.
    pair : "adjoint/sensitivity", "adjoint/differences" or "adjoint/directions".
    compared : how many numbers.
    worst : largest deviation, relative to the number and to what the second method resolves, see `REFERENCE_AGREEMENT`.
    digits : -log10 of it.
    verdict : "pass" if the digits reach `REFERENCE_AGREEMENT`.
    """

    campaign: str
    case: str
    pair: str
    compared: int
    worst: float
    digits: float
    verdict: str

    def row(self) -> dict[str, Any]:
        """One row of a table."""
        return asdict(self)


@dataclass(frozen=True)
class Effort:
    """How much work the reference does per problem: coordinates and directions of differences, rounding probes."""

    coordinates: int = 6
    directions: int = 1
    probes: int = 4


@dataclass(frozen=True)
class Judgement:
    """The reference's solution, its conditioning, and how well its gradients agree."""

    solution: Solution
    conditioning: RoundingSensitivity
    agreement: tuple[Agreement, ...]

    @property
    def trusted(self) -> bool:
        """True if the three gradients agree, so that the reference may judge others."""
        return all(a.verdict == "pass" for a in self.agreement)


def reference_judgement(campaign: str, problem: Problem, effort: Effort, seed: int) -> Judgement:
    """Solve `problem`, which has a loss, by the reference in three ways and measure its conditioning."""
    by_adjoint = MpEngine(dps=DPS).solve(problem)
    by_sensitivity = MpEngine(dps=DPS, gradient="sensitivity").solve(problem)
    rng = np.random.default_rng([seed, 4711])
    adjoint = flat_gradient(by_adjoint)
    pairs = {"adjoint/sensitivity": list(zip(adjoint, flat_gradient(by_sensitivity), strict=True))}
    if len(adjoint):
        pairs["adjoint/differences"] = _coordinates(problem, adjoint, effort.coordinates, rng)
        pairs["adjoint/directions"] = [_direction(problem, adjoint, rng) for _ in range(effort.directions)]
    assert by_adjoint.loss is not None
    largest = max(map(abs, adjoint), default=0.0)
    floor = {pair: QUOTIENT * (largest + abs(by_adjoint.loss)) for pair in pairs}
    floor["adjoint/sensitivity"] = TERMS * largest
    agreement = tuple(compared(campaign, problem.name, pair, numbers, floor[pair]) for pair, numbers in pairs.items())
    conditioning = rounding_sensitivity(problem, n_probes=effort.probes, seed=seed)
    return Judgement(by_adjoint, conditioning, agreement)


def flat_gradient(solution: Solution) -> list[Any]:
    """The gradients of all parameters, in the order of `parameters_of`."""
    given = solution.gradients
    assert given is not None
    assert given.delays is not None
    assert given.neurons is not None
    flat = [x for w in given.weights.values() for x in w.ravel()] + list(given.input_times)
    flat += [x for d in given.delays.values() for x in d.ravel()]
    for population in given.neurons.values():
        columns = (getattr(population, f.name) for f in fields(population))
        flat += [x for column in columns if column is not None for x in column]
    return flat


def _coordinates(problem: Problem, adjoint: list[Any], count: int, rng: np.random.Generator) -> list[tuple[Any, Any]]:
    parameters = parameters_of(problem)
    # nonzero entries say more; a zero entry is drawn only where there are too few of them
    nonzero = _spread(rng.permutation([k for k, g in enumerate(adjoint) if g != 0]), parameters)
    rest = rng.permutation([k for k, g in enumerate(adjoint) if g == 0])
    chosen = [int(k) for k in (*nonzero[:count], *rest[: max(0, count - len(nonzero))])]
    wanted: list[Parameter] = [parameters[k] for k in chosen]
    return list(zip([adjoint[k] for k in chosen], central_differences(problem, wanted, _digits(problem)), strict=True))


def _digits(problem: Problem) -> int:
    """Digits of differences: their step of 1e-26 is small beside thresholds near 1, one of 1e-36 beside 1e-10 too."""
    given = problem.parameters.neurons.values()
    lowest = min((float(np.min(p.v_th)) for p in given if p.v_th is not None), default=1.0)
    return 40 if lowest > 1e-3 else 60


def _spread(numbers: Iterable[Any], parameters: list[Parameter]) -> list[int]:
    """These parameters in an order that takes one of each kind in turn."""
    rank: dict[str, int] = {}
    turns: list[tuple[int, int, int]] = []
    for k in numbers:
        kind = parameters[int(k)].kind
        rank[kind] = rank.get(kind, -1) + 1
        turns.append((rank[kind], len(turns), int(k)))
    return [k for _, _, k in sorted(turns)]


def _direction(problem: Problem, adjoint: list[Any], rng: np.random.Generator) -> tuple[Any, Any]:
    """Derivative along a random direction of all parameters at once, and its difference quotient."""
    network = problem.network

    def dice(shape: Any) -> Any:
        return rng.uniform(-1.0, 1.0, shape)

    weights = {p.name: dice(network.weight_shape(p)) for p in network.projections}
    times = dice(len(problem.stimulus.times))
    delays = {p.name: dice(network.weight_shape(p)) for p in network.projections}
    neurons = {
        p.name: {
            f.name: dice(p.size)
            for f in fields(problem.parameters.neurons[p.name])
            if getattr(problem.parameters.neurons[p.name], f.name) is not None
        }
        for p in network.populations
    }
    direction = Direction(weights, times, delays, neurons)
    return along(adjoint, direction), central_difference(problem, direction, _digits(problem))


def along(adjoint: list[Any], direction: Direction) -> Any:
    """The derivative along a direction of all parameters, from the gradient in the order of `parameters_of`."""
    of_neurons = (x for given in direction.neurons.values() for x in given.values())
    parts = [*direction.weights.values(), direction.input_times, *direction.delays.values(), *of_neurons]
    flat = [float(x) for part in parts for x in part.ravel()]
    return sum((g * x for g, x in zip(adjoint, flat, strict=True)), 0 * adjoint[0])


def compared(campaign: str, case: str, pair: str, numbers: Iterable[tuple[Any, Any]], floor: Any = 0.0) -> Agreement:
    """How well two gradients agree, from pairs of their numbers; `floor` is added to what each is relative to."""
    numbers = list(numbers)
    worst = max((_relative(a, b, floor) for a, b in numbers), default=0.0)
    digits = -math.log10(worst) if worst > 0.0 else math.inf
    verdict = "pass" if worst <= REFERENCE_AGREEMENT.multiple * REFERENCE_AGREEMENT.unit else "fail"
    return Agreement(campaign, case, pair, len(numbers), worst, digits, verdict)


def _relative(a: Any, b: Any, floor: Any) -> float:
    if a == b:
        return 0.0
    scale = abs(a) + floor
    deviation = float(abs(a - b) / scale) if scale != 0 else math.inf
    return math.inf if math.isnan(deviation) else deviation
