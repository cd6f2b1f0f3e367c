"""The arrays of a network: of one type for all networks, so that no kernel is compiled for one kind after the other."""

from numba import typeof

from spikeproof.event.layout import layout, structure
from spikeproof_verification import random_problem
from spikeproof_verification.problems.sparse_networks import sparse_problem


def type_of(problem):
    return typeof(layout(structure(problem.network), problem.network, problem.parameters))


def test_the_arrays_of_all_networks_have_one_type():
    problems = [make(seed) for make in (random_problem, sparse_problem) for seed in range(24)]
    neurons = [problem.parameters.neurons.values() for problem in problems]
    pairs = [len({(p.tau_mem.tobytes(), p.tau_syn.tobytes()) for p in group}) for group in neurons]
    assert {1, 2} <= set(pairs)  # time constants that all neurons have in common, and others
    assert len({type_of(problem) for problem in problems}) == 1
