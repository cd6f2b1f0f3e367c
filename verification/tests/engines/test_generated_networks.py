"""Properties of the event engine on generated networks, of every topology and regime, and with any cotangents."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spikeproof import (
    EventEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)
from spikeproof.neuron_parameters import NEURON_PARAMETERS, PARAMETER_NAMES
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference import spike_time_jacobian
from spikeproof_verification import random_problem
from spikeproof_verification.checks.tolerances import (
    AMPLIFIED,
    LINEAR,
    RENUMBERED,
    REWRITTEN,
    RUN,
)
from spikeproof_verification.properties.changes import with_weights

TIMES = [p.name for p in NEURON_PARAMETERS if p.unit == "time"]
seeds = st.integers(0, 2000)


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
        name: replace(p, **{key: x * unit for key in TIMES if (x := getattr(p, key)) is not None})
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


def renumbered(problem, seed):
    """The problem with the neurons of every population permuted, and the old number of each new neuron."""
    network, rng = problem.network, np.random.default_rng(seed)
    order = {p.name: rng.permutation(p.size) for p in network.populations}
    weights, neurons = {}, {}
    for p in network.projections:
        rows = np.arange(network.shape(p)[0]) if network.from_input(p) else order[p.pre]
        weights[p.name] = problem.parameters.weights[p.name][np.ix_(rows, order[p.post])]
    for name, p in problem.parameters.neurons.items():
        values = {key: getattr(p, key) for key in PARAMETER_NAMES}
        neurons[name] = NeuronParameters(
            **{key: x if x is None or x.ndim == 0 else x[order[name]] for key, x in values.items()}
        )
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
                assert permuted_trains[new] == pytest.approx(trains[old], rel=RENUMBERED, abs=0.0)
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
    assert a.spikes.times == pytest.approx(b.spikes.times, rel=REWRITTEN, abs=0.0)
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
    assert np.sort(a.spikes.times) == pytest.approx(np.sort(b.spikes.times), rel=REWRITTEN, abs=0.0)
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
    assert abs(cotangents @ pushed - flat @ tangent) <= AMPLIFIED * terms


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
    assert a.spikes.times == pytest.approx(b.spikes.times, rel=RUN, abs=0.0)
