"""The event engine: exact answers, properties that every solution has, and clear refusals."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference import MpEngine, spike_time_jacobian
from spikeproof_verification import random_problem

EPS = 2.0**-52
# Deviations of two solutions of one problem, of spike times relative to each, of gradients to the largest entry of
# their array; all 2001 seeds were measured, and the bounds are about ten times the worst.
RENUMBERED = 5e-14  # 5e-15: sums are taken in another order
REWRITTEN = 1e-10  # 1e-11: other roundings of I, amplified by spikes close to grazing
LINEAR = 1e-12  # 1e-13: roundings of the backward pass alone, amplified by the jumps of a burst
seeds = st.integers(0, 2000)
# compiled kernels overflow in silence; as plain Python, numpy tells of it
overflows = pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")


def single(w, times, duration=100.0, **numbers):
    """One neuron with one input channel; the loss is the sum of its spike times."""
    network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"),))
    numbers = {"tau_mem": 20.0, "tau_syn": 5.0, **numbers}
    parameters = Parameters({"in->n": [[w]]}, {"n": NeuronParameters(**numbers)})
    return Problem(network, parameters, Stimulus.of_channels([times], duration), SpikeTimeSum("n"))


def with_weights(problem, change):
    weights = {name: change(name, w) for name, w in problem.parameters.weights.items()}
    return replace(problem, parameters=Parameters(weights, problem.parameters.neurons))


def cotangents_of(spikes, seed, names=None):
    """A number for every spike that depends only on its sample, its rank and its neuron, or the neuron's name."""
    table = np.random.default_rng(seed).normal(size=(3, 17, 31))
    seen, numbers = {}, np.empty(len(spikes))
    for k, (sample, neuron) in enumerate(zip(spikes.samples().tolist(), spikes.neurons.tolist(), strict=True)):
        name = neuron if names is None else names[neuron]
        rank = seen[sample, name] = seen.get((sample, name), -1) + 1
        numbers[k] = table[sample % 3, name % 17, rank % 31]
    return numbers


def assert_same(actual, expected, bound):
    """Every entry to within `bound` times the largest."""
    assert actual.shape == expected.shape
    assert np.max(np.abs(actual - expected), initial=0.0) <= bound * np.max(np.abs(expected), initial=0.0)


def test_one_input_gives_the_spike_time_and_derivative_of_exact_arithmetic():
    solution = EventEngine().solve(single(8.0, [1.0]))
    assert solution.spikes.times == pytest.approx([5.11660862858557935046], rel=4 * EPS)
    assert solution.gradients.weights["in->n"][0, 0] == pytest.approx(-0.99531457338171713349, rel=8 * EPS)
    assert solution.gradients.input_times == pytest.approx([1.0], rel=8 * EPS)


def test_a_network_without_input_is_silent():
    solution = EventEngine().solve(single(8.0, []))
    assert len(solution.spikes) == 0
    assert solution.loss == 0.0
    assert solution.diagnostics.min_vdot is None


def test_input_after_the_end_has_no_effect_and_no_gradient():
    solution = EventEngine().solve(single(8.0, [1.0, 150.0]))
    assert len(solution.spikes) == 1
    assert solution.gradients.input_times[1] == 0.0


@given(seeds, st.integers(2, 5))
def test_the_number_of_threads_does_not_change_a_bit(seed, threads):
    samples, labels = yin_yang(37, seed)
    problem = yin_yang_problem(samples, labels, seed, n_hidden=7)
    one, many = EventEngine().solve(problem), EventEngine(threads=threads).solve(problem)
    assert np.array_equal(one.spikes.times, many.spikes.times)
    for name, w in one.gradients.weights.items():
        assert np.array_equal(w, many.gradients.weights[name])
    assert np.array_equal(one.gradients.input_times, many.gradients.input_times)


def test_a_batch_has_the_bits_of_its_samples_one_by_one():
    samples, labels = yin_yang(20, 1)
    batch = EventEngine().solve(yin_yang_problem(samples, labels, 0, n_hidden=30))
    for n in range(20):
        alone = EventEngine().solve(yin_yang_problem(samples[n : n + 1], labels[n : n + 1], 0, n_hidden=30))
        assert np.array_equal(alone.spikes.times, batch.spikes.sample(n).times)
        assert alone.sample_losses[0] == batch.sample_losses[n]


