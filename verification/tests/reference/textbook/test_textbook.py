"""The textbook engine is right in ordinary networks and where binary64 is hard on simple formulas."""

import math
from dataclasses import replace

import numpy as np
import pytest

from spikeproof import (
    EventLimitExceeded,
    GrazingSpike,
    Input,
    InstantaneousCrossEntropy,
    InvalidInput,
    MaxVoltageCrossEntropy,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
    TargetTrace,
    VoltageIntegral,
    VoltagePathIntegral,
)
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_reference.mp.flow import Flow
from spikeproof_reference.mp.precision import working_context
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_reference.textbook.flow import Lambda, by_time_constants, factors, mean, rewound, tilt
from spikeproof_reference.textbook.model import Neuron
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.tolerances import EPS, GRADIENT, KERNEL, LOSS, RUN
from spikeproof_verification.problems.loss_networks import loss_problem


def failures(problem):
    """What the checks of the campaign reject of the engine's solution."""
    expected, subject = MpEngine(dps=40).solve(problem), Subject("test", problem.name, "", "textbook", "mp")
    found = measure(subject, TextbookEngine().solve(problem), expected, rounding_sensitivity(problem))
    return [(m.quantity, m.component, m.error) for m in found if m.verdict == "fail"]


def single(loss=None, weights=(), at=(), duration=60.0, kind="lif", **neuron):
    """One neuron; each input spike comes through a channel of its own."""
    network = Network([Input("in", max(1, len(at)))], [Population("n", 1, kind)], [Projection("in", "n")])
    weights = np.array(weights or [0.0], dtype=float)[:, None]
    parameters = Parameters({"in->n": weights}, {"n": NeuronParameters(**({"tau_mem": 20.0, "tau_syn": 5.0} | neuron))})
    stimulus = Stimulus.of_samples([(list(at), list(range(len(at))))], duration=duration)
    return Problem(network, parameters, stimulus, loss or SpikeTimeSum("n"), "single")


@pytest.mark.parametrize("ratio", [1e-5, 1e-3, 0.5, 1.0, 2.0, 1e3, 1e5])
@pytest.mark.parametrize("x", [0.3, 2.0, 12.0])
def test_what_arrivals_read_keeps_its_digits_where_lambda_v_and_lambda_i_nearly_agree(ratio, x):
    """lambda_v - lambda_i = e_mem - j for an observation of V, a millionth of lambda_v or less where they agree."""
    neuron, ctx = Neuron(8.0, 8.0 * ratio, math.inf, 0.0, 0.0, 0.0, 0.0, 0.0), working_context(60)
    theirs = Flow(ctx, ctx.mpf(neuron.tau_mem), ctx.mpf(neuron.tau_syn)).factors(ctx.mpf(8.0 * x))
    expected = theirs.e_mem - theirs.j
    got = rewound(neuron, Lambda().jumped(1.0), 8.0 * x).d
    assert abs(got - expected) <= KERNEL.multiple * EPS * (1.0 + x) * abs(expected)


@pytest.mark.parametrize("ratio", [1e-6, 0.5, 1 - 2.0**-40, 1.0, 1 + 2.0**-40, 1 + 1e-3, 4.0, 1e6])
@pytest.mark.parametrize("x", [1e-9, 0.1, 1.0, 7.0, 60.0])
def test_the_flow_and_its_derivatives_are_those_of_high_precision(ratio, x):
    neuron, t, ctx = Neuron(8.0 * ratio, 8.0, math.inf, 0.0, 0.0, 0.0, 0.0, 0.0), 8.0 * x, working_context(60)
    flow = Flow(ctx, ctx.mpf(neuron.tau_mem), ctx.mpf(neuron.tau_syn))
    ours, theirs = factors(neuron, t), flow.factors(ctx.mpf(t))
    bound = KERNEL.multiple * EPS * (1.0 + x + x / ratio)  # exp(-x) amplifies the rounding of x
    for name in ("e_mem", "e_syn", "k", "j"):
        assert abs(getattr(ours, name) - getattr(theirs, name)) <= bound * abs(getattr(theirs, name)) + 1e-300
    (u_mem, u_syn, _), (by_mem, by_syn) = by_time_constants(neuron, 0.0, 1.0, t), flow.derivatives(ctx.mpf(t), theirs)
    assert abs(u_mem - by_mem) <= bound * (abs(by_mem) + theirs.k / neuron.tau_mem) + 1e-300
    assert abs(u_syn - by_syn) <= bound * abs(by_syn) + 1e-300


