"""The mp reference with bias currents and initial states: closed forms, no crossing missed or invented, gradients."""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal

import numpy as np
import pytest
from mp_gradients import along, assert_close, assert_each_close, direction_of, entry, flat

from spikeproof import (
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference import (
    MpEngine,
    Parameter,
    SequenceChanged,
    central_difference,
    central_differences,
    parameters_of,
    rounding_sensitivity,
)

CLOCK = Context(prec=120).multiply(20, Context(prec=125).ln(Decimal(3)))  # 20 log 3: one period at a bias of 1.5


def alone(tau=(20.0, 5.0), duration=60.0, kind="lif", w=0.0, t=0.0, **neuron):
    """One neuron with one input spike."""
    network = Network((Input("in", 1),), (Population("n", 1, kind),), (Projection("in", "n"),))
    parameters = Parameters({"in->n": [[w]]}, {"n": NeuronParameters(*tau, **neuron)})
    loss = SpikeTimeSum("n") if kind == "lif" else None
    return Problem(network, parameters, Stimulus.of_channels([[t]], duration), loss)


def test_a_bias_above_the_threshold_fires_at_regular_intervals():
    # V = b (1 - exp(-t/tau)) from each reset
    times = MpEngine(50).solve(alone(bias=1.5, v_init=0.0)).spikes.times
    ctx = times[0].context
    interval = 20 * ctx.log(ctx.mpf(3))
    assert_close(times, [interval * (k + 1) for k in range(2)], 50)


@pytest.mark.parametrize("bias", [0.999, 1.0])
def test_a_bias_up_to_the_threshold_does_not_fire(bias):
    assert len(MpEngine().solve(alone(bias=bias, duration=1000.0)).spikes) == 0


def test_a_bias_at_the_threshold_fires_if_a_current_lifts_it_over():
    # equal time constants: U = V - b = (U0 + I0 t/tau) exp(-t/tau) becomes 0 at t = -tau U0/I0
    times = MpEngine(50).solve(alone((8.0, 8.0), bias=1.0, i_init=2.0, duration=8.0)).spikes.times
    assert_close(times, [4.0], 50)


def test_a_current_at_the_start_causes_a_spike_before_any_input():
    # tau_mem = 2 tau_syn: with x = exp(-t/tau_mem), V = v x + i (x - x^2)
    times = MpEngine(50).solve(alone((10.0, 5.0), 5.0, i_init=6.0, v_init=0.25)).spikes.times
    ctx = times[0].context
    x = (6.25 + ctx.sqrt(ctx.mpf(6.25) ** 2 - 24)) / 12
    assert_close(times, [-10 * ctx.log(x)], 50)


@pytest.mark.parametrize("i_init", [-0.01, -0.5, -3.0, -1e6])
@pytest.mark.parametrize("v_init", [-2.0, 0.0, 0.9])
def test_a_bias_lifts_a_neuron_once_the_negative_current_has_decayed(v_init, i_init):
    # tau_mem = 2 tau_syn: V - b = (v - b + i) x - i x^2 = v_th - b
    problem = alone((10.0, 5.0), 200.0, v_init=v_init, i_init=i_init, bias=1.5, v_reset=-9.0)
    times = MpEngine(50).solve(problem).spikes.times
    ctx = times[0].context
    b, i = ctx.mpf(v_init) - 1.5 + ctx.mpf(i_init), ctx.mpf(i_init)
    x = (b + ctx.sqrt(b * b + 2 * i)) / (2 * i) if i_init else None
    roots = [x for x in (x, (b - ctx.sqrt(b * b + 2 * i)) / (2 * i)) if 0 < x < 1]
    assert len(roots) == 1
    assert_close([times[0]], [-10 * ctx.log(roots[0])], 49)


@pytest.mark.parametrize("tau", [(20.0, 5.0), (5.0, 20.0), (8.0, 8.0), (8.0, 8.000000001)])
def test_no_crossing_is_missed_or_invented(tau):
    """The first spike against a fine scan of V, for random states and biases."""
    rng = np.random.default_rng(0)
    t = np.linspace(0.0, 60.0, 40001)
    tau_mem, tau_syn = tau
    e_mem, e_syn = np.exp(-t / tau_mem), np.exp(-t / tau_syn)
    k = t / tau_mem * e_mem if tau_mem == tau_syn else tau_syn / (tau_mem - tau_syn) * (e_mem - e_syn)
    crossed = 0
    for _ in range(60):
        v, i, b = rng.uniform(-3.0, 0.9), rng.normal(0.0, 6.0), rng.choice([0.0, 0.7, 1.0, 1.2, -2.0])
        above = np.flatnonzero(b + (v - b) * e_mem + i * k >= 1.0)
        problem = alone(tau, 60.0, v_init=v, i_init=i, bias=b, v_reset=-100.0)
        times = MpEngine(15).solve(problem).spikes.times
        assert (len(times) > 0) == (len(above) > 0)
        if len(above):
            crossed += 1
            assert t[above[0] - 1] <= times[0] <= t[above[0]]
    assert 15 < crossed < 50


def test_a_leaky_integrator_ends_where_the_closed_form_says():
    solution = MpEngine(50).solve(alone((10.0, 5.0), 10.0, "li", bias=0.5, v_init=2.0, i_init=-3.0))
    ctx = solution.v_end[0, 0].context
    x = ctx.exp(-1)
    assert_close(solution.v_end, [[0.5 + 1.5 * x - 3 * (x - x * x)]], 50)
    assert_close(solution.i_end, [[-3 * x * x]], 50)


def test_the_period_of_tonic_firing_has_the_derivatives_of_its_closed_form():
    # t = tau log((b - v) / (b - v_th))
    solution = MpEngine(50).solve(alone(bias=1.5, v_init=0.25, duration=20.0))
    gradients = solution.gradients.neurons["n"]
    ctx = solution.loss.context
    mem, log = ctx.mpf(20), ctx.log(ctx.mpf(5) / 2)
    assert_close([solution.loss], [mem * log], 50)
    assert_close(gradients.tau_mem, [log], 50)
    assert_close(gradients.v_init, [-mem / ctx.mpf(1.25)], 50)
    assert_close(gradients.v_th, [mem / ctx.mpf(0.5)], 50)
    assert_close(gradients.bias, [mem / ctx.mpf(1.25) - mem / ctx.mpf(0.5)], 50)
    assert list(gradients.v_reset) == [0]
    assert list(gradients.tau_syn) == [0]


def random_network(seed, *, delays, taus, n_samples=1):
    """Two recurrent populations and a readout, every parameter different for each neuron."""
    rng = np.random.default_rng(seed)
    lags = (0.5, 1.5, 0.75, 0.0) if delays else (0.0,) * 4
    projections = [("in", "a"), ("a", "b"), ("b", "a"), ("a", "a")]
    network = Network(
        (Input("in", 2),),
        (Population("a", 3), Population("b", 2), Population("out", 2, "li")),
        (*(Projection(*p, lag) for p, lag in zip(projections, lags, strict=True)), Projection("b", "out")),
    )
    weights = {p.name: rng.normal(0.5, 0.6, network.shape(p)) for p in network.projections}
    weights["in->a"] = rng.uniform(1.0, 3.0, (2, 3))
    neurons = {}
    for p in network.populations:
        tau_mem = rng.uniform(8.0, 20.0, p.size)
        tau_syn = tau_mem * {"different": rng.uniform(0.3, 0.7, p.size), "equal": 1.0, "close": 1.0 + 2.0**-40}[taus]
        threshold = () if p.kind == "li" else (rng.uniform(0.8, 1.1, p.size), rng.uniform(-0.4, 0.2, p.size))
        state = {"bias": rng.uniform(-0.2, 1.3, p.size), "v_init": rng.uniform(-1.0, 0.7, p.size)}
        neurons[p.name] = NeuronParameters(tau_mem, tau_syn, *threshold, **state, i_init=rng.normal(0.0, 1.0, p.size))
    stimulus = Stimulus.of_samples([(rng.uniform(0.0, 15.0, 4), rng.integers(0, 2, 4)) for _ in range(n_samples)], 25.0)
    return Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("b", [1.0, -0.7]))


