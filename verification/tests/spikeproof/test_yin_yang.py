"""The Yin-Yang generator against the published files, and what holds for every seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import SHARED

from spikeproof import InvalidInput
from spikeproof.yin_yang import PUBLISHED_SETS, _class_of, yin_yang, yin_yang_problem, yin_yang_stimulus

PUBLISHED = SHARED / "data" / "yin_yang"


@pytest.mark.parametrize("name", PUBLISHED_SETS)
def test_generator_gives_the_published_sets_bit_for_bit(name):
    if not PUBLISHED.is_dir():
        pytest.skip("the published Yin-Yang files are not beside this checkout")
    samples, labels = yin_yang(*PUBLISHED_SETS[name])
    assert samples.tobytes() == np.load(PUBLISHED / f"{name}_samples.npy").tobytes()
    assert np.array_equal(labels, np.load(PUBLISHED / f"{name}_labels.npy"))


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_points_lie_inside_the_circle_with_mirrored_coordinates_and_dots_where_they_belong(seed):
    samples, labels = yin_yang(40, seed)
    x, y = samples[:, 0], samples[:, 1]
    assert np.all((x - 0.5) ** 2 + (y - 0.5) ** 2 <= 0.25 + 1e-15)
    assert np.array_equal(samples[:, 2:], 1.0 - samples[:, :2])
    near = np.minimum(np.hypot(x - 0.75, y - 0.5), np.hypot(x - 0.25, y - 0.5))
    assert np.all(near[labels == 2] < 0.1 + 1e-15)
    assert np.all(near[labels == 0] > 0.1 - 1e-15)


@settings(deadline=None, derandomize=True, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_turning_the_sign_by_half_a_turn_swaps_yin_and_yang(seed):
    samples, labels = yin_yang(40, seed)
    turned = [_class_of(1.0 - x, 1.0 - y, 0.1, 0.5) for x, y in samples[:, :2].tolist()]
    assert turned == [(1, 0, 2)[label] for label in labels]


def test_classes_are_balanced_to_five_standard_deviations():
    _, labels = yin_yang(3000, 7)
    assert np.all(np.abs(np.bincount(labels) - 1000) < 5 * np.sqrt(3000 * 2 / 9))


def test_same_seed_gives_the_same_points_and_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the global generator is what is checked
    first, second = yin_yang(20, 3), yin_yang(20, 3)
    assert first[0].tobytes() == second[0].tobytes()
    assert not np.array_equal(first[0], yin_yang(20, 4)[0])
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_shorter_set_is_the_head_of_a_longer_one():
    assert np.array_equal(yin_yang(10, 42)[0], yin_yang(50, 42)[0][:10])


def test_stimulus_has_one_spike_per_value_and_a_bias_spike():
    samples = np.array([[0.5, 0.25, 0.5, 0.75], [0.0, 1.0, 1.0, 0.0]])
    stimulus = yin_yang_stimulus(samples, t_max=32.0, bias=1.0)
    assert stimulus.n_samples == 2
    assert stimulus.duration == 60.0
    times, channels = stimulus.sample(0)
    assert times.tolist() == [1.0, 8.0, 16.0, 16.0, 24.0]
    assert channels.tolist() == [4, 1, 0, 2, 3]
    assert stimulus.sample(1)[1].tolist() == [0, 3, 4, 1, 2]


def test_problem_has_the_published_network():
    samples, labels = yin_yang(6, 1)
    problem = yin_yang_problem(samples, labels, seed=5)
    assert problem.parameters.weights["input->hidden"].shape == (5, 200)
    assert problem.parameters.weights["hidden->output"].shape == (200, 3)
    assert abs(problem.parameters.weights["input->hidden"].mean() - 1.5) < 5 * 0.78 / np.sqrt(1000)
    assert abs(problem.parameters.weights["hidden->output"].std() - 0.1) < 0.02
    assert problem.parameters.neurons["hidden"].tau_mem == 20.0
    assert np.array_equal(problem.loss.labels, labels)
    again = yin_yang_problem(samples, labels, seed=5)
    assert np.array_equal(problem.parameters.weights["input->hidden"], again.parameters.weights["input->hidden"])


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: yin_yang(0, 1), "size"),
        (lambda: yin_yang(2.0, 1), "size"),
        (lambda: yin_yang(1, -1), "seed"),
        (lambda: yin_yang(1, 2**32), "seed"),
        (lambda: yin_yang(1, 1, r_small=0.3), "r_small"),
        (lambda: yin_yang(1, 1, r_small=1e-9), "r_small"),
        (lambda: yin_yang(1, 1, r_big=float("nan")), "r_big"),
        (lambda: yin_yang_stimulus([[0.5, 0.5]]), "samples"),
        (lambda: yin_yang_stimulus([[0.5, 0.5, 0.5, 1.5]]), "samples"),
        (lambda: yin_yang_stimulus([[0.5] * 4], t_max=-1.0), "t_max"),
        (lambda: yin_yang_stimulus([[0.5] * 4], bias=-1.0), "bias"),
        (lambda: yin_yang_stimulus([[1.0] * 4], duration=20.0), "duration"),
        (lambda: yin_yang_problem([[0.5] * 4], [3], seed=0), "loss.labels"),
        (lambda: yin_yang_problem([[0.5] * 4], [0], seed=0, n_hidden=0), "n_hidden"),
    ],
)
def test_wrong_settings_are_refused_by_name(call, field):
    with pytest.raises(InvalidInput, match=field):
        call()
