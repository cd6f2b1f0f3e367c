"""Solution files: valid against their schema, exact in binary64 and in mpmath numbers."""

import json
import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from problem_tree import good_problem

from spikeproof import Gradients, InvalidInput, Solution, Spikes
from spikeproof_verification.files import load_schema, problem_from_dict, save_solution, solution_to_dict

VALIDATOR = Draft202012Validator(load_schema("solution"))


def solution(times=(3.0, 4.5, 0.1), number=float, loss=True, n_samples=2, vdot=0.5):
    """A made-up solution: neurons 0 and 3 spike in sample 0, neuron 3 in the last one."""
    tree = good_problem()
    del tree["loss"]
    tree["stimulus"]["samples"] = tree["stimulus"]["samples"][:n_samples]
    problem = problem_from_dict(tree)
    offsets = [0, 3] if n_samples == 1 else [0, 2, 3]
    values = np.array([number(t) for t in times])
    spikes = Spikes(values, np.array([0, 3, 3]), np.array(offsets), np.array([number(vdot)] * 3))
    state = np.zeros((n_samples, 6))
    weights = {name: w.astype(object) * number(1) for name, w in problem.rounded().parameters.weights.items()}
    weights["in->hidden"] = np.array([[number(1), number(2), number(3)]] * 2)
    gradients = Gradients(weights, np.array([number(k) / 3 for k in range(len(problem.stimulus.times))]))
    extra = {"loss": number(1) / 3, "sample_losses": np.array([number(1)] * n_samples), "gradients": gradients}
    return Solution("made up", problem, spikes, state, state, **(extra if loss else {}))


@pytest.mark.parametrize("number", [float, mpmath.mpf])
@pytest.mark.parametrize("loss", [False, True])
@pytest.mark.parametrize("n_samples", [1, 2])
def test_solution_tree_fits_its_schema(number, loss, n_samples):
    times = (3.0, 4.5, 5.0)
    tree = solution_to_dict(solution(times, number, loss, n_samples), provenance={"version": "1"})
    VALIDATOR.validate(json.loads(json.dumps(tree)))
    assert ("loss" in tree) == ("gradients" in tree) == loss
    assert ("samples" in tree) == (n_samples == 2)
    assert tree["provenance"] == {"version": "1"}


def test_spike_times_are_listed_by_neuron():
    one = solution_to_dict(solution((3.0, 4.5, 5.0), n_samples=1))
    assert one["spike_times"] == [[3.0], [], [], [4.5, 5.0], [], []]
    two = solution_to_dict(solution())
    assert [s["spike_times"] for s in two["samples"]] == [[[3.0], [], [], [4.5], [], []], [[], [], [], [0.1], [], []]]
    assert [s["loss"] for s in two["samples"]] == [1.0, 1.0]
    assert [len(part) for part in two["gradients"]["input_times"]] == [3, 2]
    assert two["gradients"]["weights"]["in->hidden"] == [[1.0, 2.0, 3.0]] * 2
    assert two["diagnostics"]["min_vdot_at"] == [0, 0, 3.0]
    assert two["engine"] == "made up"
    assert two["problem"] == "small"


@pytest.mark.parametrize("number", [float, mpmath.mpf])
def test_gradients_of_synapses_are_written_as_lists(number):
    one = solution(number=number)
    part = np.array([number(0.5), number(-2.0)])
    gradients = replace(
        one.gradients, weights={"loop": part, "all": part[None]}, delays={"loop": part, "all": part[None]}
    )
    tree = solution_to_dict(replace(one, gradients=gradients))
    VALIDATOR.validate(json.loads(json.dumps(tree)))
    written = [0.5, -2.0] if number is float else ["0.5", "-2.0"]
    for kind in ("weights", "delays"):
        assert tree["gradients"][kind] == {"loop": written, "all": [written]}


@settings(deadline=None, derandomize=True, max_examples=60)
@given(times=st.lists(st.floats(0, 1e300), min_size=3, max_size=3))
def test_binary64_times_survive_the_file(tmp_path_factory, times):
    path = tmp_path_factory.mktemp("solutions") / "s.json"
    save_solution(solution((*sorted(times[:2]), times[2])), path)
    tree = json.loads(path.read_text())
    found = [t for s in tree["samples"] for train in s["spike_times"] for t in train]
    assert np.array(found).tobytes() == np.array([*sorted(times[:2]), times[2]]).tobytes()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(numerator=st.integers(1, 10**9), precision=st.integers(60, 700))
def test_mpmath_times_are_written_with_all_their_digits(numerator, precision):
    with mpmath.workprec(precision):
        t = mpmath.mpf(numerator) / 7
        tree = solution_to_dict(solution((t, t, t), mpmath.mpf))
        assert mpmath.mpf(tree["samples"][0]["spike_times"][0][0]) == t


def test_digits_of_mpmath_numbers_can_be_chosen():
    with mpmath.workdps(60):
        tree = solution_to_dict(solution((mpmath.mpf(1) / 3,) * 3, mpmath.mpf), digits=20)
    assert tree["samples"][0]["spike_times"][0] == ["0.33333333333333333333"]
    assert tree["loss"] == "0.33333333333333333333"


@pytest.mark.parametrize("number", [float, mpmath.mpf])
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_not_finite_is_refused(tmp_path, number, wrong):
    bad = solution((3.0, 4.5, 5.0), number)
    bad.gradients.input_times[1] = number(wrong)
    with pytest.raises(InvalidInput, match="finite number"):
        save_solution(bad, tmp_path / "s.json")
    assert not list(tmp_path.iterdir())


def test_a_grazing_spike_writes_its_jump_as_inf():
    tree = solution_to_dict(solution(vdot=0.0))
    assert tree["diagnostics"]["max_jump"] == "inf"
    VALIDATOR.validate(tree)
