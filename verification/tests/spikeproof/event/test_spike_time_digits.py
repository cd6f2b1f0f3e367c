"""Spike times where V - bias is large compared with the threshold: exact, or refused."""

import numpy as np
import pytest

from spikeproof import (
    EventEngine,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measure import measure_times
from spikeproof_verification.checks.tolerances import EPS


def driven(weight, at, duration, recurrent=False, **neuron):
    """One neuron and one input spike; a second neuron that acts on the first takes it to the recurrent kernels."""
    populations, projections = [Population("a", 1)], [Projection("in", "a")]
    weights = {"in->a": np.array([[weight]])}
    parameters = {"a": NeuronParameters(tau_mem=20.0, tau_syn=5.0, **neuron)}
    if recurrent:
        populations.append(Population("b", 1))
        projections += [Projection("a", "b"), Projection("b", "a")]
        weights |= {"a->b": np.array([[0.1]]), "b->a": np.array([[0.1]])}
        parameters["b"] = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    network = Network([Input("in", 1)], populations, projections)
    stimulus = Stimulus.of_samples([([at], [0])], duration=duration)
    return Problem(network, Parameters(weights, parameters), stimulus, SpikeTimeSum("a"))


def late(problem):
    """The spike times that are not within the bound of the campaign."""
    expected, subject = MpEngine(dps=40).solve(problem), Subject("test", "driven", "", "event", "mp")
    found = EventEngine().solve(problem)
    assert np.array_equal(found.spikes.neurons, expected.spikes.neurons)
    assert len(expected.spikes) > 0
    measured = measure_times(subject, found, expected, rounding_sensitivity(problem))
    return [m for m in measured if m.verdict != "pass"]


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("v_reset", [-1e2, -1e4, -1e6, -1e8])
def test_spikes_after_a_reset_far_below_the_threshold_keep_their_digits(v_reset, recurrent):
    """V comes up to v_th again after 20 log(-v_reset / 0.5), by a bias or by a current as strong."""
    assert late(driven(20.0, 1.0, 500.0, recurrent, bias=1.5, v_reset=v_reset)) == []
    assert late(driven(-100.0 * v_reset, 1.0, 60.0, recurrent, v_reset=v_reset)) == []


@pytest.mark.parametrize("bias", [10.0, 100.0, 300.0])
def test_a_strong_bias_leaves_spike_times_their_digits(bias):
    problem = driven(0.3 * bias, 150.0 / bias, 400.0 / bias, bias=bias)
    assert late(problem) == []


@pytest.mark.parametrize("bias", [301.0, -1e6, [2.0, 1e8]])
def test_a_bias_too_strong_for_binary64_is_refused_by_name(bias):
    network = Network([Input("in", 1)], [Population("a", 2)], [Projection("in", "a")])
    parameters = Parameters({"in->a": np.ones((1, 2))}, {"a": NeuronParameters(tau_mem=20.0, tau_syn=5.0, bias=bias)})
    problem = Problem(network, parameters, Stimulus.of_samples([([1.0], [0])], duration=2.0))
    message = r"parameters.neurons\['a'\].bias\[[01]\]: got .*; allowed: at most 300 times the larger of \|v_th\| and"
    with pytest.raises(InvalidInput, match=message):
        EventEngine().solve(problem)
    assert "at most 300 times" in EventEngine().unsupported(problem)


def test_a_strong_bias_of_leaky_integrators_is_no_matter():
    network = Network([Input("in", 1)], [Population("a", 1, "li")], [Projection("in", "a")])
    parameters = Parameters({"in->a": np.ones((1, 1))}, {"a": NeuronParameters(tau_mem=20.0, tau_syn=5.0, bias=1e9)})
    problem = Problem(network, parameters, Stimulus.of_samples([([1.0], [0])], duration=200.0))
    ours, theirs = (engine.solve(problem).v_end[0, 0] for engine in (EventEngine(), MpEngine(dps=30)))
    assert abs(ours - float(theirs)) <= 4.0 * EPS * 1e9
