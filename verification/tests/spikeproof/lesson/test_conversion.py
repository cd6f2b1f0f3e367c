"""Conversion: rates of constant inputs in exact arithmetic, and what becomes of a network trained on digits."""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.lesson import Conversion, Converted, ReluNetwork
from spikeproof_verification.checks.tolerances import RUN


def identity(size):
    """A hidden layer that hands its inputs on, and a readout that does so too."""
    eye, zero = np.eye(size), np.zeros(size)
    return ReluNetwork([eye, eye], [zero, zero])


@pytest.mark.parametrize("v_init", [0.0, 0.5])
@pytest.mark.parametrize("steps", [1, 3, 7, 64, 1000])
def test_the_rate_of_a_constant_input_is_off_by_at_most_one_spike(steps, v_init):
    currents = np.arange(0, 1025) / 1024.0  # sums of them are exact in binary64
    found = Converted(identity(len(currents)), v_init=v_init).run(currents[None], steps)
    rates = [Fraction(count, steps) for count in np.round(found.hidden[0][0] * steps).astype(int).tolist()]
    for c, rate in zip(currents.tolist(), rates, strict=True):
        assert rate == Fraction(math.floor(Fraction(v_init) + Fraction(c) * steps), steps)
        assert abs(rate - Fraction(c)) <= Fraction(1, steps) * (1 - Fraction(v_init))
    assert found.spikes.tolist() == [sum(int(rate * steps) for rate in rates)]


def test_inputs_outside_the_range_of_a_rate_saturate():
    found = Converted(identity(3)).run(np.array([[-0.5, 1.5, 0.25]]), 8)
    assert found.hidden[0].tolist() == [[0.0, 1.0, 0.25]]


def test_a_reset_to_zero_would_lose_what_is_above_the_threshold():
    """For c = 5/8 subtraction gives 5 spikes in 8 steps; a reset to 0 gives one in every 2."""
    assert Converted(identity(1)).run(np.array([[0.625]]), 8).hidden[0].tolist() == [[0.625]]


def digits():
    """Images of scikit-learn with values from 0 to 1, their classes, and a ReLU network trained on the first 1200."""
    datasets = pytest.importorskip("sklearn.datasets")
    neural = pytest.importorskip("sklearn.neural_network")
    images, labels = datasets.load_digits(return_X_y=True)
    images = images / 16.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        mlp = neural.MLPClassifier((40, 30), activation="relu", max_iter=30, random_state=0).fit(
            images[:1200], labels[:1200]
        )
    return images, labels, mlp


@pytest.fixture(scope="module")
def trained():
    images, labels, mlp = digits()
    return images, labels, mlp, ReluNetwork(mlp.coefs_, mlp.intercepts_)


def test_a_relu_network_is_that_of_scikit_learn(trained):
    images, _, mlp, network = trained
    scores = network.activations(images)[-1]
    likelihood = np.exp(scores - scores.max(axis=1, keepdims=True))
    likelihood /= likelihood.sum(axis=1, keepdims=True)
    assert np.max(abs(likelihood - mlp.predict_proba(images))) < RUN
    assert np.array_equal(network.classes(images), mlp.predict(images))


def disagreements(converted, network, images, steps):
    """Share of samples whose class is another than that of the trained network."""
    return [np.mean(converted.run(images, n).classes != network.classes(images)) for n in steps]


def converges(shares):
    """Whether almost all classes agree in the end, and more than at first."""
    return shares[-1] < 0.01 and shares[-1] < 0.5 * shares[0]


@pytest.mark.parametrize("conversion", [Conversion(100.0), Conversion(99.9), Conversion(100.0, v_init=0.5)])
def test_classes_and_accuracy_converge_to_those_of_the_trained_network(trained, conversion):
    images, labels, _, network = trained
    test, right = images[1200:1500], labels[1200:1500]
    converted = conversion.of(network, images[:1200])
    assert converges(disagreements(converted, network, test, (4, 16, 200)))
    accuracy = np.mean(network.classes(test) == right)
    assert abs(np.mean(converted.run(test, 200).classes == right) - accuracy) < 0.01


def test_a_conversion_without_balancing_is_rejected(trained):
    images, _, _, network = trained
    assert not converges(disagreements(Converted(network), network, images[1200:1500], (4, 16, 200)))


def test_a_scale_that_is_forgotten_in_the_next_layer_is_rejected(trained):
    images, _, _, network = trained
    right = Conversion(100.0).of(network, images[:1200])
    wrong = Converted(network, (right.scales[0], 3.0 * right.scales[1] * right.scales[0]))
    shares = disagreements(wrong, network, images[1200:1500], (4, 16, 200))
    assert shares[-1] > disagreements(right, network, images[1200:1500], (200,))[0]


def test_activations_converge_with_the_first_order_where_nothing_saturates(trained):
    images, _, _, network = trained
    converted = Conversion(100.0).of(network, images[:60])
    errors = []
    for steps in (50, 200, 800):
        rates = converted.run(images[:60], steps)
        expected = network.activations(images[:60])[:-1]
        errors.append(np.mean(abs(converted.activations(rates)[1] - expected[1])))
    order = np.polyfit(np.log([50, 200, 800]), np.log(errors), 1)[0]
    assert -1.2 < order < -0.8


def test_the_percentile_sets_the_share_that_saturates(trained):
    images, _, _, network = trained
    converted = Conversion(90.0).of(network, images)
    hidden = network.activations(images)[:-1]
    for activations, scale in zip(hidden, converted.scales, strict=True):
        positive = activations[activations > 0.0]
        assert 0.09 < np.mean(positive > scale) < 0.11


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: ReluNetwork([np.eye(2)], [np.zeros(2)]), "biases"),
        (lambda: ReluNetwork([np.eye(2), np.ones((3, 2))], [np.zeros(2), np.zeros(2)]), r"weights\[1\]"),
        (lambda: ReluNetwork([np.eye(2), np.full((2, 2), np.nan)], [np.zeros(2), np.zeros(2)]), r"weights\[1\]"),
        (lambda: Conversion(0.0), "percentile"),
        (lambda: Conversion(100.5), "percentile"),
        (lambda: Conversion(v_init=1.0), "v_init"),
        (lambda: Converted(identity(2), (1.0, 1.0)), "scales"),
        (lambda: Converted(identity(2), (0.0,)), "scales"),
        (lambda: Converted(identity(2)).run(np.ones((1, 3)), 2), "inputs"),
        (lambda: Converted(identity(2)).run(np.ones((1, 2)), 0), "steps"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call, field):
    with pytest.raises(sp.InvalidInput, match=field):
        call()
