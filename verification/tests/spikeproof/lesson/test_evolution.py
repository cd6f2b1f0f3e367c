"""Evolution strategies: the law of their error on a quadratic, and what they do on a network."""

import sys

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.lesson import EstimatorEngine, EvolutionStrategy, cma_es, evolution, evolve, loss_of_weights
from spikeproof.training.adam import Adam
from spikeproof_verification.checks.tolerances import EPS, RUN

SIZE = 10
CURVATURE = np.diag(np.linspace(0.5, 3.0, SIZE))
SLOPE = np.linspace(-1.0, 1.0, SIZE)
CENTER = np.full(SIZE, 0.3)
GRADIENT = CURVATURE @ CENTER + SLOPE
PAIRS = (8, 32, 128, 512)


def quadratic(x):
    return float(x @ CURVATURE @ x / 2 + SLOPE @ x + 5.0)


def mean_square_errors(n_seeds=100):
    """Mean of |g - grad|^2 / |grad|^2 over seeds, for each number of pairs."""
    errors = []
    for n in PAIRS:
        strategy = EvolutionStrategy(sigma=0.5, pairs=n)
        found = [strategy.gradient(quadratic, CENTER, np.random.default_rng([seed, n])) for seed in range(n_seeds)]
        errors.append(np.mean([np.sum((g - GRADIENT) ** 2) for g in found]) / np.sum(GRADIENT**2))
    return np.array(errors)


def order(errors):
    """The exponent of the root mean square error in the number of pairs."""
    return np.polyfit(np.log(PAIRS), 0.5 * np.log(errors), 1)[0]


def law_holds():
    """Whether the error falls as 1/sqrt(pairs), with the constant that theory gives: (d + 1) / n."""
    errors = mean_square_errors()
    return abs(order(errors) + 0.5) < 0.05 and np.all(abs(errors * PAIRS / (SIZE + 1) - 1.0) < 0.25)


def test_the_error_on_a_quadratic_falls_as_the_root_of_the_number_of_pairs():
    assert law_holds()


def without_one_half(value, center, steps):
    plus = np.array([value(center + step) for step in steps])
    return np.array([plus, np.zeros(len(steps))])


def beside_the_center(value, center, steps):
    plus = np.array([value(center + step) for step in steps])
    return 2.0 * np.array([plus, np.full(len(steps), value(center))])


def too_far(value, center, steps):
    return right_values(value, center, 2.0 * steps)


right_values = evolution.paired_values


@pytest.mark.parametrize("wrong", [without_one_half, beside_the_center, too_far])
def test_a_missing_half_and_a_wrong_scale_are_rejected(wrong, monkeypatch):
    monkeypatch.setattr(evolution, "paired_values", wrong)
    assert not law_holds()


def test_on_a_linear_function_each_pair_gives_its_projection_of_the_slope():
    noise = np.random.default_rng(3).standard_normal((4, SIZE))
    found = EvolutionStrategy(0.25, 4).gradient(lambda x: float(SLOPE @ x), CENTER, np.random.default_rng(3))
    assert found == pytest.approx(np.mean([(SLOPE @ e) * e for e in noise], axis=0), rel=RUN, abs=0.0)


def test_ranks_run_from_minus_to_plus_one_half_and_equal_values_share_theirs():
    ranks = evolution.centered_ranks(np.array([[3.0, 1.0], [2.0, 7.0]]))
    assert 6 * ranks.ravel() == pytest.approx([1, -3, -1, 3], rel=4 * EPS, abs=0.0)
    assert evolution.centered_ranks(np.array([1.0, 1.0, 2.0, 0.0])).tolist() == [0.0, 0.0, 0.5, -0.5]


def test_ranked_fitness_does_not_see_a_monotone_change_of_the_values():
    strategy = EvolutionStrategy(0.5, 256, fitness="ranked")
    found = [strategy.gradient(f, CENTER, np.random.default_rng(1)) for f in (quadratic, lambda x: quadratic(x) ** 3)]
    assert np.array_equal(*found)
    assert found[0] @ GRADIENT > 0.8 * np.linalg.norm(found[0]) * np.linalg.norm(GRADIENT)


