"""Sparse projections of the model: checked rows of targets, equal by content, and their dense equivalent."""

from decimal import Decimal

import numpy as np
import pytest

from spikeproof import (
    Gradients,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    Synapses,
)

ROWS = Synapses([0, 2, 2, 3], [0, 2, 1])  # three rows, the second one empty


def network(synapses=ROWS):
    projections = (Projection("in", "a", synapses=synapses), Projection("a", "a", 0.5))
    return Network((Input("in", 3),), (Population("a", 3),), projections)


def problem(weights=(1.0, 2.0, 3.0), synapses=ROWS):
    parameters = Parameters({"in->a": weights, "a->a": np.ones((3, 3))}, {"a": NeuronParameters(20, 5)})
    return Problem(network(synapses), parameters, Stimulus.of_channels([[1.0], [2.0], []], 10.0))


def test_sizes_and_sources_follow_from_the_rows():
    assert (ROWS.n_pre, ROWS.n_synapses) == (3, 3)
    assert ROWS.sources.tolist() == [0, 0, 2]


def test_equality_and_hash_are_those_of_the_content():
    same = Synapses(np.array([0, 2, 2, 3]), np.array([0, 2, 1], dtype=np.int32))
    assert same == ROWS
    assert hash(same) == hash(ROWS)
    assert network(same) == network()
    assert hash(network(same)) == hash(network())
    assert network() != network(None)
    for other in (Synapses([0, 1, 2, 3], [0, 2, 1]), Synapses([0, 2, 2, 3], [0, 1, 1]), Synapses([0, 2, 3], [0, 2, 1])):
        assert other != ROWS


def test_arrays_are_copies_that_nobody_can_change():
    targets = np.array([0, 1])
    mine = Synapses([0, 2], targets)
    targets[0] = 7
    assert mine.targets.tolist() == [0, 1]
    with pytest.raises(ValueError, match="read-only"):
        mine.offsets[0] = 1


def test_one_to_one_connects_equal_numbers():
    assert Synapses.one_to_one(3) == Synapses.of_mask(np.eye(3, dtype=bool))


def test_mask_and_rows_say_the_same():
    assert Synapses.of_mask([[True, False, True], [False] * 3, [False, True, False]]) == ROWS


def test_random_pairs_have_their_probability_and_their_seed():
    drawn = Synapses.random(200, 100, 0.1, seed=3)
    assert drawn == Synapses.random(200, 100, 0.1, seed=3)
    assert drawn != Synapses.random(200, 100, 0.1, seed=4)
    assert abs(drawn.n_synapses - 2000) < 5 * np.sqrt(20000 * 0.1 * 0.9)
    assert Synapses.random(4, 5, 1.0, seed=0).n_synapses == 20
    assert Synapses.random(4, 5, 0.0, seed=0) == Synapses([0] * 5, [])


def test_gathering_undoes_scattering():
    values = np.array([1.0, 2.0, 3.0])
    matrix = ROWS.scattered(values, 4)
    assert matrix.tolist() == [[1.0, 0.0, 2.0, 0.0], [0.0] * 4, [0.0, 3.0, 0.0, 0.0]]
    assert ROWS.gathered(matrix).tolist() == values.tolist()


def test_weights_have_one_entry_for_each_synapse():
    mine = network()
    assert [mine.shape(p) for p in mine.projections] == [(3, 3), (3, 3)]
    assert [mine.weight_shape(p) for p in mine.projections] == [(3,), (3, 3)]
    assert problem().parameters.weights["in->a"].tolist() == [1.0, 2.0, 3.0]


def test_projections_without_any_synapse_are_legal():
    empty = problem(weights=[], synapses=Synapses([0, 0, 0, 0], []))
    assert empty.parameters.weights["in->a"].shape == (0,)
    assert empty.dense().parameters.weights["in->a"].tolist() == np.zeros((3, 3)).tolist()


def test_dense_equivalent_has_zeros_where_there_is_no_synapse():
    dense = problem().dense()
    assert [p.synapses for p in dense.network.projections] == [None, None]
    assert dense.parameters.weights["in->a"].tolist() == [[1.0, 0.0, 2.0], [0.0] * 3, [0.0, 3.0, 0.0]]
    assert dense.dense() is dense


def test_decimals_keep_their_digits_in_the_dense_equivalent():
    third = Decimal("0.3333333333333333333333333")
    exact = problem(weights=[third, 1, 2])
    assert exact.dense().parameters.weights["in->a"][0].tolist() == [third, 0, 1]
    assert exact.rounded().parameters.weights["in->a"].tolist() == [float(third), 1.0, 2.0]


def test_gradients_of_the_dense_equivalent_are_gathered_at_the_synapses():
    matrix = np.arange(9.0).reshape(3, 3)
    dense = Gradients({"in->a": matrix, "a->a": matrix}, np.zeros(2), {"in->a": -matrix, "a->a": matrix})
    sparse = dense.at_synapses(network())
    assert sparse.weights["in->a"].tolist() == [0.0, 2.0, 7.0]
    assert sparse.delays["in->a"].tolist() == [0.0, -2.0, -7.0]
    assert sparse.weights["a->a"] is matrix
    assert Gradients({"in->a": matrix, "a->a": matrix}, np.zeros(2)).at_synapses(network()).delays is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Synapses([0, 2], [1, 0]), r"synapses.targets\[1\]: got 0; allowed: targets in strictly ascending"),
        (lambda: Synapses([0, 2], [1, 1]), r"synapses.targets\[1\]: got 1; allowed: targets in strictly ascending"),
        (lambda: Synapses([0, 1], [-1]), r"synapses.targets\[0\]: got -1; allowed: whole numbers"),
        (lambda: Synapses([0, 1], [0.5]), "synapses.targets: got .* whole numbers"),
        (lambda: Synapses([0], []), "synapses.offsets: got .* 0 first, 0"),
        (lambda: Synapses([1, 2], [0, 1]), "synapses.offsets: got .* 0 first, 2"),
        (lambda: Synapses([0, 1], [0, 1]), "synapses.offsets: got .* 0 first, 2"),
        (lambda: Synapses([0, 2, 1, 2], [0, 1]), "synapses.offsets: got .* never falling"),
        (lambda: Synapses.one_to_one(0), "size: got 0"),
        (lambda: Synapses.random(2, 2, 1.5, 0), "probability: got 1.5; allowed: a number from 0 to 1"),
        (lambda: Synapses.random(2, 2, 0.5, -1), "seed: got -1"),
        (lambda: Synapses.of_mask([[0, 1]]), "mask: got .*int64 of shape"),
        (lambda: Synapses.of_mask(np.zeros((0, 2), dtype=bool)), "mask: got"),
        (lambda: ROWS.scattered(np.zeros(2), 3), r"values: got 'shape \(2,\)'; allowed: shape \(3,\)"),
        (lambda: Projection("in", "a", synapses=[[1]]), "network.projections.in->a.synapses: got"),
        (lambda: network(Synapses([0, 1], [0])), "network.projections.in->a.synapses.offsets: got '1 rows'"),
        (lambda: network(Synapses.one_to_one(4)), "network.projections.in->a.synapses.offsets: got '4 rows'"),
        (lambda: network(Synapses([0, 0, 0, 1], [3])), r"network.projections.in->a.synapses.targets\[0\]: got 3"),
        (lambda: problem(weights=np.ones((3, 3))), "parameters.weights.in->a: got"),
        (lambda: problem(weights=[1.0, 2.0]), r"parameters.weights.in->a: got 'shape \(2,\)'.* \(n_synapses,\)"),
    ],
)
def test_wrong_synapses_are_refused_in_one_line(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
