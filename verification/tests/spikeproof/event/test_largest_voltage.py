"""The largest V where the end of an interval says nothing of it: after long silence, at arrivals, and at T."""

import math

import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    GridEngine,
    MaxVoltageCrossEntropy,
    NeuronParameters,
    Stimulus,
)
from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_verification.checks.tolerances import EPS, GRADIENT, LOSS


def readout(weights, times, channels, duration, tau_mem=20.0, tau_syn=5.0, **neuron):
    """Leaky integrators, with the first one as the label of a single sample."""
    out = NeuronParameters(tau_mem=tau_mem, tau_syn=tau_syn, **neuron)
    stimulus = Stimulus.of_samples([(times, channels)], duration=duration)
    return one_layer(weights, stimulus, out, MaxVoltageCrossEntropy("out", [0]), kind="li", name="out")


def peak(tau_mem=20.0, tau_syn=5.0):
    """Largest V that a unit of current leads to."""
    t = math.log(tau_mem / tau_syn) * tau_mem * tau_syn / (tau_mem - tau_syn)
    return tau_syn / (tau_mem - tau_syn) * (math.exp(-t / tau_mem) - math.exp(-t / tau_syn))


def cross_entropy(a, b):
    """Loss of two maxima, the first one being the label's, and its derivative with respect to the second."""
    return math.log1p(math.exp(b - a)), 1.0 / (1.0 + math.exp(a - b))


@pytest.mark.parametrize("duration", [100.0, 13_400.0, 14_000.0, 15_000.0, 1e9, 5e12])
def test_a_silence_of_any_length_keeps_the_maximum_before_it(duration):
    solution = EventEngine().solve(readout([[8.0, 4.0]], [0.0], [0], duration))
    loss, c = cross_entropy(8.0 * peak(), 4.0 * peak())
    assert abs(solution.loss - loss) <= LOSS.multiple * EPS * loss
    gradient = solution.gradients.weights["in->out"]
    assert np.allclose(gradient, [[-c * peak(), c * peak()]], rtol=GRADIENT.multiple * EPS, atol=0.0)


def test_silence_between_arrivals_keeps_the_maximum_before_it():
    solution = EventEngine().solve(readout([[8.0, 4.0], [0.5, 0.5]], [0.0, 20_000.0], [0, 1], 50_000.0))
    loss, c = cross_entropy(8.0 * peak(), 4.0 * peak())
    assert abs(solution.loss - loss) <= LOSS.multiple * EPS * loss
    gradient = solution.gradients.weights["in->out"]
    expected = [[-c * peak(), c * peak()], [0.0, 0.0]]
    assert np.allclose(gradient, expected, rtol=GRADIENT.multiple * EPS, atol=0.0)


@pytest.mark.parametrize(("v_init", "bias"), [(-1.0, 0.0), ([-1.0, -2.0], 0.0), ([-1.0, 0.5], [0.25, 3.0])])
def test_potentials_that_come_up_to_their_bias_are_largest_at_the_end(v_init, bias):
    problem = readout([[-5.0, -3.0]], [2.0], [0], 1e6, v_init=v_init, bias=bias)
    top = np.broadcast_to(bias, 2)
    loss, c = cross_entropy(top[0], top[1])
    solution = EventEngine().solve(problem)
    assert abs(solution.loss - loss) <= LOSS.multiple * EPS * loss
    of_bias = solution.gradients.neurons["out"].bias
    assert np.allclose(of_bias, [-c, c], rtol=GRADIENT.multiple * EPS, atol=0.0)
    assert np.all(np.abs(solution.gradients.weights["in->out"]) < 1e-300)


AT_BORDERS = {
    "at the end": readout([[1.0, 0.5]], [0.0], [0], 10.0, 10.0, 10.0),
    "at an arrival": readout([[1.0, 0.5], [-0.5, 0.2]], [0.0, 10.0], [0, 1], 30.0, 10.0, 10.0),
    "at an arrival that reaches one alone": readout([[1.0, 0.5], [0.0, -0.2]], [0.0, 10.0], [0, 1], 30.0, 10.0, 10.0),
    "at two arrivals at once": readout([[1.0, 0.5], [-0.5, 0.2]], [0.0, 10.0, 10.0], [0, 1, 1], 30.0, 10.0, 10.0),
}


@pytest.mark.parametrize("problem", AT_BORDERS.values(), ids=AT_BORDERS)
def test_a_maximum_exactly_at_a_border_is_found(problem):
    solution, expected = EventEngine().solve(problem), MpEngine(dps=40).solve(problem)
    assert abs(solution.loss - float(expected.loss)) <= LOSS.multiple * EPS * float(expected.loss)
    ours, theirs = solution.gradients.weights["in->out"], expected.gradients.weights["in->out"].astype(float)
    assert np.allclose(ours, theirs, rtol=0.0, atol=GRADIENT.multiple * EPS * np.max(np.abs(theirs)))
    ours, theirs = solution.gradients.input_times, expected.gradients.input_times.astype(float)
    assert np.allclose(ours, theirs, rtol=0.0, atol=GRADIENT.multiple * EPS)


def test_the_numbers_of_the_borders_are_those_of_the_closed_form():
    """V = w t/tau exp(-t/tau) is largest at t = tau: w/e."""
    solution = EventEngine().solve(AT_BORDERS["at the end"])
    loss, c = cross_entropy(1.0 / math.e, 0.5 / math.e)
    assert abs(solution.loss - loss) <= LOSS.multiple * EPS * loss
    gradient = solution.gradients.weights["in->out"]
    assert np.allclose(gradient, [[-c / math.e, c / math.e]], rtol=GRADIENT.multiple * EPS, atol=0.0)


@pytest.mark.parametrize("name", ["at the end", "at an arrival"])
def test_the_other_engines_find_a_maximum_at_a_border(name):
    """On a grid that holds the border the other maximum is off by a parabola over half a step: V'' <= 0.4/100."""
    problem, dt = AT_BORDERS[name], 0.125
    expected = float(MpEngine(dps=40).solve(problem).loss)
    assert abs(float(OdeEngine(method="taylor", dps=30).solve(problem).loss) - expected) < 1e-25
    parabola = 0.004 * (dt / 2.0) ** 2 / 2.0
    assert abs(GridEngine(dt=dt).solve(problem).loss - expected) < parabola + 1e-15
