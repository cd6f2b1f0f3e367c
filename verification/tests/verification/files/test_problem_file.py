"""Problem files give back every bit and every digit, and are written all at once."""

import json
import os
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from problem_tree import good_problem

from spikeproof import (
    FirstSpikeCrossEntropy,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
    Synapses,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_verification.files import (
    load_any,
    load_problem,
    load_schema,
    problem_from_dict,
    problem_to_dict,
    save_problem,
)

thorough = settings(deadline=None, derandomize=True, max_examples=60)

floats = st.floats(allow_nan=False, allow_infinity=False)
positive_floats = st.floats(min_value=5e-324, allow_infinity=False)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(lambda d: abs(d.adjusted()) < 300)
positive_decimals = decimals.filter(lambda d: d > 0)
positives = st.one_of(positive_floats, positive_decimals)
scalars = st.one_of(floats, decimals)


@st.composite
def problems(draw, number=scalars, positive=positives):
    n_in, n_lif, n_li = (draw(st.integers(1, 3), label=name) for name in ("inputs", "lif", "li"))
    network = Network(
        (Input("in", n_in),),
        (Population("a", n_lif), Population("b", n_li, "li")),
        (
            Projection("in", "a", draw(positive)),
            Projection("a", "a", name="loop"),
            Projection("a", "b", draw(positive), synapses=draw(synapses(n_lif, n_li))),
        ),
    )
    weights = {p.name: _weights(draw, number, network.weight_shape(p)) for p in network.projections}
    neurons = {
        "a": NeuronParameters(draw(positive), _list(draw, positive, n_lif), 1.0, draw(st.just(-0.0))),
        "b": NeuronParameters(_list(draw, positive, n_li), draw(positive)),
    }
    return Problem(network, Parameters(weights, neurons), draw(stimuli(positive, n_in)), draw(losses(n_lif)), "drawn")


@st.composite
def synapses(draw, n_pre, n_post):
    """All pairs, or any choice of them; none is one."""
    row = st.lists(st.booleans(), min_size=n_post, max_size=n_post)
    mask = draw(st.one_of(st.none(), st.lists(row, min_size=n_pre, max_size=n_pre)))
    return None if mask is None else Synapses.of_mask(mask)


@st.composite
def stimuli(draw, positive, n_in):
    samples = []
    for _ in range(2):
        times = sorted(draw(st.lists(positive, max_size=4)))
        samples.append((times, [draw(st.integers(0, n_in - 1)) for _ in times]))
    return Stimulus.of_samples(samples, draw(positive))


@st.composite
def losses(draw, size):
    coefficients = st.one_of(st.none(), st.lists(scalars, min_size=size, max_size=size))
    targets = st.lists(st.lists(st.just(0.25), min_size=2, max_size=2), min_size=size, max_size=size)
    return draw(
        st.one_of(
            st.none(),
            st.builds(SpikeTimeSum, st.just("a"), coefficients),
            st.builds(SpikeTimeTarget, st.just("a"), targets, st.sampled_from(["duration", "absent"])),
            st.builds(
                FirstSpikeCrossEntropy,
                st.just("a"),
                st.lists(st.integers(0, size - 1), min_size=2, max_size=2),
                positive_floats,
                positive_decimals,
                positive_floats,
                st.one_of(st.sampled_from(["duration", "absent", "error"]), positive_floats, positive_decimals),
            ),
        )
    )


def _list(draw, number, length):
    return [draw(number) for _ in range(length)]


def _weights(draw, number, shape):
    return _list(draw, number, *shape) if len(shape) == 1 else [_list(draw, number, shape[1]) for _ in range(shape[0])]


def _same(a, b):
    """Equal to the last bit and digit, types included."""
    if isinstance(a, np.ndarray) and a.dtype != object:
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and [*map(str, a.flat)] == [*map(str, b.flat)]
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same(a[key], b[key]) for key in a)
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(_same(getattr(a, f), getattr(b, f)) for f in a.__dataclass_fields__)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and repr(a) == repr(b)


@thorough
@given(problem=problems())
def test_what_is_saved_is_loaded_bit_for_bit_and_digit_for_digit(tmp_path_factory, problem):
    path = tmp_path_factory.mktemp("round_trip") / "problem.json"
    save_problem(problem, path)
    assert _same(problem, load_problem(path))
    assert _same(problem, load_any(path))


@thorough
@given(problem=problems())
def test_what_is_saved_fits_the_schema_under_a_plain_validator(problem):
    Draft202012Validator(load_schema("problem")).validate(problem_to_dict(problem))


@thorough
@given(values=st.lists(floats, min_size=1, max_size=6))
def test_binary64_weights_survive_whatever_their_exponent(values):
    problem = _one_neuron(np.array(values)[:, None])
    again = problem_from_dict(json.loads(json.dumps(problem_to_dict(problem))))
    assert problem.parameters.weights["in->n"].tobytes() == again.parameters.weights["in->n"].tobytes()


@pytest.mark.parametrize("number", [-0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e23, 2.0**60])
def test_difficult_binary64_numbers_survive_the_file(tmp_path, number):
    save_problem(_one_neuron([[number]]), tmp_path / "p.json")
    again = load_problem(tmp_path / "p.json").parameters.weights["in->n"]
    assert again.tobytes() == np.float64(number).tobytes()