@given(seeds)
def test_solving_twice_gives_the_same_bits(seed):
    first, second = (EventEngine().solve(random_problem(seed)) for _ in range(2))
    assert np.array_equal(first.spikes.times, second.spikes.times)
    assert first.diagnostics == second.diagnostics
    assert all(np.array_equal(w, second.gradients.weights[n]) for n, w in first.gradients.weights.items())


@given(seeds, st.sampled_from([0.25, 0.5, 4.0, 1024.0]))
def test_another_unit_of_time_scales_spike_times_exactly(seed, unit):
    problem = replace(random_problem(seed), loss=None)
    network = replace(
        problem.network, projections=tuple(replace(p, delay=p.delay * unit) for p in problem.network.projections)
    )
    neurons = {
        name: replace(p, tau_mem=p.tau_mem * unit, tau_syn=p.tau_syn * unit)
        for name, p in problem.parameters.neurons.items()
    }
    s = problem.stimulus
    stimulus = Stimulus(s.times * unit, s.channels, s.offsets, s.duration * unit)
    scaled = Problem(network, Parameters(problem.parameters.weights, neurons), stimulus)
    a, b = EventEngine().run(problem).spikes, EventEngine().run(scaled).spikes
    assert np.array_equal(a.times * unit, b.times)


@given(seeds, st.sampled_from([0.125, 2.0, 64.0]))
def test_another_unit_of_voltage_changes_no_spike_time(seed, unit):
    problem = replace(random_problem(seed), loss=None)
    neurons = {
        name: p if p.v_th is None else replace(p, v_th=p.v_th * unit, v_reset=p.v_reset * unit)
        for name, p in problem.parameters.neurons.items()
    }
    weights = {name: w * unit for name, w in problem.parameters.weights.items()}
    scaled = replace(problem, parameters=Parameters(weights, neurons))
    assert np.array_equal(EventEngine().run(problem).spikes.times, EventEngine().run(scaled).spikes.times)


def test_a_shift_of_the_input_shifts_the_spikes():
    early, late = (EventEngine().solve(single(9.0, [1.0 + s, 3.0 + s, 4.5 + s])) for s in (0.0, 16.0))
    assert late.spikes.times == pytest.approx(early.spikes.times + 16.0, rel=8 * EPS)


def renumbered(problem, seed):
    """The problem with the neurons of every population permuted, and the old number of each new neuron."""
    network, rng = problem.network, np.random.default_rng(seed)
    order = {p.name: rng.permutation(p.size) for p in network.populations}
    weights, neurons = {}, {}
    for p in network.projections:
        rows = np.arange(network.shape(p)[0]) if network.from_input(p) else order[p.pre]
        weights[p.name] = problem.parameters.weights[p.name][np.ix_(rows, order[p.post])]
    for name, p in problem.parameters.neurons.items():
        values = (p.tau_mem, p.tau_syn, p.v_th, p.v_reset)
        neurons[name] = NeuronParameters(*(x if x is None or x.ndim == 0 else x[order[name]] for x in values))
    permuted = replace(problem, parameters=Parameters(weights, neurons))
    return permuted, order, [network.neurons(p.name).start + int(k) for p in network.populations for k in order[p.name]]


@given(seeds)
def test_numbering_the_neurons_of_a_population_otherwise_permutes_the_solution(seed):
    problem = replace(random_problem(seed), loss=None)
    network = problem.network
    permuted, order, names = renumbered(problem, seed)
    a, b = EventEngine().run(problem), EventEngine().run(permuted)
    for sample in range(a.spikes.n_samples):
        one, other = a.spikes.sample(sample), b.spikes.sample(sample)
        for p in network.populations:
            trains, permuted_trains = one.trains(network.neurons(p.name)), other.trains(network.neurons(p.name))
            for new, old in enumerate(order[p.name]):
                assert permuted_trains[new] == pytest.approx(trains[old], rel=RENUMBERED)
    g, h = a.vjp(cotangents_of(a.spikes, seed)), b.vjp(cotangents_of(b.spikes, seed, names))
    for p in network.projections:
        rows = np.arange(network.shape(p)[0]) if network.from_input(p) else order[p.pre]
        assert_same(h.weights[p.name], g.weights[p.name][np.ix_(rows, order[p.post])], RENUMBERED)
    assert_same(h.input_times, g.input_times, RENUMBERED)