def two_layers(seed=2):
    network = sp.chain(2, 3, 2)
    weights = sp.normal_weights(network, (6.0, 2.0), seed)
    neurons = dict.fromkeys(("hidden", "output"), sp.NeuronParameters(20.0, 5.0))
    stimulus = sp.Stimulus.of_samples([([1.0, 4.0], [0, 1]), ([2.0, 2.5], [1, 0])], duration=60.0)
    loss = sp.FirstSpikeCrossEntropy("output", [0, 1], tau0=5.0, tau1=6.4)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, loss)


@pytest.mark.compiled
def test_on_a_network_the_estimate_nears_the_exact_gradient():
    problem = two_layers()
    exact = np.concatenate([w.ravel() for w in sp.EventEngine().solve(problem, "weights").gradients.weights.values()])
    estimate = EvolutionStrategy(sigma=1e-3, pairs=2000, seed=1).estimate(problem)
    found = np.concatenate([w.ravel() for w in estimate.gradients.values()])
    assert np.sum((found - exact) ** 2) / np.sum(exact**2) < 2 * (len(exact) + 1) / 2000
    assert estimate.value == sp.EventEngine().solve(problem, None).loss
    assert estimate.cost.forward_passes == 4001


def test_equal_problems_give_equal_bits_and_other_weights_or_seeds_other_directions():
    problem, strategy = two_layers(), EvolutionStrategy(0.1, 2)
    first, again, other = (s.estimate(problem).gradients for s in (strategy, strategy, EvolutionStrategy(0.1, 2, 1)))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["input->hidden"], other["input->hidden"])
    moved = strategy.estimate(two_layers(3)).gradients
    ratio = moved["input->hidden"] / first["input->hidden"]
    assert np.max(ratio) > np.min(ratio) + 0.1  # not along the same direction


def test_an_engine_of_estimates_solves_problems_for_a_trainer():
    solution = EstimatorEngine(EvolutionStrategy(0.1, 2)).solve(two_layers(), "weights")
    assert set(solution.gradients.weights) == {"input->hidden", "hidden->output"}


@pytest.mark.parametrize("fitness", ["raw", "ranked"])
def test_evolution_finds_the_minimum_of_a_quadratic(fitness):
    strategy = EvolutionStrategy(sigma=0.05, pairs=20, fitness=fitness)
    found = evolve(quadratic, CENTER, strategy, generations=150, adam=Adam(0.05))
    least = quadratic(-np.linalg.solve(CURVATURE, SLOPE))
    assert found.value - least < 0.05 * (quadratic(CENTER) - least)
    assert found.history[0] == quadratic(CENTER)
    assert found.evaluations == 150 * 41 + 1


@pytest.mark.compiled
def test_cma_es_finds_the_minimum_of_a_quadratic_and_lowers_the_loss_of_a_network():
    pytest.importorskip("cmaes")
    found = cma_es(quadratic, CENTER, sigma=0.5, generations=150, seed=1)
    assert np.max(abs(found.weights + np.linalg.solve(CURVATURE, SLOPE))) < 0.01
    value, start = loss_of_weights(two_layers(), sp.EventEngine()), two_layers().parameters.flat()
    trained = cma_es(value, start, sigma=1.0, generations=20, seed=1, population=8)
    assert trained.value == value(trained.weights) < 0.8 * value(start)
    assert np.all(np.diff(trained.history) <= 0.0)
    assert trained.evaluations == 160
    assert trained.weights.tolist() == cma_es(value, start, 1.0, 20, 1, population=8).weights.tolist()


def test_without_the_package_cma_es_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(
        sp.InvalidInput, match=r"cmaes: got 'not installed'; allowed: pip install 'spikeproof\[lesson\]'"
    ):
        cma_es(quadratic, CENTER, sigma=0.5, generations=1, seed=0)


@pytest.mark.parametrize(
    "wrong", [{"sigma": 0.0}, {"pairs": 0}, {"seed": -1}, {"fitness": "best"}, {"engine": None}, {"name": 1}]
)
def test_arguments_outside_their_range_are_refused(wrong):
    with pytest.raises(sp.InvalidInput, match=next(iter(wrong))):
        EvolutionStrategy(**wrong)


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(sp.InvalidInput, match=r"value: got .*nan.*; allowed: a finite real number"):
        EvolutionStrategy().gradient(np.prod, np.full(SIZE, np.nan), np.random.default_rng(0))