@pytest.mark.parametrize("y", [0.0, 1e-300, 1e-12, 0.3, 1.0, 1.0 + 2.0**-52, 2.0, 40.0, 800.0])
def test_the_integrals_of_the_flow_are_their_series(y):
    """mean = sum of (-y)^n / (n+1)!, tilt = sum of (-y)^n / (n! (n+2)); for large y their limits."""
    ctx = working_context(420)
    terms = [(-ctx.mpf(y)) ** n / ctx.factorial(n) for n in range(2600 if y > 100 else 400)]
    assert abs(mean(y) - sum(c / (n + 1) for n, c in enumerate(terms))) <= 4.0 * EPS * mean(y)
    assert abs(tilt(y) - sum(c / (n + 2) for n, c in enumerate(terms))) <= 16.0 * EPS * tilt(y)


@pytest.mark.parametrize("weight", [-1.0, 0.0, 0.1, 2.9, 3.0])
@pytest.mark.parametrize("duration", [60.0, 1e3, 2e4, 1e8])
def test_nobody_spikes_who_only_comes_up_to_the_threshold(weight, duration):
    """With a bias equal to v_th the limit is a weight of (tau_mem - tau_syn) / tau_syn = 3."""
    solution = TextbookEngine().solve(single(weights=[weight], at=[0.0], duration=duration, bias=1.0))
    assert len(solution.spikes) == 0


@pytest.mark.parametrize(
    ("tau_mem", "tau_syn", "duration"),
    [(20.0, 5.0, 60.0), (20.0, 5.0, 2e4), (10.0, 10.0, 60.0), (5.0, 20.0, 60.0)],  # slow currents spike for ever
)
@pytest.mark.parametrize("weight", [3.5, 10.0, 100.0])
def test_a_threshold_at_the_bias_is_reached_when_the_drive_says(tau_mem, tau_syn, duration, weight):
    problem = single(weights=[weight], at=[0.0], duration=duration, bias=1.0, tau_mem=tau_mem, tau_syn=tau_syn)
    ours, theirs = TextbookEngine().solve(problem).spikes, MpEngine(dps=30).solve(problem).spikes
    assert len(ours) == len(theirs)
    assert abs(ours.times[0] - theirs.times[0]) <= 4.0 * EPS * (theirs.times[0] + 1 / theirs.vdot[0])


@pytest.mark.parametrize("v_reset", [-1e2, -1e4, -1e6, -1e8])
@pytest.mark.parametrize("by", ["bias", "current"])
def test_spikes_after_a_reset_far_below_the_threshold_keep_their_digits(v_reset, by):
    if by == "bias":
        problem = single(weights=[20.0], at=[1.0], duration=500.0, bias=1.5, v_reset=v_reset)
    else:
        problem = single(weights=[-100.0 * v_reset], at=[1.0], v_reset=v_reset)
    assert len(TextbookEngine().solve(problem).spikes) > 1
    assert failures(problem) == []


@pytest.mark.parametrize("bias", [10.0, 1e3, 1e7, 1e10, -1e7])
def test_a_bias_of_many_thresholds_leaves_everything_its_digits(bias):
    drive = 0.3 * bias if bias > 0.0 else -1.6 * bias
    problem = single(weights=[drive], at=[15.0 / abs(bias)], duration=200.0 / abs(bias), bias=bias)
    assert len(TextbookEngine().solve(problem).spikes) > 2
    assert failures(problem) == []


