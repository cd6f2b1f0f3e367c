"""The score function against the exact expectation, and its gradient, over all spike patterns of tiny networks."""

import itertools
import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.lesson import Discrete, ScoreFunction
from spikeproof_reference.lesson.discrete import coefficients, path
from spikeproof_reference.lesson.dual import Dual
from spikeproof_reference.lesson.grid_losses import Functions, dual_functions, loss_on_grid
from spikeproof_verification.checks.tolerances import EPS

DT, STEPS, BETA, COPIES, ESTIMATES = 1.0, 5, 3.0, 500, 50
FUNCTIONS = dual_functions(Functions(math.exp, math.log, float))
UNLIKELY = 5.0  # standard errors: one of a million estimates is further off
pytestmark = pytest.mark.compiled
LOSSES = {
    "integral": sp.VoltageIntegral("output", [1.0, -0.4]),
    "max": sp.LossSum([(1.0, sp.MaxVoltageCrossEntropy("output", np.zeros(COPIES, int)))]),
}


def tiny(loss="integral", copies=COPIES):
    """Two neurons that act on each other, and two readouts; one sample, several times."""
    network = sp.chain(1, sp.Layer(2, recurrent=True), sp.Layer(2, kind="li"))
    weights = sp.normal_weights(network, (1.5, 1.0), seed=3)
    neurons = {
        "hidden": sp.NeuronParameters([3.0, 5.0], 3.0, bias=[0.3, 0.1]),
        "output": sp.NeuronParameters(4.0, 2.0, bias=1.5),
    }
    stimulus = sp.Stimulus.of_samples([([0.0, 0.0, 1.0], [0, 0, 0])] * copies, STEPS * DT)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, LOSSES[loss])


@cache
def enumerated(loss="integral"):
    """The expected loss and its gradient by all weights, by dual numbers over all spike patterns."""
    problem = tiny(loss)
    weights, flat = problem.parameters.weights, problem.parameters.flat()
    numbers = iter([Dual(float(w), row) for w, row in zip(flat, np.eye(len(flat)), strict=True)])
    duals = {name: [[next(numbers) for _ in row] for row in w] for name, w in weights.items()}
    found = coefficients(problem, DT, "exponential").converted(float)
    expected, total = Dual(0.0, np.zeros(len(flat))), 0.0
    for pattern in itertools.product((0, 1), repeat=2 * STEPS):
        bits, probability = iter(pattern), [Dual(1.0, np.zeros(len(flat)))]

        def step(x, bits=bits, probability=probability):
            s = next(bits)
            probability[0] = probability[0] / (1.0 + FUNCTIONS.exp((BETA if s == 0 else -BETA) * x))
            return s

        v = path(problem, DT, found, duals, step=step).v
        expected = expected + probability[0] * loss_on_grid(problem, v, DT, 0, FUNCTIONS)
        total += probability[0].x
    assert total == pytest.approx(1.0, abs=64 * EPS)
    return expected.x, expected.dx


def estimates(problem, samples=2, baseline=True):
    """Values and gradients of independent estimates."""
    runs = [ScoreFunction(DT, BETA, samples, seed, baseline).estimate(problem) for seed in range(ESTIMATES)]
    gradients = [np.concatenate([g.ravel() for g in run.gradients.values()]) for run in runs]
    return np.array([run.value for run in runs]), np.array(gradients)


def standard_errors(found, expected):
    """How many standard errors the mean is away from the expectation, at the most."""
    error = found.std(axis=0, ddof=1) / math.sqrt(len(found)) + EPS
    return np.max(np.abs(found.mean(axis=0) - expected) / error)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("baseline", [True, False])
def test_it_is_unbiased(loss, baseline):
    problem = tiny(loss)
    value, gradient = enumerated(loss)
    values, gradients = estimates(problem, baseline=baseline)
    assert standard_errors(values, value) < UNLIKELY
    assert standard_errors(gradients, gradient) < UNLIKELY
    assert np.mean(gradients.std(axis=0)) < 0.2 * np.max(np.abs(gradient))  # enough draws to see a bias


