"""The mp reference: three independent gradients agree, closed forms hold, digits are as many as promised."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import mpmath
import numpy as np
import pytest
from mp_gradients import DIGITS, along, assert_close, direction_of, flat
from one_layer import one_layer

from spikeproof import (
    EventLimitExceeded,
    FirstSpikeCrossEntropy,
    GrazingSpike,
    Input,
    InvalidInput,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof_reference import MpEngine, central_difference, central_differences, parameters_of


def network_of(*, recurrent=False, delay=0.0, readout=False):
    populations = [Population("a", 4), Population("b", 2)]
    projections = [Projection("in", "a", delay=delay / 2), Projection("a", "b", delay=delay)]
    if recurrent:
        projections += [Projection("a", "a", delay=delay), Projection("b", "a"), Projection("b", "b")]
    if readout:
        populations.append(Population("out", 2, "li"))
        projections.append(Projection("b", "out"))
    return Network((Input("in", 3),), tuple(populations), tuple(projections))


def problem_of(
    network, seed, tau=(20.0, 5.0), v_th=1.0, v_reset=0.0, loss=None, n_samples=2, inhibition=0.15, drive=1.0
):
    rng = np.random.default_rng(seed)
    weights = {}
    for p in network.projections:
        w = rng.uniform(1.0, 4.0, network.shape(p)) * drive
        if not network.from_input(p):
            w *= 0.6 if p.name == "a->b" else 0.15
        weights[p.name] = np.where(rng.random(w.shape) < inhibition, -w, w)
    neurons = {p.name: NeuronParameters(*tau, v_th, v_reset) for p in network.populations if p.kind == "lif"}
    neurons |= {p.name: NeuronParameters(*tau) for p in network.populations if p.kind == "li"}
    samples = [(rng.uniform(0, 15, 6), rng.integers(0, 3, 6)) for _ in range(n_samples)]
    loss = loss or SpikeTimeSum("b", rng.normal(1.0, 0.3, 2))
    return Problem(network, Parameters(weights, neurons), Stimulus.of_samples(samples, 40.0), loss)


def per_neuron(problem):
    rng = np.random.default_rng(5)
    neurons = {
        p.name: NeuronParameters(
            rng.uniform(8, 20, p.size),
            rng.uniform(3, 9, p.size),
            rng.uniform(0.8, 1.2, p.size),
            rng.uniform(-0.5, 0.3, p.size),
        )
        for p in problem.network.populations
    }
    return replace(problem, parameters=Parameters(problem.parameters.weights, neurons))


PROBLEMS = {
    "feed-forward": lambda: problem_of(network_of(), 1),
    "recurrent with autapses": lambda: problem_of(network_of(recurrent=True), 2),
    "recurrent with delays": lambda: problem_of(network_of(recurrent=True, delay=1.25), 3),
    "per-neuron parameters": lambda: per_neuron(problem_of(network_of(recurrent=True), 4, n_samples=1)),
    "inhibition": lambda: problem_of(network_of(recurrent=True), 6, inhibition=0.4, drive=2.0, n_samples=1),
    "tau ratio 1/2": lambda: problem_of(network_of(recurrent=True), 7, tau=(5.0, 10.0), drive=0.2),
    "tau ratio 1": lambda: problem_of(network_of(recurrent=True), 8, tau=(8.0, 8.0), drive=0.45, n_samples=1),
    "tau ratio 2": lambda: problem_of(network_of(recurrent=True), 9, tau=(10.0, 5.0), n_samples=1),
    "tau nearly equal": lambda: problem_of(
        network_of(recurrent=True), 10, tau=(8.0, 8.0 * (1 + 2.0**-40)), drive=0.45, n_samples=1
    ),
    "decimals nearly equal": lambda: problem_of(
        network_of(), 10, tau=(Decimal(8), Decimal("8.00000000000000000000000001"))
    ),
    "readout without threshold": lambda: problem_of(network_of(recurrent=True, readout=True), 11),
    "threshold and reset": lambda: problem_of(network_of(recurrent=True), 12, v_th=0.7, v_reset=-0.4),
}


def squares(trains):
    return sum(t * t / 3 for train in trains for t in train), [[2 * t / 3 for t in train] for train in trains]


LOSSES = {
    "sum": SpikeTimeSum("b"),
    "target, missing at the end": SpikeTimeTarget("b", [[4.0, 9.0, 30.0]] * 2),
    "target, missing is absent": SpikeTimeTarget("b", [[4.0, 9.0, 30.0]] * 2, "absent"),
    "target per sample": SpikeTimeTarget("b", [[[4.0], [5.0]], [[6.0], [7.0]]]),
    "function": SpikeTimeFunction("b", squares),
    "first spike": FirstSpikeCrossEntropy("b", [0, 1], 0.5, 6.4, 0.003),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_adjoint_sensitivities_and_differences_agree(name):
    problem = PROBLEMS[name]()
    adjoint, sensitivity = MpEngine(event_limit=3000).solve(problem), MpEngine(gradient="sensitivity").solve(problem)
    assert len(adjoint.spikes) >= 6
    assert_close(flat(problem, sensitivity.gradients), flat(problem, adjoint.gradients), 45)
    direction = direction_of(problem)
    assert_close([central_difference(problem, direction)], [along(problem, adjoint.gradients, direction)])
    chosen = np.random.default_rng(1).choice(len(parameters_of(problem)), 4, replace=False)
    quotients = central_differences(problem, [parameters_of(problem)[k] for k in chosen])
    expected = flat(problem, adjoint.gradients)
    for quotient, k in zip(quotients, chosen, strict=True):
        assert abs(quotient - expected[k]) <= max(map(abs, expected)) * mpmath.mpf(10) ** -DIGITS


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_the_derivative_of_its_value(name):
    problem = problem_of(network_of(), 1, loss=LOSSES[name])
    solution, direction = MpEngine().solve(problem), direction_of(problem)
    assert solution.loss == sum(solution.sample_losses) / 2
    assert_close([central_difference(problem, direction)], [along(problem, solution.gradients, direction)])


@pytest.mark.parametrize("silent", ["duration", "absent", 50.0, Decimal("50.1")])
def test_first_spike_loss_counts_a_silent_neuron_as_it_says(silent):
    problem = silenced(FirstSpikeCrossEntropy("b", [0, 1], 20.0, 6.4, 0.003, silent))
    solution, direction = MpEngine().solve(problem), direction_of(problem)
    spiking = set(solution.spikes.neurons.tolist())
    assert 4 in spiking
    assert 5 not in spiking
    if silent == "absent":
        assert solution.sample_losses[1] == 0
        assert_close(
            [solution.sample_losses[0]],
            [0.003 * (np.exp(float(solution.spikes.times[_first(solution)]) / 6.4) - 1)],
            14,
        )
    weights = {**direction.weights, "a->b": direction.weights["a->b"] * [1.0, 0.0]}  # leave the silent neuron silent
    direction = replace(direction, weights=weights)
    assert_close([central_difference(problem, direction)], [along(problem, solution.gradients, direction)])


def test_first_spike_loss_refuses_a_silent_neuron_if_told_to():
    with pytest.raises(InvalidInput, match=r"neuron 1 of sample 0"):
        MpEngine().solve(silenced(FirstSpikeCrossEntropy("b", [0, 1], 20.0, 6.4, 0.003, "error")))


def silenced(loss):
    problem = problem_of(network_of(), 1, loss=loss)
    weights = {**problem.parameters.weights, "a->b": problem.parameters.weights["a->b"] * [1.0, 0.0]}
    return replace(problem, parameters=replace(problem.parameters, weights=weights))


def _first(solution):
    return int(np.flatnonzero(solution.spikes.neurons == 4)[0])


def test_a_gradient_with_a_wrong_sign_is_told_from_the_difference_quotient():
    problem = PROBLEMS["recurrent with autapses"]()
    gradients, direction = MpEngine().solve(problem).gradients, direction_of(problem)
    gradients.weights["a->a"][0, 0] *= -1
    with pytest.raises(AssertionError, match="entry 0"):
        assert_close([central_difference(problem, direction)], [along(problem, gradients, direction)])


def single(w, tau_mem, tau_syn, t=1.0, duration=40.0):
    stimulus = Stimulus.of_channels([[t]], duration)
    return one_layer([[w]], stimulus, NeuronParameters(tau_mem, tau_syn), SpikeTimeSum("n"))


def test_tau_ratio_two_solves_a_quadratic():
    # with x = exp(-t / tau_mem): V = w (x - x^2) = 1
    first = MpEngine(60).solve(single(6.0, 10.0, 5.0)).spikes.times[0]
    ctx = first.context
    x = (1 + ctx.sqrt(1 - ctx.mpf(4) / 6)) / 2
    assert_close([first], [1 - 10 * ctx.log(x)], 60)


def test_equal_time_constants_solve_lambert_w():
    # V = w t/tau exp(-t/tau) = 1
    first = MpEngine(60).solve(single(4.0, 8.0, 8.0)).spikes.times[0]
    ctx = first.context
    assert_close([first], [1 - 8 * ctx.lambertw(-ctx.mpf(1) / 4).real], 60)


def test_more_digits_confirm_the_promised_ones():
    problem = PROBLEMS["recurrent with delays"]()
    few, many = MpEngine(30).solve(problem), MpEngine(90).solve(problem)
    assert_close(few.spikes.times, many.spikes.times, 30)
    assert_close(few.spikes.vdot, many.spikes.vdot, 30)
    assert_close(few.v_end, many.v_end, 30)
    assert_close(flat(problem, few.gradients), flat(problem, many.gradients), 30)


def test_the_same_problem_gives_the_same_bits():
    problem = PROBLEMS["recurrent with autapses"]()
    a, b = MpEngine().solve(problem), MpEngine().solve(problem)
    assert a.spikes.times.tolist() == b.spikes.times.tolist()
    assert flat(problem, a.gradients) == flat(problem, b.gradients)


def test_a_decimal_enters_with_all_its_digits():
    tau = Decimal("20.00000000000000000000000000000000000000000001")
    exact, rounded = (MpEngine().solve(single(8.0, t, 5.0)).spikes.times[0] for t in (tau, 20.0))
    assert 0 < abs(exact - rounded) < 1e-43


def test_the_global_precision_of_mpmath_is_left_alone():
    before = mpmath.mp.dps
    MpEngine(80).solve(single(8.0, 20.0, 5.0))
    assert mpmath.mp.dps == before


def test_a_loss_that_is_not_registered_is_unsupported():
    class Unknown:
        population = "n"

        def check(self, network, n_samples):
            pass

        def evaluate(self, spikes, neurons, duration):
            raise NotImplementedError

    problem = replace(single(8.0, 20.0, 5.0), loss=Unknown())
    assert "Unknown" in MpEngine().unsupported(problem)
    assert MpEngine().unsupported(replace(problem, loss=None)) is None
    with pytest.raises(NotImplementedError, match="Unknown"):
        MpEngine().solve(problem)


def test_a_network_that_runs_away_stops_at_the_event_limit():
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"), Projection("n", "n")))
    parameters = Parameters({"in->n": [[20.0]], "n->n": [[5.0]]}, {"n": NeuronParameters(20.0, 5.0)})
    with pytest.raises(EventLimitExceeded, match="more than 100 events"):
        MpEngine(event_limit=100).solve(Problem(network, parameters, Stimulus.of_channels([[1.0]], 100.0)))


@pytest.mark.parametrize("offset", ["0", "1e-60", "-1e-60"])
def test_a_peak_at_the_threshold_is_reported_as_grazing(offset):
    # tau ratio 2: the peak of V is w/4
    with pytest.raises(GrazingSpike, match="neuron 0 grazes"):
        MpEngine(30).solve(single(Decimal(4) + Decimal(offset), 10.0, 5.0))


@pytest.mark.parametrize(("offset", "n_spikes"), [("1e-24", 1), ("-1e-24", 0)])
def test_a_peak_close_to_the_threshold_is_resolved(offset, n_spikes):
    assert len(MpEngine(50).solve(single(Decimal(4) + Decimal(offset), 10.0, 5.0)).spikes) == n_spikes


@pytest.mark.parametrize("options", [{"dps": 5}, {"gradient": "guess"}, {"event_limit": 0}])
def test_wrong_options_are_refused(options):
    with pytest.raises(InvalidInput):
        MpEngine(**options)


def in_units(time, voltage=Decimal(1)):
    """One neuron that spikes more than once; times in units of `time`, potentials in units of `voltage`."""
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"),))
    neuron = NeuronParameters(20 * time, 5 * time, voltage)
    parameters = Parameters({"in->n": [[30 * voltage]]}, {"n": neuron})
    return Problem(network, parameters, Stimulus.of_channels([[time]], 60 * time), SpikeTimeSum("n"))


@pytest.mark.parametrize("exponent", [-350, -200, -60, 60, 200, 350])
def test_units_of_time_and_voltage_beyond_binary64_lose_no_digit(exponent):
    unit, engine = Decimal(10) ** exponent, MpEngine(30)
    plain = engine.solve(in_units(Decimal(1)))
    times = plain.spikes.times
    assert len(times) == 6
    ctx = times[0].context
    slow, strong = engine.solve(in_units(unit)), engine.solve(in_units(Decimal(1), unit))
    assert_close(slow.spikes.times / ctx.mpf(str(unit)), times)
    assert_close(slow.gradients.input_times, plain.gradients.input_times)
    assert_close(strong.spikes.times, times)
    assert_close(strong.gradients.weights["in->n"] * ctx.mpf(str(unit)), plain.gradients.weights["in->n"])


@pytest.mark.parametrize("ratio", ["1e-30", "1e-10", "1e30", "1e100"])
def test_any_ratio_of_the_time_constants_is_solved(ratio):
    ratio = Decimal(ratio)
    problem = single(Decimal("1.7") / min(ratio, Decimal(1)), Decimal(20), 20 * ratio, duration=30.0)
    few, many = (MpEngine(dps).solve(problem) for dps in (30, 90))
    assert len(few.spikes) == len(many.spikes) == 1
    assert_close(few.spikes.times, many.spikes.times)
    assert_close(few.spikes.vdot, many.spikes.vdot, 30 if ratio > 1 else 25)


def test_scales_of_time_that_the_digits_do_not_span_are_refused():
    problem = single(Decimal("1.7e100"), Decimal(20), Decimal("20e-100"))
    with pytest.raises(InvalidInput, match=r"dps: got .*neuron 0 spikes 1\.\d+e-99 after t = 1\.0.*more digits"):
        MpEngine(50).solve(problem)
    assert len(MpEngine(120).solve(problem).spikes) == 1