@pytest.mark.parametrize("duration", [100.0, 14_000.0, 1e9, 1e300])
def test_a_silence_of_any_length_keeps_the_largest_v_before_it(duration):
    loss = MaxVoltageCrossEntropy("out", [0])
    network = Network([Input("in", 1)], [Population("out", 2, "li")], [Projection("in", "out")])
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    parameters = Parameters({"in->out": np.array([[8.0, 4.0]])}, {"out": neuron})
    stimulus = Stimulus.of_samples([([0.0], [0])], duration=duration)
    solution = TextbookEngine().solve(Problem(network, parameters, stimulus, loss))
    peak = 4.0 ** (-1 / 3) / 4.0  # of k for tau_mem = 4 tau_syn
    assert abs(solution.loss - math.log1p(math.exp(-4.0 * peak))) <= 8.0 * EPS * solution.loss
    c = 1.0 / (1.0 + math.exp(4.0 * peak))
    assert np.allclose(solution.gradients.weights["in->out"], [[-c * peak, c * peak]], rtol=16.0 * EPS, atol=0.0)


BORDERS = {
    "at the end": ([1.0, 0.5], [[0.0, 0.0]], [0.0], 10.0),
    "at an arrival": ([1.0, 0.5], [[-0.5, 0.2]], [0.0, 10.0], 30.0),
    "at an arrival that reaches one alone": ([1.0, 0.5], [[0.0, -0.2]], [0.0, 10.0], 30.0),
    "at two arrivals at once": ([1.0, 0.5], [[-0.5, 0.2]], [0.0, 10.0, 10.0], 30.0),
    "cut off by an arrival": ([1.0, 0.5], [[-0.5, -0.2]], [0.0, 5.0], 30.0),
    "cut off by the second of two": ([1.0, 0.5], [[-0.05, -0.2]], [0.0, 5.0, 5.0], 30.0),
}


@pytest.mark.parametrize("name", BORDERS)
def test_a_largest_v_exactly_at_a_border_is_found_with_its_derivatives(name):
    first, second, times, duration = BORDERS[name]
    network = Network([Input("in", 2)], [Population("out", 2, "li")], [Projection("in", "out")])
    neuron = NeuronParameters(tau_mem=10.0, tau_syn=10.0)
    parameters = Parameters({"in->out": np.array([first, *second])}, {"out": neuron})
    stimulus = Stimulus.of_samples([(times, [0] + [1] * (len(times) - 1))], duration=duration)
    problem = Problem(network, parameters, stimulus, MaxVoltageCrossEntropy("out", [0]), name)
    ours, theirs = TextbookEngine().solve(problem), MpEngine(dps=40).solve(problem)
    assert abs(ours.loss - theirs.loss) <= LOSS.multiple * EPS * theirs.loss
    for got, wanted in (
        (ours.gradients.weights["in->out"], theirs.gradients.weights["in->out"]),
        (ours.gradients.delays["in->out"], theirs.gradients.delays["in->out"]),
        (ours.gradients.input_times, theirs.gradients.input_times),
    ):
        assert np.max(np.abs(got - wanted)) <= GRADIENT.multiple * EPS


def readouts(scale, loss, duration=60.0):
    """Two hidden neurons and three readouts whose weights have this standard deviation; two samples."""
    rng = np.random.default_rng(0)
    populations = [Population("hid", 2), Population("out", 3, "li")]
    projections = [Projection("in", "hid"), Projection("hid", "out", delay=0.5), Projection("in", "out")]
    weights = {
        "in->hid": rng.uniform(4.0, 8.0, (2, 2)),
        **{k: rng.normal(0.0, scale, (2, 3)) for k in ("hid->out", "in->out")},
    }
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
    stimulus = Stimulus.of_samples([([1.0, 4.0, 9.0], [0, 1, 0]), ([2.0, 2.5], [1, 0])], duration=duration)
    network = Network([Input("in", 2)], populations, projections)
    return Problem(network, Parameters(weights, {"hid": neuron, "out": neuron}), stimulus, loss, "readouts")


