import platform
import subprocess
import sys

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


ROUNDS = """
import resource
from spikeproof.memory import aligned

def touched():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

for _ in range(4):
    before = touched()
    vectors = [aligned(2**17) for _ in range(5)]
    for vector in vectors:
        vector[:] = 1.0
    del vector, vectors
    print(touched() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts pages of the GNU C library's memory")
def test_memory_that_was_given_back_is_not_taken_anew_page_by_page():
    printed = subprocess.run([sys.executable, "-c", ROUNDS], capture_output=True, text=True, check=True).stdout
    first, *others = map(int, printed.split())
    assert first >= 5 * 2**20 // 2**16  # pages are of 4 to 64 KiB
    assert sum(others) < first / 10