@given(seeds)
def test_a_weight_split_into_two_coincident_halves_gives_the_same_spikes_and_gradients(seed):
    problem = replace(random_problem(seed), loss=None)
    halved = with_weights(problem, lambda name, w: w / 2 if name.startswith("in->") else w)
    s = problem.stimulus
    doubled = Stimulus(np.repeat(s.times, 2), np.repeat(s.channels, 2), 2 * s.offsets, s.duration)
    a, b = EventEngine().run(problem), EventEngine().run(replace(halved, stimulus=doubled))
    assert np.array_equal(a.spikes.neurons, b.spikes.neurons)
    assert a.spikes.times == pytest.approx(b.spikes.times, rel=REWRITTEN)
    g, h = (run.vjp(cotangents_of(run.spikes, seed)) for run in (a, b))
    for name, w in g.weights.items():
        assert_same(h.weights[name], 2.0 * w if name.startswith("in->") else w, REWRITTEN)
    assert_same(h.input_times[::2], g.input_times / 2, REWRITTEN)
    assert_same(h.input_times[1::2], g.input_times / 2, REWRITTEN)


@given(seeds)
def test_spikes_with_weight_zero_change_nothing_but_rounding(seed):
    problem = replace(random_problem(seed), loss=None)
    network = problem.network
    silent = Input("silent", 1)
    target = network.populations[0].name
    wider = Network(
        (*network.inputs, silent), network.populations, (*network.projections, Projection("silent", target))
    )
    shape = (1, network.population(target).size)
    weights = {**problem.parameters.weights, f"silent->{target}": np.zeros(shape)}
    s = problem.stimulus
    samples = []
    for n in range(s.n_samples):
        times, channels = s.sample(n)
        extra = np.linspace(0.0, s.duration, 7)
        samples.append((np.append(times, extra), np.append(channels, np.full(7, network.n_channels))))
    more = Problem(wider, Parameters(weights, problem.parameters.neurons), Stimulus.of_samples(samples, s.duration))
    a, b = EventEngine().run(problem), EventEngine().run(more)
    assert np.array_equal(np.sort(a.spikes.neurons), np.sort(b.spikes.neurons))
    assert np.sort(a.spikes.times) == pytest.approx(np.sort(b.spikes.times), rel=REWRITTEN)
    g, h = (run.vjp(cotangents_of(run.spikes, seed)) for run in (a, b))
    own = more.stimulus.channels < network.n_channels
    for name, w in g.weights.items():
        assert_same(h.weights[name], w, REWRITTEN)
    assert_same(h.input_times[own], g.input_times, REWRITTEN)
    assert not np.any(h.input_times[~own])


@given(seeds)
def test_the_adjoint_is_linear_in_the_cotangents(seed):
    run = EventEngine().run(random_problem(seed))
    x, y = np.random.default_rng(seed).normal(size=(2, len(run.spikes)))
    parts, whole = (run.vjp(x), run.vjp(4.0 * y)), run.vjp(x + 4.0 * y)
    for a, b, both in zip(*(flat(g) for g in (*parts, whole)), strict=True):
        largest = np.max(np.abs(a), initial=0.0) + np.max(np.abs(b), initial=0.0)
        assert np.max(np.abs(both - (a + b)), initial=0.0) <= LINEAR * largest


@given(seeds, st.sampled_from([-1.0, 0.25, 4.0, 2.0**40]))
def test_a_power_of_two_passes_through_the_adjoint_without_rounding(seed, factor):
    run = EventEngine().run(random_problem(seed))
    x = np.random.default_rng(seed).normal(size=len(run.spikes))
    for one, scaled in zip(flat(run.vjp(x)), flat(run.vjp(factor * x)), strict=True):
        assert np.array_equal(factor * one, scaled)


def flat(gradients):
    return [*gradients.weights.values(), gradients.input_times]


