import numpy as np
import pytest

from spikeproof import EventEngine
from spikeproof.yin_yang import yin_yang, yin_yang_problem


def problem(seed):
    samples, labels = yin_yang(6, seed=seed)
    return yin_yang_problem(samples, labels, seed=seed, n_hidden=20)


def numbers(solution):
    spikes, gradients = solution.spikes, solution.gradients
    return [spikes.times, spikes.vdot, solution.v_end, gradients.input_times, *gradients.weights.values()]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_solution_keeps_its_numbers_when_its_memory_serves_the_next_ones(threads):
    engine = EventEngine(threads=threads)
    first = engine.solve(problem(1))
    kept = [values.copy() for values in numbers(first)]
    others = [engine.solve(problem(seed)) for seed in (2, 3)]
    assert all(np.array_equal(a, b) for a, b in zip(numbers(first), kept, strict=True))
    again = engine.solve(problem(1))
    assert all(np.array_equal(a, b) for a, b in zip(numbers(again), kept, strict=True))
    assert not np.array_equal(numbers(others[0])[-1], kept[-1])


def test_a_run_that_is_kept_is_not_overwritten_by_the_next_ones():
    run = EventEngine().run(problem(1))
    cotangents = np.ones(len(run.spikes))
    before = run.vjp(cotangents).weights
    for seed in (2, 3):
        EventEngine().solve(problem(seed))
    after = run.vjp(cotangents).weights
    assert all(np.array_equal(before[name], after[name]) for name in before)
