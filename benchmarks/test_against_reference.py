"""Times of the fast engine and the reference on a sample of each workload."""

import numpy as np
import pytest
from rates import note_rate
from workloads import w1, w3

from spikeproof import EventEngine
from spikeproof_reference import MpEngine

ENGINES = {"event": EventEngine(), "mp-30-digits": MpEngine(dps=30), "mp-50-digits": MpEngine(dps=50)}
PROBLEMS = {"w1": w1(1), "w3": w3(1)}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PROBLEMS)
def test_one_sample(benchmark, name, engine):
    benchmark.group = name
    problem = PROBLEMS[name]
    solution = benchmark.pedantic(
        ENGINES[engine].solve, (problem, "weights"), rounds=3, warmup_rounds=int(engine == "event")
    )
    note_rate(benchmark, problem)
    expected = ENGINES["event"].solve(problem)
    for projection, w in expected.gradients.weights.items():
        other = solution.gradients.weights[projection].astype(np.float64)
        assert np.linalg.norm(other - w) <= 1e-9 * np.linalg.norm(w)