@pytest.mark.parametrize("seed", [0, 3, 6, 13, 20])
def test_cotangent_times_jacobian_is_the_same_from_both_sides(seed):
    problem = random_problem(seed)
    run, jacobian = EventEngine().run(problem), spike_time_jacobian(problem, dps=30)
    ours = np.lexsort((run.spikes.times, run.spikes.neurons, run.spikes.samples()))
    theirs = np.lexsort((jacobian.spikes.times.astype(float), jacobian.spikes.neurons, jacobian.spikes.samples()))
    rng = np.random.default_rng(seed)
    cotangents, tangent = rng.normal(size=len(ours)), rng.normal(size=len(jacobian.parameters))
    pushed = jacobian.values[theirs].astype(float) @ tangent
    spread = np.empty(len(ours))
    spread[ours] = cotangents
    pulled = run.vjp(spread)
    flat = np.concatenate([*(w.ravel() for w in pulled.weights.values()), pulled.input_times])
    terms = np.abs(cotangents) @ np.abs(jacobian.values[theirs].astype(float)) @ np.abs(tangent)
    assert abs(cotangents @ pushed - flat @ tangent) <= 1e-11 * terms


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


@pytest.mark.parametrize("delay", [0.0, 1.5])
def test_a_population_in_two_halves_gives_the_same_spikes(delay):
    rng = np.random.default_rng(5)
    w_in, w = rng.normal(6.0, 3.0, (3, 6)), rng.normal(0.0, 1.0, (6, 6))
    stimulus = Stimulus.of_channels([[1.0, 20.0], [5.0], [7.0, 9.0]], 80.0)
    whole = Network((Input("in", 3),), (Population("n", 6),), (Projection("in", "n"), Projection("n", "n", delay)))
    parameters = Parameters({"in->n": w_in, "n->n": w}, {"n": NeuronParameters(20.0, 5.0)})
    a = EventEngine().solve(Problem(whole, parameters, stimulus))
    names = ("a", "b")
    halves = Network(
        (Input("in", 3),),
        (Population("a", 3), Population("b", 3)),
        (*(Projection("in", q) for q in names), *(Projection(p, q, delay) for p in names for q in names)),
    )
    part = {"a": slice(0, 3), "b": slice(3, 6)}
    weights = {f"in->{q}": w_in[:, part[q]] for q in names}
    weights |= {f"{p}->{q}": w[part[p], part[q]] for p in names for q in names}
    split = Parameters(weights, dict.fromkeys(names, NeuronParameters(20.0, 5.0)))
    b = EventEngine().solve(Problem(halves, split, stimulus))
    assert len(a.spikes) > 10
    assert np.array_equal(a.spikes.neurons, b.spikes.neurons)
    assert a.spikes.times == pytest.approx(b.spikes.times, rel=1e-12)


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
    assert solution.gradients.input_times == pytest.approx(expected.gradients.input_times)


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
    assert np.max(np.abs(solution.spikes.times - expected.spikes.times.astype(float))) < 1e-10


@pytest.mark.parametrize("margin", [1e-3, 1e-6, 1e-9, 1e-12])
def test_a_spike_close_to_grazing_has_a_gradient_that_grows_like_one_over_the_root(margin):
    # tau_mem = 2 tau_syn: V = w (x - x^2) with x = exp(-t / tau_mem), so t = -tau_mem log((1 + sqrt(1 - 4 / w)) / 2)
    w = 4.0 * (1.0 + margin)
    gradient = EventEngine().solve(single(w, [0.0], tau_mem=4.0, tau_syn=2.0)).gradients.weights["in->n"][0, 0]
    root = np.sqrt((w - 4.0) / w)
    assert gradient == pytest.approx(-4.0 / (1 + root) * 2 / (w * w * root), rel=1e-3 if margin < 1e-10 else 1e-5)


def test_a_grazing_spike_has_a_time_but_its_gradient_is_refused():
    run = EventEngine().run(single(4.0, [0.0], tau_mem=4.0, tau_syn=2.0))
    assert run.spikes.times == pytest.approx([4.0 * np.log(2.0)], rel=1e-6)
    with pytest.raises(GrazingSpike, match="neuron 0 grazes its threshold"):
        run.vjp(np.ones(1))


def test_the_loss_of_the_user_enters_with_value_and_derivative():
    def squared(trains):
        return sum(t * t for t in trains[0]), [[2.0 * t for t in trains[0]]]

    problem = replace(single(9.0, [1.0, 2.0]), loss=SpikeTimeFunction("n", squared))
    run, solution = EventEngine().run(problem), EventEngine().solve(problem)
    expected = run.vjp(2.0 * run.spikes.times)
    assert solution.loss == pytest.approx(np.sum(run.spikes.times**2))
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