@pytest.mark.parametrize("factor", [1.0, pytest.param(13.0, marks=pytest.mark.deep)])
def test_integrals_of_strongly_curved_functions_converge(factor):
    """V is as large as 30, and 400 for a factor of 13."""
    network = Network([Input("in", 2)], [Population("out", 2, "li")], [Projection("in", "out")])
    weights = {"in->out": factor * np.array([[65.0, 20.0], [-20.0, 60.0]])}
    parameters = Parameters(weights, {"out": NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    stimulus = Stimulus.of_samples([([1.0, 9.0], [0, 1])], duration=20.0)
    assert failures(Problem(network, parameters, stimulus, InstantaneousCrossEntropy("out", [0]))) == []


@pytest.mark.parametrize(
    "loss",
    [TargetTrace("out", [0.5, -0.5, 0.0]), InstantaneousCrossEntropy("out", [0, 1]), VoltageIntegral("out")],
    ids=lambda loss: type(loss).__name__,
)
def test_gradients_of_weights_do_not_change_in_a_long_silence(loss):
    near, far = (TextbookEngine().solve(readouts(2.0, loss, duration)).gradients for duration in (5e3, 5e7))
    for name, gradient in near.weights.items():
        assert np.max(np.abs(far.weights[name] - gradient)) <= RUN * np.max(np.abs(gradient))


def kinked(v, t, sample):
    return np.floor(v).sum(axis=1), np.zeros_like(v)


def test_an_integrand_that_does_not_converge_is_refused_by_name():
    with pytest.raises(InvalidInput, match=r"loss.integrand: got 'not smooth near t = "):
        TextbookEngine().solve(readouts(10.0, VoltagePathIntegral("out", kinked)))


def quartic(v, t, sample):
    return (1e300 * v**4).sum(axis=1), 4e300 * v**3


@pytest.mark.parametrize("weights", [[1e308, 1e308], [-1e308, -1e308]])
def test_currents_that_overflow_are_refused(weights):
    with pytest.raises(InvalidInput, match=r"parameters\.weights: got 'sums that overflow"):
        TextbookEngine().solve(single(weights=weights, at=[1.0, 1.0], kind="li", loss=VoltageIntegral("n")))


@pytest.mark.filterwarnings("ignore:overflow")
def test_losses_that_overflow_are_refused():
    with pytest.raises(InvalidInput, match="got inf; allowed: a finite number"):
        TextbookEngine().solve(readouts(1e3, VoltagePathIntegral("out", quartic)))


def test_a_gradient_at_a_grazing_spike_is_refused():
    problem = single(weights=[4.0], at=[1.0], tau_mem=20.0, tau_syn=10.0)
    grazing = [
        replace(
            problem, parameters=Parameters({"in->n": np.array([[4.0 * (1 + k * EPS)]])}, problem.parameters.neurons)
        )
        for k in range(4)
    ]
    said = []
    for p in grazing:
        try:
            said.append(len(TextbookEngine().solve(p).spikes))
        except GrazingSpike as error:
            said.append(str(error))
    assert all(s == 0 or "neuron 0 grazes its threshold" in str(s) for s in said)
    assert any(s != 0 for s in said)


def test_more_events_than_the_limit_are_refused():
    problem = single(weights=[50.0], at=[1.0])
    with pytest.raises(EventLimitExceeded):
        TextbookEngine(event_limit=3).solve(problem)


def test_numbers_are_python_floats_and_the_answer_is_the_same_again():
    problem = loss_problem(0)
    one, two = TextbookEngine().solve(problem), TextbookEngine().solve(problem)
    assert one.loss == two.loss
    assert np.array_equal(one.gradients.input_times, two.gradients.input_times)