def own_draw_in_the_baseline(self, network):
    losses = np.array([network.read(trace).values for trace in self._traces(network)])
    return np.broadcast_to(losses.mean(axis=0), losses.shape)


def loss_at_fixed_spikes_left_out(self, network, trace, reading, factors):
    return DERIVATIVES(self, network, trace, replace(reading, d_v=0.0 * reading.d_v), factors)


def twice_the_scores(self, network, trace, reading, factors):
    return DERIVATIVES(self, network, trace, reading, 2.0 * factors)


DERIVATIVES = ScoreFunction._derivatives
FAULTS = {
    own_draw_in_the_baseline: "_baselines",
    loss_at_fixed_spikes_left_out: "_derivatives",
    twice_the_scores: "_derivatives",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_biased_estimate_is_rejected(fault, monkeypatch):
    problem = tiny()
    monkeypatch.setattr(ScoreFunction, FAULTS[fault], fault)
    assert standard_errors(estimates(problem)[1], enumerated()[1]) > 2 * UNLIKELY


def test_the_baseline_lowers_the_variance():
    problem = tiny()
    of_input = problem.parameters.weights["input->hidden"].size
    with_baseline, without = (
        estimates(problem, samples=8, baseline=b)[1][:, :of_input].var(axis=0).sum() for b in (True, False)
    )
    assert with_baseline < 0.5 * without


def test_spikes_have_their_probabilities():
    problem = tiny(copies=20000)
    network = Discrete(replace(problem, loss=None), DT)
    trace = network.run_drawn(BETA, np.random.default_rng(0).random(network.tables.shape))
    first = 1.0 / (1.0 + math.exp(-BETA * (0.0 - 1.0)))  # in the first step, where V = 0
    counts = np.bincount(np.concatenate([n[: b[1]] for n, b in zip(trace.neurons, trace.bounds, strict=True)]))
    assert np.all(np.abs(counts / 20000 - first) < UNLIKELY * math.sqrt(first * (1 - first) / 20000))


def test_the_same_problem_has_the_same_bits_and_other_weights_have_other_draws():
    problem = tiny()
    one, same = (ScoreFunction(DT, BETA, 2, seed=1).estimate(problem) for _ in range(2))
    assert all(np.array_equal(one.gradients[name], g) for name, g in same.gradients.items())
    weights = {name: np.nextafter(w, 2.0) for name, w in problem.parameters.weights.items()}
    moved = ScoreFunction(DT, BETA, 2, seed=1).answer(
        replace(problem, parameters=sp.Parameters(weights, problem.parameters.neurons))
    )
    assert moved.loss != one.value
    assert len(moved.spikes) != len(one.solution.spikes)


def test_costs_and_counts_are_those_of_all_draws():
    problem = tiny()
    with_baseline, without = (ScoreFunction(DT, BETA, 3, 0, b).estimate(problem) for b in (True, False))
    assert (with_baseline.cost.forward_passes, with_baseline.cost.backward_passes) == (6, 3)
    assert (without.cost.forward_passes, without.cost.backward_passes) == (3, 3)
    assert with_baseline.spikes == without.spikes
    assert with_baseline.value == without.value == ScoreFunction(DT, BETA, 3, 0).answer(problem).loss


WRONG = {
    "dt": {"dt": 0.0},
    "beta": {"beta": -2.0},
    "samples": {"samples": 1},
    "seed": {"seed": 0.5},
    "baseline": {"baseline": "mean"},
    "synapse": {"synapse": "alpha"},
}


@pytest.mark.parametrize("field", WRONG)
def test_wrong_arguments_of_the_score_function_are_refused_by_name(field):
    with pytest.raises(sp.InvalidInput, match=rf"^{field}: got"):
        ScoreFunction(**{"dt": 1.0, "beta": 1.0, "samples": 2, "seed": 0, **WRONG[field]})
