"""check_gradient says in words what is wrong with a gradient, by how much, and which differences could have seen it."""

from dataclasses import replace

import numpy as np
import pytest
import wrong_engines as w

from spikeproof import (
    EventEngine,
    InvalidInput,
    NeuronParameters,
    Parameters,
    Problem,
    SpikeTimeFunction,
    SpikeTimeSum,
    Stimulus,
    chain,
)
from spikeproof_verification.conformance import check_gradient
from spikeproof_verification.conformance.smoke import smoke_problems
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.experiments.studies.ties import pair_problem

ONE, TWO = smoke_problems()
SOLVED = {"one": EventEngine().solve(ONE), "two": EventEngine().solve(TWO)}


def weights(factor=1.0):
    return {name: factor * g for name, g in SOLVED["two"].gradients.weights.items()}


def test_a_right_gradient_is_right_whatever_holds_it():
    g = SOLVED["one"].gradients.weights["in->a"]
    for given in (SOLVED["one"], g, g.tolist(), {"in->a": g}, {"gradient": g}, lambda _: {"weights": g}):
        found = check_gradient(given, ONE)
        assert found
        assert found.multiple < 1.0
        assert "gradient of weights: right, 4 numbers" in str(found)


def test_arrays_of_single_precision_are_held_to_single_precision():
    g = weights()
    rough = {name: x.astype(np.float32) for name, x in g.items()}
    assert check_gradient(rough, TWO)
    assert not check_gradient(rough, TWO, level="exact64")


class Tensor:
    """What a tensor on a graph and on a device looks like."""

    def __init__(self, values):
        self.values, self.dtype, self.shape = values, "torch.float64", values.shape

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.values


def test_a_tensor_is_taken_off_its_graph_and_its_device():
    assert check_gradient({name: Tensor(g) for name, g in weights().items()}, TWO)


WORDS = {
    "the sign is wrong": weights(-1.0),
    "all lack the factor tau_syn": weights(1.0 / 4.0),
    "all are too large by the factor batch size": weights(3.0),
    "all have the factor v_th": None,
    "all are wrong by a factor of 1.7": weights(1.7),
    "all of them are 0": weights(0.0),
    "the gradient is transposed": {name: g.T for name, g in weights().items()},
    "the reset term is missing": faulty_engine("no reset term").solve(TWO),
    "the v_th term of the jump": faulty_engine("threshold and reset mixed up").solve(TWO),
    "W is not transposed on the way back": faulty_engine("transposed weights").solve(TWO),
    "the gradient is taken after the reset": faulty_engine("Vdot taken after the reset").solve(TWO),
    "only the first spike of each neuron": faulty_engine("second spike of a neuron dropped").solve(TWO),
    "4 spikes, 5 are right; the missing one is at 13.66": w.Wrong(w.without_last_spike).solve(TWO),
    "6 spikes, 5 are right; the surplus one is at": w.Wrong(w.with_spike_twice).solve(TWO),
}


@pytest.mark.parametrize("words", [words for words, given in WORDS.items() if given is not None])
def test_a_wrong_gradient_is_named(words):
    found = check_gradient(WORDS[words], TWO)
    assert not found
    assert found.multiple > 1.0
    assert words in str(found)


def test_what_is_wrong_with_one_projection_is_said_of_it():
    first, *others = weights()
    right = weights()
    flipped = str(check_gradient({**right, first: -right[first]}, TWO))
    assert f"gradient of weights, {first}: the sign is wrong" in flipped
    assert not any(f"gradient of weights, {name}: the sign" in flipped for name in others)
    assert f"gradient of weights, {first}: all are 0" not in flipped
    zero = str(check_gradient({**right, first: 0.0 * right[first]}, TWO))
    assert f"gradient of weights, {first}: all of them are 0" in zero


def test_gradients_of_neurons_are_taken_as_solutions_have_them_and_as_arrays():
    found = SOLVED["two"].gradients.neurons
    by_name = {p: {"tau_mem": g.tau_mem} for p, g in found.items() if g.tau_mem is not None}
    for given in (found, by_name):
        checked = check_gradient({"neurons": given}, TWO)
        assert checked
        assert "gradient of tau mem: right" in str(checked)