@pytest.mark.parametrize("number", ["0.1000000000000000055", "-0", "1E+400", "1E-400", "1.50", "-.5", "+2.", "007"])
def test_decimal_strings_keep_all_their_digits(tmp_path, number):
    tree = problem_to_dict(_one_neuron([[1.0]]))
    tree["parameters"]["weights"]["in->n"] = [[number]]
    problem = problem_from_dict(tree)
    assert str(problem.parameters.weights["in->n"][0, 0]) == str(Decimal(number))
    save_problem(problem, tmp_path / "p.json")
    assert _same(problem, load_problem(tmp_path / "p.json"))


def test_minus_zero_without_a_point_keeps_its_sign(tmp_path):
    text = json.dumps(problem_to_dict(_one_neuron([[7.0]]))).replace("7.0", "-0")
    (tmp_path / "p.json").write_text(text)
    assert np.signbit(load_problem(tmp_path / "p.json").parameters.weights["in->n"][0, 0])


def test_a_float_beside_decimals_becomes_its_exact_decimal():
    tree = problem_to_dict(_one_neuron([[1.0], [1.0]]))
    tree["parameters"]["weights"]["in->n"] = [[0.1], ["0.1"]]
    weights = problem_from_dict(tree).parameters.weights["in->n"]
    assert weights.tolist() == [[Decimal.from_float(0.1)], [Decimal("0.1")]]


def test_decimals_round_to_the_nearest_binary64_for_the_fast_engines():
    tree = problem_to_dict(_one_neuron([[1.0]]))
    tree["parameters"]["weights"]["in->n"] = [["0.1000000000000000055"]]
    assert problem_from_dict(tree).rounded().parameters.weights["in->n"].tolist() == [[0.1]]


def test_byte_order_mark_and_whole_floats_for_counts_are_read(tmp_path):
    text = json.dumps(good_problem()).replace('"size": 2}', '"size": 2.0}')
    (tmp_path / "p.json").write_text(text, encoding="utf-8-sig")
    assert load_problem(tmp_path / "p.json").network.n_channels == 2


def test_yin_yang_problem_survives_the_file(tmp_path):
    problem = yin_yang_problem(*yin_yang(100, 1), seed=2)
    save_problem(problem, tmp_path / "p.json", description="a hundred points")
    assert _same(problem, load_problem(tmp_path / "p.json"))
    assert json.loads((tmp_path / "p.json").read_text())["description"] == "a hundred points"


def test_a_file_is_replaced_at_once_and_kept_when_writing_fails(tmp_path, monkeypatch):
    path = tmp_path / "p.json"
    save_problem(_one_neuron([[1.0]]), path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InvalidInput, match="No space left on device"):
        save_problem(_one_neuron([[2.0]]), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["p.json"]


def test_a_loss_that_is_a_function_has_no_file_form(tmp_path):
    problem = _one_neuron([[1.0]], SpikeTimeFunction("n", lambda trains: (0.0, trains)))
    with pytest.raises(InvalidInput, match="loss: got 'SpikeTimeFunction'; allowed: a loss with a file form"):
        save_problem(problem, tmp_path / "p.json")
    assert not list(tmp_path.iterdir())


def test_a_decimal_that_no_reader_would_take_is_not_written():
    with pytest.raises(InvalidInput, match="exponent from -400 to 400"):
        problem_to_dict(_one_neuron([[Decimal("1e401")]]))


def test_every_field_of_the_schemas_is_described():
    def undescribed(node, path):
        for name, child in node.get("properties", {}).items() if isinstance(node, dict) else ():
            if "description" not in child and "const" not in child:
                yield f"{path}.{name}"
        for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            if key != "if":
                yield from undescribed(child, f"{path}.{key}")

    for name in ("problem", "case", "solution"):
        schema = load_schema(name)
        Draft202012Validator.check_schema(schema)
        assert list(undescribed(schema, name)) == []


def _one_neuron(weights, loss=None):
    network = Network((Input("in", len(weights)),), (Population("n", 1),), (Projection("in", "n"),))
    parameters = Parameters({"in->n": weights}, {"n": NeuronParameters(20.0, 5.0)})
    return Problem(network, parameters, Stimulus.of_channels([[1.0]], 10.0), loss)


def test_a_parameter_with_its_default_is_left_out_except_for_threshold_and_reset():
    network = Network([Input("in", 1)], [Population("a", 2), Population("b", 1, "li")], [])
    neurons = {"a": NeuronParameters(2.0, 1.0, v_init=[0.0, 0.0], i_init=0.5), "b": NeuronParameters(2.0, 1.0)}
    problem = Problem(network, Parameters({}, neurons), Stimulus.of_samples([([], [])], 1.0))
    assert problem_to_dict(problem)["parameters"]["neurons"] == {
        "a": {"tau_mem": 2.0, "tau_syn": 1.0, "v_th": 1.0, "v_reset": 0.0, "v_init": [0.0, 0.0], "i_init": 0.5},
        "b": {"tau_mem": 2.0, "tau_syn": 1.0},
    }
