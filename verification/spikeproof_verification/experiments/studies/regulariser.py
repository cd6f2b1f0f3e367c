"""The spike-count regulariser beside the derivative of what it regularises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from spikeproof import EventEngine, Parameters, Problem, SpikeCountRegulariser
from spikeproof_verification.experiments.studies.study import Row
from spikeproof_verification.problems.random_networks import random_problem

SEEDS, TARGET, STEP = (3, 8, 17), 1.0, 1e-6


def regulariser_rows() -> Iterator[Row]:
    """The derivative that the regulariser reports for one weight per network, and the difference quotient."""
    for seed in SEEDS:
        base = random_problem(seed)
        assert base.loss is not None
        problem = replace(base, loss=SpikeCountRegulariser(base.loss.population, TARGET))
        solution = EventEngine().solve(problem, gradients="weights")
        assert solution.gradients is not None
        name, reported = max(solution.gradients.weights.items(), key=lambda item: float(np.max(np.abs(item[1]))))
        i, j = (int(x) for x in np.unravel_index(np.argmax(np.abs(reported)), reported.shape))
        up, down = (_loss(problem, name, i, j, step) for step in (STEP, -STEP))
        yield {
            "problem": problem.name,
            "weight": f"{name}[{i}, {j}]",
            "loss": float(solution.loss or 0.0),
            "reported": float(reported[i, j]),
            "derivative": (up - down) / (2 * STEP),
        }


def _loss(problem: Problem, name: str, i: int, j: int, step: float) -> float:
    weights = {key: np.array(w) for key, w in problem.parameters.weights.items()}
    weights[name][i, j] += step
    moved = replace(problem, parameters=Parameters(weights, problem.parameters.neurons))
    loss = EventEngine().solve(moved, gradients=None).loss
    assert loss is not None
    return loss
