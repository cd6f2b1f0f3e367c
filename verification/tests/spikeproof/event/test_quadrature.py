"""Losses by quadrature: exact for any V, in long silences, or refused."""

from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    Input,
    InstantaneousCrossEntropy,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
    TargetTrace,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.tolerances import AMPLIFIED, RUN, SHORT_RUN


def readouts(scale, duration=60.0, seed=0, n=3):
    """Two hidden neurons and `n` readouts whose weights have this standard deviation; two samples."""
    rng = np.random.default_rng(seed)
    populations = [Population("hid", 2), Population("out", n, "li")]
    projections = [Projection("in", "hid"), Projection("hid", "out", delay=0.5), Projection("in", "out")]
    shapes = {"hid->out": (2, n), "in->out": (2, n)}
    weights = {"in->hid": rng.uniform(4.0, 8.0, (2, 2)), **{k: rng.normal(0.0, scale, s) for k, s in shapes.items()}}
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    stimulus = Stimulus.of_samples([([1.0, 4.0, 9.0], [0, 1, 0]), ([2.0, 2.5], [1, 0])], duration=duration)
    network = Network([Input("in", 2)], populations, projections)
    return Problem(network, Parameters(weights, {"hid": neuron, "out": neuron}), stimulus, name="readouts")


def failures(problem):
    expected, subject = MpEngine(dps=40).solve(problem), Subject("test", "readouts", "readout", "event", "mp")
    found = measure(subject, EventEngine().solve(problem), expected, rounding_sensitivity(problem))
    return [m for m in found if m.verdict != "pass"]


@pytest.mark.deep
@pytest.mark.parametrize("scale", [1.0, 10.0, 40.0, 500.0])
def test_the_cross_entropy_at_every_instant_is_exact_for_potentials_of_any_size(scale):
    assert failures(replace(readouts(scale), loss=InstantaneousCrossEntropy("out", [0, 1]))) == []


def test_the_cross_entropy_at_every_instant_is_exact_where_v_is_30():
    readout, neuron = Population("out", 2, "li"), NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    network = Network([Input("in", 2)], [readout], [Projection("in", "out")])
    parameters = Parameters({"in->out": np.array([[65.0, 20.0], [-20.0, 60.0]])}, {"out": neuron})
    stimulus = Stimulus.of_samples([([1.0, 9.0], [0, 1])], duration=40.0)
    assert failures(Problem(network, parameters, stimulus, InstantaneousCrossEntropy("out", [0]))) == []


def test_the_cross_entropy_of_a_population_that_spikes_and_of_one_class_is_exact():
    assert failures(replace(readouts(40.0), loss=InstantaneousCrossEntropy("hid", [0, 1]))) == []
    assert failures(replace(readouts(40.0, n=1), loss=InstantaneousCrossEntropy("out", [0, 0]))) == []


def smooth_power(v, t, sample):
    return (v**4 * (1 + t[:, None] ** 2)).sum(axis=1), 4 * v**3 * (1 + t[:, None] ** 2)


@pytest.mark.parametrize("order", [2, 5, 12, 40])
def test_any_order_comes_to_the_same_numbers(order):
    losses = [VoltagePathIntegral("out", smooth_power, order=k) for k in (order, 20)]
    one, other = (EventEngine().solve(replace(readouts(1.0), loss=loss)) for loss in losses)
    assert abs(one.loss - other.loss) <= RUN * abs(other.loss)
    a, b = one.gradients.input_times, other.gradients.input_times
    assert np.max(np.abs(a - b)) <= AMPLIFIED * np.max(np.abs(b))


LONG = {
    "cross-entropy": InstantaneousCrossEntropy("out", [0, 1]),
    "constant target": TargetTrace("out", [0.5, -0.5, 0.0]),
    "weight of the user": VoltageIntegral("out", weight=lambda t: 1 / (1 + t)),
}