def test_a_factor_of_ones_own_is_named_too():
    assert "all are too large by the factor dt" in str(check_gradient(weights(0.1), TWO, known={"dt": 0.1}))


def test_a_gradient_in_the_shape_of_the_transposed_matrix_is_named():
    network = chain(3, 2)
    given = Parameters({"input->output": [[6.0, 1.0], [2.0, 7.0], [3.0, 1.0]]}, {"output": NeuronParameters(8.0, 4.0)})
    stimulus = Stimulus.of_samples([([1.0, 2.0, 3.0], [0, 1, 2])], 32.0)
    problem = Problem(network, given, stimulus, SpikeTimeSum("output"))
    found = check_gradient(EventEngine().solve(problem).gradients.weights["input->output"].T, problem)
    assert not found
    assert "has the shape of W^T" in str(found)
    assert "gradient of weights: right" in str(found)


def test_it_says_which_differences_see_a_large_and_a_small_fault():
    assert "sees it with steps up to 0.4, and down to 4e-12" in str(check_gradient(weights(3.0), TWO))
    small = weights()
    small["a->b"] = small["a->b"] + np.array([[1e-9, 0.0], [0.0, 0.0]])
    assert "sees it with steps up to 0.0003, and down to 3e-05" in str(check_gradient(small, TWO))
    small["a->b"] = weights()["a->b"] + np.array([[1e-12, 0.0], [0.0, 0.0]])
    found = check_gradient(small, TWO)
    assert not found
    assert "no central difference in binary64 could have seen it" in str(found)


def test_at_a_kink_it_says_on_which_side_a_gradient_lies():
    problem = pair_problem(2.0)
    g = EventEngine().solve(problem).gradients.weights
    found = check_gradient(g, problem)
    assert found
    assert "its slope is 0 on the left, -1.36656315 on the right; yours, 0, is that on the left" in str(found)
    between = {name: x - 0.5 for name, x in g.items()}
    assert "is between them" in str(check_gradient(between, problem))
    neither = check_gradient({name: x + 5.0 for name, x in g.items()}, problem)
    assert not neither
    assert "is neither, nor between them" in str(neither)


def test_losses_of_ones_own_are_checked_too():
    def square(trains):
        return sum((t * t).sum() for t in trains), [2 * t for t in trains]

    own = replace(ONE, loss=SpikeTimeFunction("a", square))
    assert check_gradient(EventEngine().solve(own), own)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"weigths": 1}, "weigths"),
        ({"weights": {"in->a": np.zeros((2, 2))}}, "an entry for each of"),
        ({"weights": {"in->a": np.zeros((3, 2)), "a->b": np.zeros((2, 2))}}, "in the shape of the weights"),
        ({"weights": {"in->a": np.full((2, 2), np.nan), "a->b": np.zeros((2, 2))}}, "a finite number"),
        ({"loss": float("inf")}, "a finite number"),
        ({"spike_times": [[[1.0]] * 4]}, "samples"),
        (np.zeros((2, 2)), "an array for each of"),
        ({"input_times": np.zeros(3)}, "shape"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(given, words):
    with pytest.raises(InvalidInput) as error:
        check_gradient(given, TWO)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "given: got {}; allowed: at least one of spike_times, loss"),
        ({"loss": 1j}, "loss: got 1j; allowed: a real number"),
        ({"loss": "134.9"}, "loss: got '134.9'; allowed: a real number"),
        ({"loss": True}, "loss: got True; allowed: a real number"),
        ({"neurons": np.ones(3)}, "neurons: got 'ndarray'; allowed: by population, a mapping"),
        ({"neurons": {"a": np.ones(3)}}, "neurons.a: got 'ndarray'; allowed: by population, a mapping"),
    ],
)
def test_numbers_of_another_kind_are_refused_by_name(given, message):
    with pytest.raises(InvalidInput) as error:
        check_gradient(given, TWO)
    assert str(error.value).startswith(message)


def test_a_problem_needs_a_loss_and_a_level_that_there_is():
    with pytest.raises(InvalidInput, match="a loss"):
        check_gradient({}, replace(TWO, loss=None))
    with pytest.raises(InvalidInput, match="exact64"):
        check_gradient(weights(), TWO, level="double")
