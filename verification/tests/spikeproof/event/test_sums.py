"""Sums over chunks of samples: their order, and that threads leave it alone."""

import pickle
from functools import reduce
from operator import add

import numpy as np
import pytest

from spikeproof import Parameters
from spikeproof.event.sums import Sums
from spikeproof.yin_yang import yin_yang, yin_yang_problem

TERMS = (0.8, 0.6, 0.6, 0.2, 1.0, 0.9)  # their sum depends on brackets


def added(chunks):
    """The terms summed up as the kernel does it: the first part adds, the others write."""
    sums, terms = Sums(1, chunks), iter(TERMS)
    for part, n in enumerate(chunks):
        rows = sums.of(part)
        for chunk in range(n):
            if chunk == 0:
                rows.first[:] = next(terms)
            elif part == 0:
                rows.others[0] = next(terms)
                rows.first[:] += rows.others[0]
            else:
                rows.others[chunk - 1] = next(terms)
    return sums.total()


@pytest.mark.parametrize("chunks", [[6], [3, 3], [1, 2, 3], [2, 1, 1, 2], [1] * 6])
def test_chunks_are_added_one_after_the_other_whatever_the_parts(chunks):
    one_by_one = reduce(add, TERMS)  # the built-in sum may be compensated
    assert added(chunks)[0] == one_by_one
    assert one_by_one != reduce(add, TERMS[:3]) + reduce(add, TERMS[3:])


def parameters(n_hidden=4):
    return yin_yang_problem(*yin_yang(2, seed=1), seed=1, n_hidden=n_hidden).parameters


def test_checked_weights_are_views_of_one_vector_in_the_networks_order():
    problem = yin_yang_problem(*yin_yang(2, seed=1), seed=1, n_hidden=4)
    given = {
        p.name: np.arange(w.size, dtype=float).reshape(w.shape) + 100 * n
        for n, (p, w) in enumerate(zip(problem.network.projections, problem.parameters.weights.values(), strict=True))
    }
    backwards = Parameters(dict(reversed(given.items())), problem.parameters.neurons).checked(problem.network)
    assert np.array_equal(backwards.flat(), np.concatenate([w.ravel() for w in given.values()]))
    for name, part in problem.network.split(backwards.flat()).items():
        assert np.array_equal(part, given[name])
        assert np.shares_memory(part, backwards.weights[name])


def test_weights_are_copied_and_cannot_be_written():
    given = parameters()
    mine = {name: w.copy() for name, w in given.weights.items()}
    problem = yin_yang_problem(*yin_yang(2, seed=1), seed=1, n_hidden=4)
    checked = Parameters(mine, given.neurons).checked(problem.network)
    for name, w in mine.items():
        w += 1.0
        assert np.array_equal(checked.weights[name], given.weights[name])
        with pytest.raises(ValueError, match="read-only"):
            checked.weights[name][0, 0] = 0.0


def test_pickled_parameters_hold_each_weight_once():
    given = parameters(n_hidden=2000)  # so many that nothing else counts
    flat = given.flat()
    stored = pickle.dumps(given)
    assert len(stored) < 1.5 * flat.nbytes
    again = pickle.loads(stored)
    assert np.array_equal(again.flat(), flat)