NETWORKS = {
    "delays": lambda: random_network(1, delays=True, taus="different", n_samples=2),
    "no delays": lambda: random_network(2, delays=False, taus="different"),
    "equal time constants": lambda: random_network(3, delays=True, taus="equal"),
    "nearly equal time constants": lambda: random_network(4, delays=False, taus="close"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_three_gradients_agree_for_every_parameter(name):
    problem = NETWORKS[name]()
    adjoint, forward = (MpEngine(gradient=g).solve(problem) for g in ("adjoint", "sensitivity"))
    assert len(adjoint.spikes) >= 5
    expected = flat(problem, adjoint.gradients)
    assert sum(x != 0 for x in expected) > 0.6 * len(expected)
    assert_each_close(flat(problem, forward.gradients), expected, 40)
    direction = direction_of(problem)
    quotient = central_difference(problem, direction)
    assert_close([quotient], [along(problem, adjoint.gradients, direction)])


def test_single_parameters_agree_with_their_differences():
    problem = NETWORKS["no delays"]()
    gradients = MpEngine().solve(problem).gradients
    chosen = {p.kind: p for p in parameters_of(problem) if entry(gradients, p) != 0}  # the last of each kind
    assert len(chosen) == 11
    quotients = central_differences(problem, chosen.values(), dps=34)
    assert_each_close(quotients, [entry(gradients, p) for p in chosen.values()])


def test_a_delay_of_an_autapse_differs_on_the_side_of_positive_delays():
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"), Projection("n", "n")))
    parameters = Parameters({"in->n": [[14.0]], "n->n": [[1.5]]}, {"n": NeuronParameters(20.0, 5.0, bias=0.4)})
    problem = Problem(network, parameters, Stimulus.of_channels([[1.0]], 30.0), SpikeTimeSum("n"))
    solution = MpEngine().solve(problem)
    assert len(solution.spikes) >= 3
    derivative = solution.gradients.delays["n->n"][0, 0]
    assert derivative != 0
    (quotient,) = central_differences(problem, [Parameter("delay", "n->n", 0, 0)])
    assert_each_close([quotient], [derivative])
    # by a plain difference towards larger delays, which is of first order
    step = 1e-12
    later = replace(network, projections=(network.projections[0], Projection("n", "n", step)))
    change = MpEngine().solve(replace(problem, network=later)).loss - solution.loss
    assert abs(change / step - derivative) < 100 * step * abs(derivative)


def test_a_delay_between_neurons_that_spike_together_differs_on_the_side_of_positive_delays():
    network = Network((Input("in", 1),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n")))
    weights = {"in->n": [[14.0, 14.0]], "n->n": [[0.0, 1.5], [0.0, 0.0]]}
    parameters = Parameters(weights, {"n": NeuronParameters(20.0, 5.0)})
    problem = Problem(network, parameters, Stimulus.of_channels([[1.0]], 30.0), SpikeTimeSum("n"))
    solution = MpEngine().solve(problem)
    assert solution.spikes.times[0] == solution.spikes.times[1]
    assert set(solution.spikes.neurons.tolist()) == {0, 1}
    (quotient,) = central_differences(problem, [Parameter("delay", "n->n", 0, 1)])
    assert quotient != 0
    assert_each_close([quotient], [solution.gradients.delays["n->n"][0, 1]])
    with pytest.raises(SequenceChanged):  # while weights and times of these neurons have no derivative
        central_differences(problem, [Parameter("weight", "in->n", 0, 0)])


def test_a_delayed_arrival_at_a_spike_is_a_changed_sequence():
    # a regular clock: neuron 0 spikes at t, and at 2 t the second spike meets the arrival of the first
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"), Projection("n", "n", CLOCK)))
    parameters = Parameters({"in->n": [[0.0]], "n->n": [[1.5]]}, {"n": NeuronParameters(20.0, 5.0, bias=1.5)})
    problem = Problem(network, parameters, Stimulus.of_channels([[0.0]], 70.0), SpikeTimeSum("n"))
    with pytest.raises(SequenceChanged, match="change order"):
        central_differences(problem, [Parameter("delay", "n->n", 0, 0)])


def test_conditioning_covers_every_parameter():
    problem = NETWORKS["delays"]()
    found = rounding_sensitivity(problem, n_probes=1)
    gradients = MpEngine().solve(problem).gradients
    for name, delays in gradients.delays.items():
        assert np.all((found.delays[name] > 0) == (delays != 0))
    for population, expected in gradients.neurons.items():
        for kind in PARAMETER_NAMES:
            numbers = getattr(expected, kind)
            if numbers is None:
                assert getattr(found.neurons[population], kind) is None
            else:
                assert np.all((getattr(found.neurons[population], kind) > 0) == (numbers != 0))
