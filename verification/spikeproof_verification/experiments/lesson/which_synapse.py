"""Statement 3: with jumping potentials no weight moves a spike, unless a bias drives it; with currents weights do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from spikeproof import (
    EventEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)
from spikeproof.builders import normal_weights
from spikeproof.lesson import DeltaEngine
from spikeproof.losses import SpikeTimeFunction
from spikeproof_reference.lesson.delta import DeltaSpike, delta_spikes

STEP = Decimal("1e-20")
DPS = 45
STRIDE = 5  # difference quotients are taken by every fifth weight
QUOTIENT = 1e-24  # of the second order, with that step, times third derivatives; it has 45 - 20 digits
ROUNDING = 1e-10  # of the engine: sums over tens of spikes by bias, each of which divides by Vdot
Source = Callable[[int, bool], Problem]


@dataclass(frozen=True)
class WhichSynapse:
    """Derivatives of spike times by weights, for jumping potentials without and with a bias, and for currents.

    Attributes
    ----------
    at_arrivals : number of spikes that arrivals have caused, without a bias.
    moved_by_weights : number of these with a derivative by a weight other than 0.
    differences : largest difference quotient of such a spike time by a weight, on either side, in 45 digits.
    by_cause : largest distance of a derivative by the cause's input time from 1.
    by_bias : number of spikes by bias in networks with one.
    moved_by_bias : number of these that a weight moves.
    with_bias_error : largest relative deviation of their derivatives from difference quotients.
    engine_error : largest relative deviation of the engine's gradients from the reference's.
    with_currents : share of spikes that a weight moves, exponential synapses, the same networks.
    """

    at_arrivals: int
    moved_by_weights: int
    differences: float
    by_cause: float
    by_bias: int
    moved_by_bias: int
    with_bias_error: float
    engine_error: float
    with_currents: float

    @property
    def holds(self) -> bool:
        """Whether no weight moves a spike at an arrival, and weights move spikes by bias and with currents."""
        still = self.moved_by_weights == 0 and self.differences == 0.0 and self.by_cause == 0.0
        right = self.with_bias_error < QUOTIENT and self.engine_error < ROUNDING
        return still and right and self.moved_by_bias > 0 and self.at_arrivals > 0 and self.with_currents == 1.0

    @property
    def verdict(self) -> str:
        """The statement with its numbers."""
        return (
            f"{'holds' if self.holds else 'does not hold'}: of {self.at_arrivals} spikes at arrivals a weight moves "
            f"{self.moved_by_weights}, and each moves with its cause up to {self.by_cause:g}; of {self.by_bias} spikes "
            f"by bias weights move {self.moved_by_bias}; with currents {100 * self.with_currents:g} % of the spikes"
        )


def which_synapse(n_networks: int = 4, seed: int = 0, *, source: Source | None = None) -> WhichSynapse:
    """The derivatives of all spike times of random networks by all weights.

    Parameters
    ----------
    n_networks : int
    seed : int
        Network k follows from ``seed + k``.
    source : callable or None
        Makes the problem of a seed, with or without a bias above some thresholds; `random_problem` if None.

    Returns
    -------
    WhichSynapse
    """
    make = random_problem if source is None else source
    still = [make(seed + k, False) for k in range(n_networks)]
    biased = [make(seed + k, True) for k in range(n_networks)]
    at_arrivals = [s for p in still for s in delta_spikes(p, dps=DPS)]
    by_bias = [s for p in biased for s in delta_spikes(p, dps=DPS) if s.by_bias]
    return WhichSynapse(
        at_arrivals=len(at_arrivals),
        moved_by_weights=sum(1 for s in at_arrivals if _by_weights(s)),
        differences=max(_largest_difference(p) for p in still),
        by_cause=max(float(abs(sum(_by_inputs(s)) - 1)) for s in at_arrivals),
        by_bias=len(by_bias),
        moved_by_bias=sum(1 for s in by_bias if _by_weights(s)),
        with_bias_error=max(_difference_error(p) for p in biased),
        engine_error=max(_engine_error(p) for p in [*still, *biased]),
        with_currents=_share_with_currents(still),
    )


def random_problem(seed: int, biased: bool) -> Problem:
    """A recurrent network of 3 inputs and 4 neurons; with `biased` two of these have a bias above their threshold."""
    random = np.random.default_rng(seed)
    network = Network(
        (Input("in", 3),), (Population("a", 4),), (Projection("in", "a", 0.125), Projection("a", "a", 1.1))
    )
    weights = normal_weights(network, {"in->a": (0.5, 0.5), "a->a": (0.0, 0.1)}, seed)
    bias = random.uniform(1.3, 2.0, 4) * [1, 0, 1, 0] if biased else np.zeros(4)
    stimulus = Stimulus.of_samples([(random.uniform(0.0, 25.0, 10), random.integers(0, 3, 10))], 30.0)
    neuron = NeuronParameters(20.0, 5.0, bias=bias)
    return Problem(network, Parameters(weights, {"a": neuron}), stimulus)


def _by_weights(spike: DeltaSpike) -> list[float]:
    """The derivatives of a spike time by weights that are not 0."""
    return [x for (name, _, _), x in spike.tangent.items() if name not in ("input", "bias") and x != 0]


def _by_inputs(spike: DeltaSpike) -> list[float]:
    return [x for (name, _, _), x in spike.tangent.items() if name == "input"]


def _moved(problem: Problem, weight: int, step: Decimal) -> list[DeltaSpike]:
    """The spikes with one weight, of all in the network's order, changed by `step`."""
    with localcontext(prec=2 * DPS):
        exact = np.array([Decimal(float(w)) for w in problem.parameters.flat()])
        exact[weight] += step
    parameters = Parameters(problem.network.split(exact), problem.parameters.neurons)
    return delta_spikes(replace(problem, parameters=parameters), dps=DPS)


