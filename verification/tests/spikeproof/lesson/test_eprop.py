"""E-prop: the surrogate gradient through time where nothing recurs, and its own sums written out elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from discrete_problems import DT, LOSSES, discrete_problem

import spikeproof as sp
from spikeproof.lesson import Discrete, EProp, SurrogateGradient
from spikeproof.lesson.shapes import surrogate
from spikeproof_verification.checks.tolerances import EPS


def one_layer(seed, recurrent=0.0, loss="sum", readout=None, n_samples=2):
    """One hidden layer with recurrent weights of a given size, delays into and within it, and unlike neurons."""
    random = np.random.default_rng(seed)
    projections = [
        sp.Projection("in", "hidden", 0.5), sp.Projection("hidden", "hidden", 1.0), sp.Projection("hidden", "out"),
        sp.Projection("in", "out"),
    ]  # fmt: skip
    populations = [sp.Population("hidden", 7), sp.Population("out", 3, "li")]
    network = sp.Network([sp.Input("in", 4)], populations, projections)
    weights = sp.normal_weights(network, (1.0, 1.5), seed)
    weights["hidden->hidden"] *= recurrent
    neurons = {
        "hidden": sp.NeuronParameters(random.uniform(4.0, 9.0, 7), random.uniform(2.0, 6.0, 7), bias=0.2, v_init=0.1),
        "out": readout or sp.NeuronParameters(8.0, 3.0, bias=[0.1, 0.2, 0.3], i_init=0.5),
    }
    samples = [(random.uniform(0.0, 16.0, 15), random.integers(0, 4, 15)) for _ in range(n_samples)]
    stimulus = sp.Stimulus.of_samples(samples, 16.0)
    return sp.Problem(network, sp.Parameters(weights, neurons), stimulus, LOSSES[loss])


def largest_difference(one, other):
    """The largest difference of two gradients, in units of the largest entry of each matrix."""
    return max(np.max(np.abs(one[name] - other[name])) / np.max(np.abs(other[name])) for name in other)


SETTINGS = [
    {"shape": "super_spike", "slope": 2.0},
    {"shape": "sigmoid", "slope": 3.0, "reset_gradient": False},
    {"shape": "arctan", "slope": 2.0},
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("loss", ["max", "sum"])
def test_without_recurrent_weights_it_is_the_surrogate_gradient(loss, settings):
    problem = one_layer(1, loss=loss)
    local, full = (kind(DT, **settings).estimate(problem) for kind in (EProp, SurrogateGradient))
    assert local.value == full.value
    assert np.max(np.abs(full.gradients["hidden->hidden"])) > 0
    assert largest_difference(local.gradients, full.gradients) <= 64 * EPS


def test_it_is_the_surrogate_gradient_with_delta_synapses_too():
    problem = one_layer(2, readout=sp.NeuronParameters(8.0, 3.0))
    settings = {"slope": 2.0, "synapse": "delta"}
    local, full = (kind(DT, **settings).estimate(problem).gradients for kind in (EProp, SurrogateGradient))
    assert largest_difference(local, full) <= 64 * EPS


def written_out(problem, slope, late=0):
    """Sums over spikes and steps, with the response of each filter as a power; `late` shifts the traces."""
    network = Discrete(problem, DT)
    trace = network.run()
    reading = network.read(trace)
    a, b, c = network.tables.neurons[:3]
    hidden, out = (np.asarray(problem.network.neurons(name)) for name in ("hidden", "out"))
    n_samples, points, _ = trace.v.shape
    weights, gradient = problem.parameters.weights["hidden->out"], np.zeros((4, 7))
    powers = np.arange(points)[:, None]

    def response(n):
        """V n steps and more after a unit of current came in, without resets; V 0 in its own step."""
        i = b[n] ** powers
        return np.array([np.sum(a[n] ** np.arange(k)[::-1][:, None] * c[n] * i[:k], axis=0) for k in range(points)])

    out_response = response(out)
    for s in range(n_samples):
        signal = reading.d_v[s] / n_samples @ weights.T
        for channel in range(4):
            times, channels = problem.stimulus.sample(s)
            arrivals = np.bincount((times[channels == channel] // DT).astype(int) + 2, minlength=points)
            e_i, e_v = np.zeros(7), np.zeros(7)
            eligible = np.zeros((points, 7))
            for k in range(points - 1):
                e_i = b[hidden] * e_i + arrivals[k]
                h = surrogate("super_spike", trace.v[s, k, hidden] - 1.0, slope)
                eligible[k] = h * e_v
                kept = 1.0 * (trace.v[s, k, hidden] <= 1.0)
                e_v = a[hidden] * (kept - trace.v[s, k, hidden] * h) * e_v + c[hidden] * e_i
            for k in range(points):
                for sent in range(k):
                    delay = k - sent - 1 - late
                    if delay >= 0:
                        gradient[channel] += signal[k] * eligible[sent] * out_response[delay, 0]
    return gradient


def test_with_recurrent_weights_it_is_its_own_sums():
    problem = one_layer(3, recurrent=0.4)
    found = EProp(DT, slope=2.0).estimate(problem).gradients["in->hidden"]
    expected = written_out(problem, 2.0)
    assert np.max(np.abs(found - expected)) <= 64 * EPS * np.max(np.abs(expected))


def test_traces_that_are_a_step_late_are_rejected():
    problem = one_layer(3, recurrent=0.4)
    found = EProp(DT, slope=2.0).estimate(problem).gradients["in->hidden"]
    late = written_out(problem, 2.0, late=1)
    assert np.max(np.abs(found - late)) > 0.01 * np.max(np.abs(late))


def test_with_recurrent_weights_it_is_another_gradient():
    problem = one_layer(3, recurrent=0.4)
    local, full = (kind(DT, slope=2.0).estimate(problem).gradients for kind in (EProp, SurrogateGradient))
    assert largest_difference(local, full) > 0.01
    assert largest_difference({"in->out": local["in->out"]}, {"in->out": full["in->out"]}) <= 64 * EPS


def test_feedback_of_given_weights_is_symmetric_feedback_of_a_network_with_these():
    problem = one_layer(4)
    ones = {**problem.parameters.weights, "hidden->out": np.ones((7, 3))}
    with_ones = replace(problem, parameters=replace(problem.parameters, weights=ones), loss=LOSSES["exponential"])
    problem = replace(problem, loss=LOSSES["exponential"])  # whose derivatives do not depend on the weights
    uniform = EProp(DT, slope=2.0, feedback="uniform").estimate(problem).gradients
    expected = EProp(DT, slope=2.0).estimate(with_ones).gradients
    assert np.array_equal(uniform["in->hidden"], expected["in->hidden"])


def test_random_feedback_follows_from_its_seed():
    problem = one_layer(4)
    one, same, other = (EProp(DT, feedback="random", seed=s).estimate(problem).gradients for s in (1, 1, 2))
    assert np.array_equal(one["in->hidden"], same["in->hidden"])
    assert largest_difference(one, other) > 0.01
    assert np.array_equal(one["hidden->out"], other["hidden->out"])


def test_random_feedback_reaches_layers_that_have_no_synapses_to_a_readout():
    problem = deep()
    for feedback in ("random", "uniform"):
        assert np.max(np.abs(EProp(DT, slope=2.0, feedback=feedback).estimate(problem).gradients["in->a"])) > 0


def alike(problem):
    """The problem with readouts of the same time constants."""
    neurons = {**problem.parameters.neurons, "out": sp.NeuronParameters(6.0, 3.0)}
    return replace(problem, parameters=replace(problem.parameters, neurons=neurons))


def deep():
    """Two hidden layers, of which the first one is not read."""
    problem = alike(discrete_problem(0, "sum", recurrent=False))
    kept = [p for p in problem.network.projections if p.name in ("in->a", "a->b", "b->out")]
    weights = {p.name: problem.parameters.weights[p.name] for p in kept}
    parameters = sp.Parameters(weights, problem.parameters.neurons)
    return replace(problem, network=replace(problem.network, projections=kept), parameters=parameters)


def test_what_it_does_not_serve_is_refused_by_name():
    unlike = one_layer(0, readout=sp.NeuronParameters([6.0, 7.0, 8.0], 3.0))
    assert "tau_mem" in EProp(DT).unsupported(unlike)
    assert "'a->out' to a readout has a delay of 1.5" in EProp(DT).unsupported(alike(discrete_problem(0)))
    assert "'a' has no synapses to a readout" in EProp(DT).unsupported(deep())
    assert EProp(DT, feedback="random").unsupported(deep()) is None
    with pytest.raises(sp.InvalidInput, match=r"^problem: got"):
        EProp(DT).estimate(deep())


WRONG = {
    "dt": {"dt": 0.0},
    "slope": {"dt": 1.0, "slope": -1.0},
    "shape": {"dt": 1.0, "shape": 3},
    "reset_gradient": {"dt": 1.0, "reset_gradient": None},
    "feedback": {"dt": 1.0, "feedback": "direct"},
    "seed": {"dt": 1.0, "seed": -1},
}


@pytest.mark.parametrize("field", WRONG)
def test_wrong_arguments_of_eprop_are_refused_by_name(field):
    with pytest.raises(sp.InvalidInput, match=rf"^{field}: got"):
        EProp(**WRONG[field])
