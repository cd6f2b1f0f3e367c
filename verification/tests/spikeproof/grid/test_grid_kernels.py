"""Inner loops of the grid engine against plain sums, and the chunks that its partial sums are divided into."""

import math

import numpy as np
import pytest

from spikeproof import GridEngine
from spikeproof.grid.grid import grid_of
from spikeproof.grid.kernels.rows import prepare, product
from spikeproof.grid.kernels.step import advance_segment, find, rewind_segment
from spikeproof.threads import CHUNKS, FEWEST, chunk_bounds
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.checks.tolerances import EPS


@pytest.mark.parametrize("width", [*range(1, 40), 63, 64, 65, 128, 203])
def test_a_dot_product_sums_every_entry_once(width):
    rng = np.random.default_rng(width)
    weights, difference = rng.normal(size=width + 7), rng.normal(size=width + 3)
    terms = weights[5 : 5 + width] * difference[:width]
    got = product(weights, 5, difference, width, np.empty(width))
    assert got == pytest.approx(math.fsum(terms), abs=EPS * width * np.sum(np.abs(terms)))


@pytest.mark.parametrize("nonzero", [None, 0, 3, 7])
def test_targets_without_an_adjoint_are_told_from_the_rest(nonzero):
    lambda_v, lambda_i = np.zeros(10), np.zeros(10)
    lambda_v[9] = 1.0  # no target
    if nonzero is not None:
        lambda_i[1 + nonzero] = 2.0
    scaled, difference = np.empty(8), np.empty(8)
    assert prepare(np.full(10, 5.0), lambda_v, lambda_i, 1, 8, scaled, difference) == (nonzero is not None)
    assert np.array_equal(scaled, -5.0 * lambda_i[1:9])
    assert np.array_equal(difference, lambda_v[1:9] - lambda_i[1:9])


def test_neurons_with_shared_coefficients_have_the_bits_of_single_ones():
    rng = np.random.default_rng(3)
    a, b, c = (np.full(20, x) for x in (0.9, 0.3, 0.7))
    states = rng.normal(size=(2, 20))
    shared, single = states.copy(), states.copy()
    counts = [
        advance_segment(alike, 3, 17, a, b, c, np.full(20, 0.25), *state)
        for alike, state in ((True, shared), (False, single))
    ]
    assert np.array_equal(shared, single)
    assert counts == [np.sum(shared[0, 3:17] >= 0.25)] * 2
    assert np.array_equal(shared[:, :3], states[:, :3])
    assert np.array_equal(shared[:, 17:], states[:, 17:])
    found = np.empty(20, np.int32)
    assert find(3, counts[0], np.full(20, 0.25), shared[0], found, 2) == 2 + counts[0]
    assert np.array_equal(found[2 : 2 + counts[0]], 3 + np.flatnonzero(shared[0, 3:17] >= 0.25))
    rewind_segment(True, 3, 17, a, b, c, *shared)
    rewind_segment(False, 3, 17, a, b, c, *single)
    assert np.array_equal(shared, single)


def test_populations_with_the_same_coefficients_are_one_segment():
    problem = yin_yang_problem(*yin_yang(1, 1), seed=0, n_hidden=7)
    grid = grid_of(problem, 1.0)
    assert grid.segment.tolist() == [0, 10]
    assert grid.alike.tolist() == [True]


@pytest.mark.parametrize(("n_sums", "chunks"), [(0, 16), (25_600, 16), (25_601, 15), (2**17, 3), (10**7, 2)])
def test_there_are_fewer_chunks_the_more_sums_each_has(n_sums, chunks):
    bounds = chunk_bounds(100, n_sums)
    assert len(bounds) - 1 == chunks
    assert FEWEST <= chunks <= CHUNKS
    assert (bounds[0], bounds[-1]) == (0, 100)


def test_a_problem_without_decimals_is_its_own_rounding():
    problem = yin_yang_problem(*yin_yang(2, 1), seed=0, n_hidden=4)
    assert problem.rounded() is problem
    assert GridEngine(1.0).solve(problem).problem is problem
