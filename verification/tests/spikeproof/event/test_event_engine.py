"""The event engine: exact answers, clear refusals, and what is hard for binary64."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import (
    EventEngine,
    EventLimitExceeded,
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
    Stimulus,
)
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import (
    EPS,
    GRAZING_TIME,
    RUN,
    STEEP,
)

# compiled kernels overflow in silence; as plain Python, numpy tells of it
overflows = pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")


def single(w, times, duration=100.0, **numbers):
    """One neuron with one input channel; the loss is the sum of its spike times."""
    neuron = NeuronParameters(**{"tau_mem": 20.0, "tau_syn": 5.0, **numbers})
    return one_layer([[w]], Stimulus.of_channels([times], duration), neuron, SpikeTimeSum("n"))


def test_one_input_gives_the_spike_time_and_derivative_of_exact_arithmetic():
    solution = EventEngine().solve(single(8.0, [1.0]))
    assert solution.spikes.times == pytest.approx([5.11660862858557935046], rel=4 * EPS, abs=0.0)
    assert solution.gradients.weights["in->n"][0, 0] == pytest.approx(-0.99531457338171713349, rel=8 * EPS, abs=0.0)
    assert solution.gradients.input_times == pytest.approx([1.0], rel=8 * EPS, abs=0.0)


def test_a_network_without_input_is_silent():
    solution = EventEngine().solve(single(8.0, []))
    assert len(solution.spikes) == 0
    assert solution.loss == 0.0
    assert solution.diagnostics.min_vdot is None


def test_input_after_the_end_has_no_effect_and_no_gradient():
    solution = EventEngine().solve(single(8.0, [1.0, 150.0]))
    assert len(solution.spikes) == 1
    assert solution.gradients.input_times[1] == 0.0


@pytest.mark.parametrize("w_rec", [0.0, 0.5, -0.5])
def test_coincident_spikes_reset_before_their_weights_arrive(w_rec):
    network = Network((Input("in", 1),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n")))
    weights = {"in->n": [[9.0, 9.0]], "n->n": [[0.0, w_rec], [w_rec, 0.0]]}
    parameters = Parameters(weights, {"n": NeuronParameters(20.0, 5.0)})
    solution = EventEngine().solve(Problem(network, parameters, Stimulus.of_channels([[1.0]], 60.0)))
    trains = solution.spikes.trains(range(2))
    assert np.array_equal(*trains)
    # both spiked before either weight arrived: the same as an autapse of that weight
    alone = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"), Projection("n", "n")))
    autapse = Parameters({"in->n": [[9.0]], "n->n": [[w_rec]]}, {"n": NeuronParameters(20.0, 5.0)})
    expected = EventEngine().solve(Problem(alone, autapse, Stimulus.of_channels([[1.0]], 60.0)))
    assert np.array_equal(trains[0], expected.spikes.times)


def count(problem):
    """Spikes found by the event engine and by the reference."""
    return len(EventEngine().run(problem).spikes), len(MpEngine(dps=30).solve(replace(problem, loss=None)).spikes)


def with_null_recurrence(problem):
    """The same problem with a recurrent projection of weight 0, which another kernel solves."""
    network = problem.network
    wider = Network(network.inputs, network.populations, (*network.projections, Projection("n", "n")))
    weights = {**problem.parameters.weights, "n->n": np.zeros((1, 1))}
    return replace(problem, network=wider, parameters=Parameters(weights, problem.parameters.neurons))


@pytest.mark.parametrize("duration", [690.0, 735.0, 738.0, 740.5, 742.0, 744.0, 745.1, 746.0, 800.0])
@pytest.mark.parametrize(("tau_mem", "tau_syn"), [(0.02, 0.1), (0.01, 0.02), (1e-6, 1e-6), (1e-6, 1.0), (20.0, 5.0)])
def test_spikes_are_found_when_the_current_decays_to_a_denormal_number(tau_mem, tau_syn, duration):
    problem = single(3.0 if tau_mem < tau_syn else 20.0, [0.0], duration * tau_syn, tau_mem=tau_mem, tau_syn=tau_syn)
    if tau_syn / tau_mem > 1e3:
        problem = single(1.5, [0.0], 0.4e-4, tau_mem=tau_mem, tau_syn=tau_syn)
    for one in (problem, with_null_recurrence(problem)):
        found, expected = count(one)
        assert found == expected > 0


@pytest.mark.parametrize("ratio", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("margin", [1e-11, 1e-12, 1e-13, 1e-14, -1e-11, -1e-13, -1e-14])
def test_a_peak_close_to_the_threshold_is_resolved_for_fast_synapses(ratio, margin):
    # V_max = w r^(1 / (1 - r)) for V = 0 before
    w = np.exp(-np.log(ratio) / (1.0 - ratio)) * (1.0 + margin)
    problem = single(w, [0.0], 60.0, tau_mem=20.0, tau_syn=20.0 * ratio)
    exact = len(MpEngine(dps=30).solve(replace(problem, loss=None)).spikes)
    assert exact == (margin > 0)
    for one in (problem, with_null_recurrence(problem)):
        assert len(EventEngine().run(one).spikes) == exact


@pytest.mark.parametrize(("t", "w", "margin"), [(10000.0, 1e3, 1e-10), (100.0, 10.0, 3e-14), (1e6, 1e3, 1e-8)])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_no_spike_comes_between_simultaneous_arrivals_that_cancel(t, w, margin, order):
    network = Network((Input("in", 3),), (Population("n", 1),), (Projection("in", "n"),))
    weights = {"in->n": [[np.e * (1 - margin)], [w], [-w]]}
    parameters = Parameters(weights, {"n": NeuronParameters(1.0, 1.0)})
    stimulus = Stimulus([t - 1.0, t, t], [0, *order], [0, 3], t + 10.0)
    problem = Problem(network, parameters, stimulus)
    assert len(EventEngine().run(problem).spikes) == 0
    assert len(EventEngine().run(with_null_recurrence(problem)).spikes) == 0


@overflows
@pytest.mark.parametrize("unit", [1e-200, 1e155, 1e250])
def test_extreme_units_of_time_lose_no_spike(unit):
    found = EventEngine().run(single(30.0, [0.0], 60.0 * unit, tau_mem=20.0 * unit, tau_syn=5.0 * unit)).spikes
    assert len(found) == len(EventEngine().run(single(30.0, [0.0], 60.0)).spikes) == 6


@overflows
@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_extreme_units_of_voltage_are_not_taken_for_grazing(unit):
    solution = EventEngine().solve(single(30.0 * unit, [0.0], 60.0, v_th=unit))
    expected = EventEngine().solve(single(30.0, [0.0], 60.0))
    assert solution.gradients.input_times == pytest.approx(expected.gradients.input_times, rel=RUN, abs=0.0)


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            lambda d: single(9.0, [1.0], tau_mem=d("1e-350")),
            "parameters.neurons.n.tau_mem: got 0.0; allowed: finite numbers > 0, when rounded to binary64",
        ),
        (
            lambda d: single(9.0, [1.0], tau_mem=[d("1e350")]),
            "parameters.neurons.n.tau_mem[0]: got inf; allowed: finite real numbers, when rounded to binary64",
        ),
        (lambda d: single(9.0, [1.0], tau_syn=d("1e-400")), "parameters.neurons.n.tau_syn: got 0.0"),
        (lambda d: single(9.0, [1.0], v_th=d("1e-400")), "parameters.neurons.n.v_th: got 0.0"),
        (lambda d: single(9.0, [1.0], v_reset=d("-1e400")), "parameters.neurons.n.v_reset: got -inf"),
        (lambda d: single(9.0, [1.0], v_th=1.0, v_reset=1 - d("1e-28")), "parameters.neurons.n.v_reset: got 1.0"),
        (lambda d: single(d("1e400"), [1.0]), "parameters.weights.in->n[0][0]: got inf"),
        (lambda d: single(9.0, [1.0], duration=d("1e400")), "stimulus.duration: got inf"),
        (lambda d: single(9.0, [1.0], duration=d("1e-400")), "stimulus.duration: got 0.0"),
        (lambda d: single(9.0, [d("1e400")]), "stimulus.times[0]: got inf"),
        (
            lambda d: replace(single(9.0, [1.0]), loss=SpikeTimeSum("n", [d("1e400")])),
            "loss.coefficients[0]: got inf",
        ),
    ],
)
def test_a_decimal_beyond_binary64_is_refused_by_name(problem, message):
    with pytest.raises(InvalidInput) as caught:
        EventEngine().solve(problem(Decimal))
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(", when rounded to binary64")


def test_a_delay_beyond_binary64_is_refused_by_name():
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n", Decimal("1e400")),))
    problem = replace(single(9.0, [1.0]), network=network)
    with pytest.raises(InvalidInput, match=r"network\.projections\.in->n\.delay: got inf; .* rounded to binary64"):
        EventEngine().solve(problem)


@overflows
def test_currents_that_overflow_are_refused():
    with pytest.raises(InvalidInput, match=r"parameters\.weights"):
        EventEngine().run(single(-1e308, [1.0, 1.0]))


def test_a_loss_that_overflows_is_refused():
    with pytest.raises(InvalidInput, match="loss"), np.errstate(over="ignore"):
        EventEngine().solve(replace(single(30.0, [0.0]), loss=SpikeTimeSum("n", [1e308])))


def test_a_loss_function_that_returns_something_else_is_refused():
    with pytest.raises(InvalidInput, match=r"loss\.function"):
        EventEngine().solve(replace(single(9.0, [1.0]), loss=SpikeTimeFunction("n", list)))


def test_a_runaway_network_stops_at_the_event_limit():
    network = Network((Input("in", 1),), (Population("n", 2),), (Projection("in", "n"), Projection("n", "n")))
    parameters = Parameters({"in->n": [[9.0, 9.0]], "n->n": np.full((2, 2), 9.0)}, {"n": NeuronParameters(20.0, 5.0)})
    problem = Problem(network, parameters, Stimulus.of_channels([[1.0]], 60.0))
    with pytest.raises(EventLimitExceeded, match="sample 0: more than 5000 events"):
        EventEngine(event_limit=5000).solve(problem)


def test_a_runaway_layer_stops_at_the_event_limit():
    with pytest.raises(EventLimitExceeded, match="sample 0: more than 1000 events"):
        EventEngine(event_limit=1000).solve(single(1e6, [1.0]))


def test_a_burst_that_outgrows_the_buffers_loses_nothing():
    solution = EventEngine().solve(single(3000.0, [1.0, 30.0, 60.0]))
    expected = MpEngine(dps=30).solve(single(3000.0, [1.0, 30.0, 60.0]))
    assert len(solution.spikes) == len(expected.spikes) > 500
    assert np.max(np.abs(solution.spikes.times - expected.spikes.times.astype(float))) < STEEP


@pytest.mark.parametrize("margin", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_spike_close_to_grazing_has_a_gradient_that_grows_like_one_over_the_root(margin):
    # tau_mem = 2 tau_syn: V = w (x - x^2) with x = exp(-t / tau_mem), so t = -tau_mem log((1 + sqrt(1 - 4 / w)) / 2)
    w = 4.0 * (1.0 + margin)
    gradient = EventEngine().solve(single(w, [0.0], tau_mem=4.0, tau_syn=2.0)).gradients.weights["in->n"][0, 0]
    root = np.sqrt((w - 4.0) / w)
    assert gradient == pytest.approx(-4.0 / (1 + root) * 2 / (w * w * root), rel=4 * EPS / margin, abs=0.0)


def test_a_grazing_spike_has_a_time_but_its_gradient_is_refused():
    run = EventEngine().run(single(4.0, [0.0], tau_mem=4.0, tau_syn=2.0))
    assert run.spikes.times == pytest.approx([4.0 * np.log(2.0)], rel=GRAZING_TIME, abs=0.0)
    with pytest.raises(GrazingSpike, match="neuron 0 grazes its threshold"):
        run.vjp(np.ones(1))


def test_the_loss_of_the_user_enters_with_value_and_derivative():
    def squared(trains):
        return sum(t * t for t in trains[0]), [[2.0 * t for t in trains[0]]]

    problem = replace(single(9.0, [1.0, 2.0]), loss=SpikeTimeFunction("n", squared))
    run, solution = EventEngine().run(problem), EventEngine().solve(problem)
    expected = run.vjp(2.0 * run.spikes.times)
    assert solution.loss == pytest.approx(np.sum(run.spikes.times**2), rel=4 * EPS, abs=0.0)
    assert np.array_equal(solution.gradients.weights["in->n"], expected.weights["in->n"])


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"threads": 0}, "threads"), ({"threads": 1.5}, "threads"), ({"event_limit": 0}, "event_limit")],
)
def test_wrong_settings_are_refused_by_name(arguments, field):
    with pytest.raises(InvalidInput, match=field):
        EventEngine(**arguments)


@pytest.mark.parametrize(
    "cotangents",
    [np.ones(5), [np.nan], np.ones((1, 1)), [1j], ["1.0"], [True], np.ma.masked_array([1.0], [True])],
    ids=repr,
)
def test_wrong_cotangents_are_refused(cotangents):
    with pytest.raises(InvalidInput, match="cotangents"):
        EventEngine().run(single(8.0, [1.0])).vjp(cotangents)
