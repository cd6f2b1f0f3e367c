"""The measurements of the lesson on functions and numbers for which the answer is known."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from lesson_tasks import small_task

from spikeproof import EventEngine
from spikeproof.errors import InvalidInput
from spikeproof.lesson import EProp, ExactGradient, SurrogateGradient
from spikeproof_reports.lesson.measures import training
from spikeproof_reports.lesson.measures.bursts import GAP, JITTER, _pulses, counter
from spikeproof_reports.lesson.measures.comparison import ALL, compared
from spikeproof_reports.lesson.measures.loops import Loop, around
from spikeproof_reports.lesson.measures.memory import make
from spikeproof_reports.lesson.measures.meter import Meter
from spikeproof_reports.lesson.measures.noise import moments
from spikeproof_reports.lesson.measures.sizes import recurrent_problem
from spikeproof_reports.lesson.measures.training import chosen
from spikeproof_reports.lesson.measures.variants import KINDS, variants_of
from spikeproof_reports.lesson.systems import N_CANDIDATES, SYSTEMS, system_of
from spikeproof_reports.lesson.tasks import single_spike_classifier, task_of
from spikeproof_verification.checks.tolerances import EPS


def rows_of(estimate, exact):
    return {row["projection"]: row for row in compared(estimate, exact)}


def test_a_gradient_compared_with_itself_agrees_in_everything():
    g = {"a": np.array([[3.0, -4.0]]), "b": np.array([[0.0, 2.0]])}
    for row in rows_of(g, g).values():
        assert row["cosine"] == pytest.approx(1.0, rel=4 * EPS, abs=0.0)
        assert (row["error"], row["wrong_signs"], row["zeros"]) == (0.0, 0.0, 0.0)


def test_cosine_error_and_wrong_signs_are_those_of_the_definition():
    exact = {"a": np.array([3.0, 4.0, 0.0]), "b": np.array([1.0])}
    estimate = {"a": np.array([4.0, -3.0, 7.0]), "b": np.array([0.0])}
    found = rows_of(estimate, exact)
    assert found["a"]["cosine"] == 0.0  # 3 * 4 - 4 * 3
    assert found["a"]["error"] == pytest.approx(math.sqrt(1 + 49 + 49) / 5, rel=4 * EPS, abs=0.0)
    assert found["a"]["wrong_signs"] == 0.5  # of the two weights with a derivative
    assert math.isnan(found["b"]["cosine"])
    assert found["b"]["zeros"] == 1.0
    assert found[ALL]["zeros"] == pytest.approx(1 / 3, rel=4 * EPS, abs=0.0)


def test_variance_bias_and_signal_of_three_estimates_by_hand():
    found = moments(np.array([[1.0, 0.0], [3.0, 4.0], [2.0, -1.0]]), np.array([1.0, 1.0]))
    assert found["signal"] == pytest.approx((3 + 2 + 2) / 3 / 2, rel=4 * EPS, abs=0.0)  # products of pairs, over 1 + 1
    assert found["variance"] == pytest.approx(((1 + 25 + 5) / 3 - 7 / 3) / 2, rel=4 * EPS, abs=0.0)
    assert found["bias"] == pytest.approx((-3 + 2 - 4) / 3 / 2, rel=4 * EPS, abs=0.0)


def test_variance_and_bias_of_many_draws_are_those_they_were_drawn_with():
    random, exact = np.random.default_rng(0), np.full(50, 0.2)
    found = moments(exact + 0.1 + 0.5 * random.standard_normal((400, 50)), exact)
    assert abs(found["variance"] - 0.25 / 0.04) < 4 * found["variance_error"]
    assert abs(found["bias"] - 0.01 / 0.04) < 4 * found["bias_error"]
    assert found["variance_error"] < 0.1


class Field:
    """An estimator whose gradient is a given function of the weights, and whose loss is another one."""

    name = "field"

    def __init__(self, gradient, value, signature):
        self.gradient, self.value, self.signature = gradient, value, signature

    def estimate(self, problem):
        diagnostics = SimpleNamespace(signature=self.signature(problem))
        solution = SimpleNamespace(diagnostics=diagnostics)
        return SimpleNamespace(gradients={"w": self.gradient(problem)}, value=self.value(problem), solution=solution)


def nothing(weights):
    return 0.0


def circle(gradient, value=nothing, signature=nothing):
    classifier = SimpleNamespace(problem=lambda weights, _: weights)
    loop = Loop(np.array([1.0, 2.0, 3.0]), np.eye(3)[:2], 0.5, 16)
    return around(loop, Field(gradient, value, signature), classifier, None)


def test_the_integral_of_a_gradient_along_a_circle_is_0_and_of_a_rotation_twice_the_area():
    quadratic = circle(lambda w: 2.0 * w, lambda w: w @ w)
    assert abs(quadratic["integral"]) < 16 * EPS * quadratic["length"]
    rotation = circle(lambda w: np.array([-w[1], w[0], 0.0]))
    assert rotation["integral"] == pytest.approx(2.0 * math.pi * 0.5**2, rel=16 * EPS, abs=0.0)


def test_what_spikes_leave_unexplained_is_kept_apart():
    found = circle(lambda w: 0.0 * w, lambda w: float(w[0] > 1.0), lambda w: str(w[0] > 1.0))
    assert (found["changes"], found["integral"], found["rest"]) == (2, 0.0, 0.0)
    assert found["jumps"] == 0.0  # up and down again
    hidden = circle(lambda w: 0.0 * w, lambda w: float(w[0] > 1.0))
    assert hidden["changes"] == 0


def test_pulses_tell_their_number_by_nothing_but_their_number():
    samples = _pulses(300, 0, 0)
    stimulus = samples.stimulus
    first = []
    for number, label in enumerate(samples.labels):
        times, channels = stimulus.sample(number)
        own = times[channels == 0]
        assert len(own) == label + 1
        assert len(own) == 1 or np.diff(own)[0] >= GAP - JITTER
        first.append(own[0])
    spread = np.std(first) / math.sqrt(150)
    assert (
        abs(np.mean(np.array(first)[samples.labels == 0]) - np.mean(np.array(first)[samples.labels == 1])) < 5 * spread
    )


def test_hidden_neurons_of_the_counter_fire_once_or_freely():
    assert np.all(np.isinf(counter(0, fires_once=True).parameters.neurons["hidden"].t_ref))
    assert np.all(np.isfinite(counter(0, fires_once=False).parameters.neurons["hidden"].t_ref))


def test_the_best_setting_is_chosen_and_one_that_failed_is_not():
    rows = [{"accuracy": a, "setting": f'{{"rate": {n}}}'} for n, a in enumerate((0.5, math.nan, 0.9, 0.9))]
    assert chosen({"search": rows}) == {"rate": 2}
    with pytest.raises(InvalidInput, match="at least one setting that trains"):
        chosen({"search": rows[1:2]})


def test_every_system_has_equally_many_candidates_and_a_rate_in_each():
    for system in SYSTEMS.values():
        assert len(system.settings) == N_CANDIDATES
        assert all("rate" in setting for setting in system.settings)
        assert len({str(setting) for setting in system.settings}) == N_CANDIDATES


@pytest.mark.compiled
@pytest.mark.parametrize("key", SYSTEMS)
def test_every_system_serves_its_classifier_of_the_task(key):
    task, system = small_task(), SYSTEMS[key]
    classifier = system.classifier(task, 0)
    problem = classifier.problem(classifier.start(), task.sets.train)
    for setting in system.settings[:2]:
        estimator = system.estimator(setting, 3)
        assert estimator.unsupported(problem) is None
        found = estimator.estimate(problem)
        assert {name: g.shape for name, g in found.gradients.items()} == {
            name: w.shape for name, w in classifier.parameters.weights.items()
        }


@pytest.mark.compiled
def test_single_spikes_are_those_of_a_network_that_fires_once():
    classifier = single_spike_classifier(small_task(), 0)
    problem = classifier.problem(classifier.start(), small_task().sets.train)
    closed, event = SYSTEMS["single-spike"].estimator({}, 0).answer(problem), ExactGradient().answer(problem)
    np.testing.assert_array_equal(np.sort(closed.spikes.neurons), np.sort(event.spikes.neurons))


@pytest.mark.compiled
def test_variants_of_each_kind_are_different_and_all_serve_the_task():
    problem = small_task().problem(0)
    for kind in KINDS:
        variants = variants_of((kind,), 0)
        assert len({str(v.head) for v in variants}) == len(variants)
        assert all(v.estimator.unsupported(problem) is None for v in variants)


@pytest.mark.compiled
def test_a_meter_counts_passes_of_training_and_leaves_evaluations_out():
    meter, problem = Meter(EProp(1.0)), small_task().problem(0)
    meter.solve(problem, gradients=None)
    assert meter.forward_passes == 0
    assert meter.evaluating > 0.0
    meter.solve(problem)
    assert (meter.forward_passes, meter.steps) == (2, 1)
    assert SurrogateGradient(1.0).answer(problem).loss == meter.solve(problem, gradients=None).loss


@pytest.mark.compiled
def test_the_recurrent_networks_of_all_sizes_spike():
    for neurons in (10, 100):
        spikes = ExactGradient().answer(recurrent_problem(neurons)).spikes
        assert 0.5 * neurons < len(spikes) / spikes.n_samples < 10 * neurons


@pytest.mark.compiled
def test_every_layer_of_the_deep_networks_spikes():
    problem = task_of("depth 3").problem(0, samples=20)
    spikes = ExactGradient().answer(problem).spikes
    for population in problem.network.populations[:-1]:
        own = problem.network.neurons(population.name)
        assert 1.0 < np.sum(np.isin(spikes.neurons, own)) / spikes.n_samples < 1000.0


@pytest.mark.compiled
def test_memory_is_measured_on_the_task_after_a_single_sample():
    estimator, small, problem = make("yin-yang", "surrogate")
    assert estimator.name == "surrogate"
    assert (small.stimulus.n_samples, problem.stimulus.n_samples) == (1, 200)


@pytest.mark.parametrize("name", ["yin", "mnist", "depth x"])
def test_an_unknown_task_is_refused_by_name(name):
    with pytest.raises(InvalidInput, match="yin-yang"):
        task_of(name)


@pytest.mark.compiled
def test_weights_that_run_away_with_exact_spikes_have_no_accuracy_there_and_the_training_is_no_failure(monkeypatch):
    monkeypatch.setattr(training, "task_of", lambda _: small_task())
    monkeypatch.setattr(training, "event_engine", lambda: EventEngine(event_limit=1))
    setting = system_of("surrogate").settings[0]
    (row,) = training.trained("yin-yang", "surrogate", 0, setting, 1, 0.0)["trained"]
    assert row["note"] == ""
    assert row["accuracy_own"] == row["accuracy_hard"] > 0.0
    assert np.isnan(row["accuracy_exact"])
    assert np.isnan(row["spikes_exact"])
