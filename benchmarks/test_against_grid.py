"""The event engine against the grid engine at several steps, with the error of the grid's gradient beside."""

import numpy as np
import pytest
from rates import note_rate
from workloads import WORKLOADS

from spikeproof import EventEngine, GridEngine

ENGINES = {"event": EventEngine()} | {f"grid-{dt:g}-ms": GridEngine(dt) for dt in (1.0, 0.25, 0.0625)}


@pytest.fixture(scope="module", params=["w1", "w2", "w3"])
def problem(request):
    return WORKLOADS[request.param].problem


@pytest.mark.parametrize("engine", ENGINES)
def test_training_step(benchmark, problem, engine):
    benchmark.group = problem.name
    solution = benchmark.pedantic(ENGINES[engine].solve, (problem, "weights"), rounds=5, warmup_rounds=1)
    note_rate(benchmark, problem)
    exact = EventEngine().solve(problem, gradients="weights").gradients.weights
    errors = [np.linalg.norm(solution.gradients.weights[k] - w) / np.linalg.norm(w) for k, w in exact.items()]
    benchmark.extra_info["gradient_error"] = float(f"{max(errors):.2g}")