@pytest.mark.parametrize("loss", LONG.values(), ids=LONG)
def test_a_long_silence_changes_what_it_must_and_costs_no_memory(loss):
    """At 1e7 shortest time constants, gradients of weights have reached their limits long before."""
    near, far = (EventEngine().solve(replace(readouts(2.0, duration), loss=loss)) for duration in (5e3, 5e7))
    for name, gradient in near.gradients.weights.items():
        later = far.gradients.weights[name]
        assert np.max(np.abs(later - gradient)) <= RUN * np.max(np.abs(gradient))


def step(v, t, sample):
    return np.abs(v + 0.1).sum(axis=1), np.sign(v + 0.1)


def test_a_function_that_is_not_smooth_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"loss.integrand: got 'not smooth near t = "):
        EventEngine().solve(replace(readouts(1.0), loss=VoltagePathIntegral("out", step)))


def test_an_order_that_cannot_converge_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"loss.order: got 1; allowed: an order that takes at most"):
        EventEngine().solve(replace(readouts(10.0), loss=InstantaneousCrossEntropy("out", [0, 1], order=1)))


@pytest.mark.parametrize("order", [3, 12])
def test_late_nodes_count_for_where_rounding_has_put_them(order):
    """At t = 1e9 times are 1e-7 apart; the square of exp(-t/10) - exp(-t/5), integrated from there on, is 5/6."""
    network = Network([Input("in", 1)], [Population("out", 1, "li")], [Projection("in", "out")])
    parameters = Parameters({"in->out": np.array([[1.0]])}, {"out": NeuronParameters(tau_mem=10.0, tau_syn=5.0)})
    stimulus = Stimulus.of_samples([([1e9], [0])], duration=1e9 + 4096.0)
    square = VoltagePathIntegral("out", lambda v, *_: ((v**2).sum(axis=1), 2 * v), order=order)
    solution = EventEngine().solve(Problem(network, parameters, stimulus, square))
    assert abs(solution.loss - 5.0 / 6.0) <= (1e-15 if order == 12 else SHORT_RUN)
    assert abs(solution.gradients.weights["in->out"][0, 0] - 5.0 / 3.0) <= (3e-15 if order == 12 else 3 * SHORT_RUN)


def test_a_sum_over_100_000_nodes_keeps_its_digits():
    network = Network([Input("in", 1)], [Population("out", 1, "li")], [Projection("in", "out")])
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0, bias=1.0, v_init=1.0)
    parameters, duration = Parameters({"in->out": np.array([[1.0]])}, {"out": neuron}), 2.0**18
    loss = VoltageIntegral("out", weight=lambda t: 1 + 0 * t)
    problem = Problem(network, parameters, Stimulus.of_samples([([], [])], duration=duration), loss)
    of_bias = EventEngine().solve(problem).gradients.neurons["out"].bias[0]
    assert abs(of_bias - (duration - 20.0)) <= 16.0 * 2.0**-52 * duration  # the integral of 1 - exp(-t / tau_mem)


@pytest.mark.parametrize(("moment", "d"), [(17.0, 0.02), (18.0, 0.02), (19.25, 0.02), (17.25, 0.3), (19.0, 0.3)])
def test_a_pole_beside_the_end_of_a_piece_costs_no_digits(moment, d):
    """Halves of a piece lie no farther from a pole at its end: their error is far more than the square of the whole."""
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_init=1.0)
    network = Network([Input("in", 1)], [Population("a", 1, "li")], [Projection("in", "a")])
    loss = VoltageIntegral("a", weight=lambda t: 1 / (1 + ((t - moment) / d) ** 2), t_width=d)
    parameters = Parameters({"in->a": np.array([[1.0]])}, {"a": neuron})
    found = EventEngine().solve(Problem(network, parameters, Stimulus.of_samples([([], [])], 40.0), loss))
    with mp.workdps(30):
        parts = [0, 5, 10, 15, *(moment + k for k in (-1, -4 * d, -d, 0, d, 4 * d, 1)), 25, 30, 40]
        expected = mp.quad(lambda t: mp.exp(-t / 20) / (1 + ((t - moment) / d) ** 2), parts)
    assert abs(found.loss - expected) <= 6.0 * 2.0**-52 * expected
