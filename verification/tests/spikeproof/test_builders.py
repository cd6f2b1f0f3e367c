"""Chains of layers and their weights: the network that one would have written by hand."""

from decimal import Decimal

import numpy as np
import pytest

import spikeproof as sp
from spikeproof import InvalidInput, Layer, Synapses, chain, constant_weights, normal_weights

PLAIN = sp.Network(
    (sp.Input("input", 5),),
    (sp.Population("hidden", 200), sp.Population("output", 3)),
    (sp.Projection("input", "hidden"), sp.Projection("hidden", "output")),
)
DEEP = sp.Network(
    (sp.Input("pixels", 7),),
    (
        sp.Population("hidden1", 6),
        sp.Population("ring", 5),
        sp.Population("hidden3", 4),
        sp.Population("output", 3, "li"),
    ),
    (
        sp.Projection("pixels", "hidden1", 0.5),
        sp.Projection("hidden1", "ring"),
        sp.Projection("ring", "ring", 2.0),
        sp.Projection("ring", "hidden3"),
        sp.Projection("hidden3", "hidden3"),
        sp.Projection("hidden3", "output", Decimal("0.1")),
    ),
)


def test_a_chain_is_the_network_of_its_layers():
    assert chain(5, 200, 3) == chain(sp.Input("input", 5), Layer(200), Layer(3, name="output")) == PLAIN
    ring = Layer(5, name="ring", recurrent=True, recurrent_delay=2.0)
    output = Layer(3, kind="li", delay=Decimal("0.1"))
    assert chain(sp.Input("pixels", 7), Layer(6, delay=0.5), ring, Layer(4, recurrent=True), output) == DEEP


def test_one_layer_is_the_output():
    network = chain(2, 3)
    assert [p.name for p in network.populations] == ["output"]
    assert [p.name for p in network.projections] == ["input->output"]


def test_several_hidden_layers_are_numbered_from_1():
    assert [p.name for p in chain(1, 2, 3, 4).populations] == ["hidden1", "hidden2", "output"]


WRONG = [
    ("layers", lambda: chain(5)),
    ("network.inputs.input.size", lambda: chain(0, 3)),
    ("network.populations.layer.size", lambda: chain(5, 2.5)),
    ("network.populations.layer.size", lambda: chain(5, "3")),
    ("network.populations.layer.kind", lambda: Layer(3, "adex")),
    ("network.populations.name", lambda: Layer(3, name="a\n")),
    ("layer.delay", lambda: Layer(3, delay=-1.0)),
    ("layer.recurrent_delay", lambda: Layer(3, recurrent_delay=np.inf)),
    ("layer.recurrent", lambda: Layer(3, "li", recurrent=True)),
    ("layer.recurrent", lambda: Layer(3, recurrent=1)),
    ("network.projections.hidden->output.pre", lambda: chain(5, Layer(3, "li"), 2)),
    ("network.inputs and network.populations", lambda: chain(5, Layer(3, name="input"))),
    ("network", lambda: normal_weights(None, (0, 1), 0)),
    ("seed", lambda: normal_weights(PLAIN, (0, 1), -1)),
    ("seed", lambda: normal_weights(PLAIN, (0, 1), None)),
    ("moments.input->hidden", lambda: normal_weights(PLAIN, 1.0, 0)),
    ("moments.input->hidden", lambda: normal_weights(PLAIN, (1.0, 2.0, 3.0), 0)),
    ("moments.input->hidden, mean", lambda: normal_weights(PLAIN, (np.nan, 1.0), 0)),
    ("moments.input->hidden, standard deviation", lambda: normal_weights(PLAIN, (0.0, -1.0), 0)),
    ("moments", lambda: normal_weights(PLAIN, {"input->hidden": (0, 1)}, 0)),
    ("moments", lambda: normal_weights(PLAIN, {"input->hidden": (0, 1), "hidden->output": (0, 1), "x": (0, 1)}, 0)),
    ("values.input->hidden", lambda: constant_weights(PLAIN, "1")),
    ("values.input->hidden", lambda: constant_weights(PLAIN, [1.0, 2.0])),
    ("values", lambda: constant_weights(PLAIN, {})),
]


@pytest.mark.parametrize(("field", "call"), WRONG, ids=[f"{name} {n}" for n, (name, _) in enumerate(WRONG)])
def test_what_is_wrong_is_named(field, call):
    with pytest.raises(InvalidInput) as caught:
        call()
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


def test_weights_are_drawn_from_one_generator_projection_by_projection():
    rng = np.random.default_rng(7)
    expected = {"input->hidden": rng.normal(1.5, 0.78, (5, 200)), "hidden->output": rng.normal(-0.5, 0.0, (200, 3))}
    found = normal_weights(PLAIN, {"hidden->output": (-0.5, 0.0), "input->hidden": (1.5, 0.78)}, seed=7)
    assert list(found) == ["input->hidden", "hidden->output"]
    for name, w in expected.items():
        assert np.array_equal(found[name], w)


def test_one_pair_serves_all_projections_and_a_seed_draws_the_same_again():
    a, b, c = (normal_weights(DEEP, (1.0, 0.25), seed) for seed in (0, 0, 1))
    for p in DEEP.projections:
        assert a[p.name].shape == DEEP.weight_shape(p)
        assert np.array_equal(a[p.name], b[p.name])
        assert not np.array_equal(a[p.name], c[p.name])


def test_weights_of_sparse_projections_are_one_per_synapse():
    sparse = sp.Projection("input", "hidden", synapses=Synapses.of_mask(np.eye(3, dtype=bool)))
    network = sp.Network((sp.Input("input", 3),), (sp.Population("hidden", 3),), (sparse,))
    assert normal_weights(network, (0.0, 1.0), 0)["input->hidden"].shape == (3,)
    assert constant_weights(network, 2)["input->hidden"].tolist() == [2.0, 2.0, 2.0]


def test_constant_weights_keep_their_digits():
    found = constant_weights(chain(2, 3, 1), {"input->hidden": Decimal("0.1"), "hidden->output": -2})
    assert found["input->hidden"].shape == (2, 3)
    assert {*found["input->hidden"].ravel()} == {Decimal("0.1")}
    assert found["hidden->output"].tolist() == [[-2.0]] * 3
    neuron = sp.NeuronParameters(20.0, 5.0)
    parameters = sp.Parameters(found, {"hidden": neuron, "output": neuron})
    assert sp.Problem(chain(2, 3, 1), parameters, sp.Stimulus.of_channels([[1.0], []], 9.0)).rounded()