def _quotients(problem: Problem, weight: int, sign: int) -> list[float]:
    """One-sided difference quotients of all spike times, of the second order."""
    runs = [_moved(problem, weight, sign * k * STEP) for k in (0, 1, 2)]
    h = type(runs[0][0].time)(str(sign * STEP)) if runs[0] else 1
    return [(-3 * a.time + 4 * b.time - c.time) / (2 * h) for a, b, c in zip(*runs, strict=True)]


def _largest_difference(problem: Problem) -> float:
    """The largest difference quotient of a spike time by a weight, on either side."""
    weights = range(0, len(problem.parameters.flat()), STRIDE)
    return max((float(abs(x)) for w in weights for sign in (1, -1) for x in _quotients(problem, w, sign)), default=0.0)


def _difference_error(problem: Problem) -> float:
    """The largest deviation of a derivative by a weight from its difference quotient, relative to 1 + its size."""
    spikes, keys = delta_spikes(problem, dps=DPS), _keys(problem)
    errors = [0.0]
    for weight in range(0, len(keys), STRIDE):
        for spike, quotient in zip(spikes, _quotients(problem, weight, 1), strict=True):
            exact = spike.tangent.get(keys[weight], 0)
            errors.append(float(abs(quotient - exact) / (1 + abs(exact))))
    return max(errors)


def _keys(problem: Problem) -> list[tuple[str, int, int]]:
    """Projection, row and column of each weight in the network's order."""
    return [(p.name, row, column) for p in problem.network.projections for row, column in problem.network.pairs(p)]


def _engine_error(problem: Problem) -> float:
    """The largest deviation of the engine's derivatives of a sum of spike times, relative to the largest of them."""

    def weighted(trains: list[Any]) -> tuple[Any, Sequence[Any]]:
        factors = [np.cos(n + np.arange(len(train))) for n, train in enumerate(trains)]
        return sum(float(f @ t) for f, t in zip(factors, trains, strict=True)), factors

    found = DeltaEngine().solve(replace(problem, loss=SpikeTimeFunction("a", weighted)), "weights").gradients
    assert found is not None
    ranks, expected = dict[int, int](), np.zeros(len(_keys(problem)))
    for spike in delta_spikes(problem):
        rank = ranks.setdefault(spike.neuron, 0)
        ranks[spike.neuron] += 1
        factor = float(np.cos(spike.neuron + rank))
        expected += factor * np.array([float(spike.tangent.get(key, 0)) for key in _keys(problem)])
    flat = np.concatenate([w.ravel() for w in found.weights.values()])
    return float(np.max(abs(flat - expected)) / (1.0 + np.max(abs(expected))))


def _share_with_currents(problems: list[Problem]) -> float:
    """The share of spikes of these networks, with currents in the place of jumps, that a weight moves."""
    moved, total = 0, 0
    for problem in problems:
        strong = {name: 6.0 * w for name, w in problem.parameters.weights.items()}
        run = EventEngine().run(replace(problem, parameters=Parameters(strong, problem.parameters.neurons)))
        for number in range(len(run.spikes)):
            gradients = run.vjp(np.eye(len(run.spikes))[number], "weights")
            moved += any(np.any(w != 0.0) for w in gradients.weights.values())
        total += len(run.spikes)
    return moved / total if total else 0.0
