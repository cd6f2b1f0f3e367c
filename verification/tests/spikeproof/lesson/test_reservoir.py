"""Reservoirs: the readout against the normal equations and scikit-learn, the filter against plain sums."""

import math

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.lesson import RandomWeights, Reservoir, filtered, random_reservoir, ridge
from spikeproof_verification.checks.tolerances import RUN

linear_model = pytest.importorskip("sklearn.linear_model")

NEURON = sp.NeuronParameters(20.0, 5.0)
PENALTY = 0.3


def samples(seed=0, n_samples=60, n_features=12, n_outputs=3):
    random = np.random.default_rng(seed)
    features = random.normal(0.5, 1.0, (n_samples, n_features))
    features[:, 1] = features[:, 0] + 0.01 * features[:, 1]  # two that are nearly one
    return features, features @ random.normal(size=(n_features, n_outputs)) + random.normal(size=(n_samples, n_outputs))


def residual(features, targets, fit, penalty):
    """Of the normal equations of C and b, relative to the sums of the sizes of their terms."""
    misfit = features @ fit.coefficients + fit.intercept - targets
    gradient = features.T @ misfit + penalty * fit.coefficients
    sizes = abs(features).T @ (abs(features) @ abs(fit.coefficients) + abs(fit.intercept) + abs(targets))
    by_intercept = abs(misfit.sum(axis=0)) / (abs(features @ fit.coefficients) + abs(targets)).sum(axis=0)
    return max(np.max(abs(gradient) / sizes), np.max(by_intercept))


@pytest.mark.parametrize("seed", range(3))
def test_the_normal_equations_hold_to_rounding(seed):
    features, targets = samples(seed)
    assert residual(features, targets, ridge(features, targets, PENALTY), PENALTY) < RUN


@pytest.mark.parametrize("penalty", [1e-3, PENALTY, 100.0])
def test_the_readout_is_that_of_scikit_learn(penalty):
    features, targets = samples()
    fit, other = (
        ridge(features, targets, penalty),
        linear_model.Ridge(alpha=penalty, solver="svd").fit(features, targets),
    )
    assert np.max(abs(fit.coefficients - other.coef_.T)) < 100 * RUN * np.max(abs(other.coef_))
    assert fit.intercept == pytest.approx(other.intercept_, rel=100 * RUN, abs=0.0)
    assert np.allclose(fit(features), other.predict(features), rtol=100 * RUN, atol=100 * RUN)


def test_a_ridge_without_its_penalty_or_with_a_penalised_intercept_is_rejected():
    features, targets = samples()
    plain = ridge(features, targets, 1e-9)
    assert residual(features, targets, plain, PENALTY) > 1e6 * RUN
    extended = np.hstack([features, np.ones((len(features), 1))])
    c = np.linalg.solve(extended.T @ extended + PENALTY * np.eye(13), extended.T @ targets)
    wrong = type(plain)(c[:-1], c[-1])
    assert residual(features, targets, wrong, PENALTY) > 1e6 * RUN


def reservoir(permutation=None, size=40, times=(10.0, 20.0, 30.0)):
    """A reservoir of `size` neurons, renumbered if a permutation is given."""
    moments = RandomWeights(input_mean=3.0, input_deviation=3.0, recurrent_deviation=4.0)
    network, parameters = random_reservoir(4, size, NEURON, seed=5, weights=moments)
    if permutation is not None:
        w = parameters.weights
        weights = {
            "input->reservoir": w["input->reservoir"][:, permutation],
            "reservoir->reservoir": w["reservoir->reservoir"][np.ix_(permutation, permutation)],
        }
        parameters = sp.Parameters(weights, parameters.neurons)
    return Reservoir(network, parameters, "reservoir", times, tau=10.0)


def stimulus(n_samples=30):
    """Samples of class 0 whose channels spike in ascending order, of class 1 in descending order."""
    random, parts = np.random.default_rng(1), []
    for number in range(n_samples):
        order = np.arange(4) if number % 2 == 0 else np.arange(4)[::-1]
        parts.append((np.sort(random.uniform(0.0, 15.0, 4)), order))
    return sp.Stimulus.of_samples(parts, 30.0), np.arange(n_samples) % 2


@pytest.mark.compiled
def test_permuting_neurons_permutes_the_weights():
    permutation = np.random.default_rng(2).permutation(40)
    inputs, labels = stimulus()
    fit, renumbered = (reservoir(p).trained(inputs, labels, 2, PENALTY).readout for p in (None, permutation))
    expected = fit.coefficients.reshape(3, 40, 2)[:, permutation].reshape(120, 2)
    assert np.max(abs(renumbered.coefficients - expected)) < 100 * RUN * np.max(abs(expected))
    assert np.max(abs(fit.coefficients - expected)) > 0.01 * np.max(abs(expected))


def test_features_are_filtered_spikes():
    machine, (inputs, _) = reservoir(), stimulus(3)
    spikes, features = machine.spikes(inputs), machine.features(inputs).reshape(3, 3, 40)
    assert len(spikes) > 100
    for sample in range(3):
        for column, train in enumerate(spikes.sample(sample).trains(range(40))):
            for number, t in enumerate((10.0, 20.0, 30.0)):
                expected = sum(math.exp(-(t - own) / 10.0) for own in train.tolist() if own <= t)
                assert features[sample, number, column] == pytest.approx(expected, rel=RUN, abs=RUN)


def test_a_spike_counts_at_the_time_of_reading_and_not_before():
    spikes = sp.Spikes(np.array([2.0]), np.array([1]), np.array([0, 1]), np.ones(1))
    assert filtered(spikes, range(3), [2.0, 1.9], 5.0).tolist() == [[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]


@pytest.mark.compiled
def test_a_trained_reservoir_tells_apart_the_order_of_inputs():
    inputs, labels = stimulus(60)
    trained = reservoir().trained(inputs.select(np.arange(40)), labels[:40], 2, PENALTY)
    assert np.mean(trained.classes(inputs.select(np.arange(40, 60))) == labels[40:]) >= 0.9
    assert trained.n_trained == 3 * 40 * 2 + 2


def test_equal_seeds_give_equal_reservoirs():
    first, second = (random_reservoir(2, 5, NEURON, seed=3)[1].flat() for _ in range(2))
    assert first.tolist() == second.tolist() != random_reservoir(2, 5, NEURON, seed=4)[1].flat().tolist()


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: ridge(np.ones((3, 2)), np.ones((3, 1)), 0.0), "penalty"),
        (lambda: ridge(np.ones((3, 2)), np.ones((2, 1)), 1.0), "targets"),
        (lambda: ridge(np.full((3, 2), np.nan), np.ones((3, 1)), 1.0), "features"),
        (lambda: ridge(1e9 * np.arange(6.0).reshape(3, 2), np.ones((3, 1)), 1e-9), "penalty"),
        (lambda: reservoir(times=(-1.0,)), "times"),
        (lambda: reservoir(times=(31.0,)).features(stimulus()[0]), "times"),
        (lambda: reservoir().trained(stimulus()[0], stimulus()[1] + 1, 2, 1.0), "labels"),
        (lambda: Reservoir(*random_reservoir(2, 5, NEURON, 1), "input", (1.0,), 1.0), "population"),
        (lambda: random_reservoir(2, 5, NEURON, 1, RandomWeights(recurrent_deviation=-1.0)), "recurrent_deviation"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(call, field):
    with pytest.raises(sp.InvalidInput, match=field):
        call()
