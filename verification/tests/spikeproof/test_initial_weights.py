"""Initial weights with which neurons fire: the statistics they are made for, and counted spikes."""

from dataclasses import replace

import numpy as np
import pytest

import spikeproof as sp
from spikeproof.network import Projection
from spikeproof_verification.checks.tolerances import DRAWN

SIZE, DURATION, RATE, CHANNELS = 400, 4000.0, 0.004, 1000
NEURONS = sp.NeuronParameters(20.0, 5.0)


def poisson(n_channels, rate, duration, n_samples=1, seed=0):
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(n_samples):
        n = rng.poisson(rate * duration * n_channels)
        samples.append((rng.uniform(0.0, duration, n), rng.integers(0, n_channels, n)))
    return sp.Stimulus.of_samples(samples, duration)


def v_of(network, weights, neurons, stimulus):
    """V of integrators at late times; nothing spikes, so no engine is needed."""
    problem = sp.Problem(network, sp.Parameters(weights, neurons), stimulus)
    nothing = np.zeros(0)
    spikes = sp.Spikes(nothing, np.zeros(0, np.int64), np.zeros(stimulus.n_samples + 1, np.int64), nothing)
    solution = sp.Solution("none", problem, spikes, nothing, nothing)
    return solution.voltage("output", np.linspace(0.1 * DURATION, DURATION, 100))[0]


@pytest.mark.parametrize(("mean", "distance"), [(0.0, 1.0), (0.5, 2.0)])
@pytest.mark.parametrize("probability", [1.0, 0.25])
def test_v_has_the_mean_and_the_spread_that_are_asked_for(mean, distance, probability):
    pairs = None if probability == 1.0 else sp.Synapses.random(CHANNELS, SIZE, probability, seed=1)
    network = sp.Network(
        [sp.Input("input", CHANNELS)], [sp.Population("output", SIZE, "li")],
        [Projection("input", "output", synapses=pairs)],
    )  # fmt: skip
    neurons = {"output": sp.NeuronParameters(np.repeat([20.0, 10.0], SIZE // 2), 5.0, bias=0.25)}
    weights = sp.fluctuation_driven_weights(network, neurons, RATE, 3, mean=mean, distance=distance)
    v = v_of(network, weights, neurons, poisson(CHANNELS, RATE, DURATION))
    for half in (v[: SIZE // 2], v[SIZE // 2 :]):
        assert np.mean(half) == pytest.approx(0.25 + mean, rel=0.0, abs=DRAWN)
        over_time = np.sqrt(np.mean(np.var(half, axis=1, ddof=1)))  # each neuron has a mean of its own besides
        assert over_time == pytest.approx((1.0 - mean) / distance, rel=DRAWN, abs=0.0)


def test_thresholds_count_and_shares_divide_the_variance():
    network = sp.Network(
        [sp.Input("a", 50), sp.Input("b", 50)], [sp.Population("h", 300)], [Projection("a", "h"), Projection("b", "h")]
    )
    neurons = {"h": sp.NeuronParameters(20.0, 5.0, v_th=3.0, bias=1.0)}
    rates, shares = {"a": 0.01, "b": 0.04}, {"a->h": 0.2, "b->h": 0.8}
    weights = sp.fluctuation_driven_weights(network, neurons, rates, 0, shares=shares)
    unit = 5.0**2 / (2.0 * 25.0)
    for name, rate, share in (("a->h", 0.01, 0.2), ("b->h", 0.04, 0.8)):
        sigma = np.sqrt(share * 2.0**2 / (50 * rate * unit))
        assert np.std(weights[name]) == pytest.approx(sigma, rel=DRAWN, abs=0.0)
        assert abs(np.mean(weights[name])) < DRAWN * sigma


def test_the_same_seed_draws_the_same_weights_and_another_one_others():
    network, neurons = sp.chain(5, 4, 3), {"hidden": NEURONS, "output": NEURONS}
    one, again, other = (sp.fluctuation_driven_weights(network, neurons, 0.1, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not any(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.compiled
@pytest.mark.parametrize("seed", [0, 1, 4])
def test_a_deep_network_fires_in_all_its_layers_at_about_the_rate_that_was_assumed(seed):
    network = sp.chain(30, 20, 20, sp.Layer(20, recurrent=True, recurrent_delay=1.0), 10)
    neurons = {p.name: NEURONS for p in network.populations}
    stimulus, rate = poisson(30, 0.02, 300.0), 0.02
    rates = {**dict.fromkeys(neurons, rate), **sp.mean_rates(network, stimulus)}
    weights = sp.fluctuation_driven_weights(network, neurons, rates, seed)
    for factor in (1.0, 0.01):
        scaled = {name: factor * w for name, w in weights.items()}
        spikes = sp.EventEngine().solve(sp.Problem(network, sp.Parameters(scaled, neurons), stimulus)).spikes
        counts = np.bincount(spikes.neurons, minlength=network.n_neurons)
        for own in map(network.neurons, neurons):
            mine = counts[own.start : own.stop]
            if factor == 1.0:
                assert np.mean(mine > 0) >= 0.5
                assert 0.25 * rate < np.mean(mine) / 300.0 < 5.0 * rate
            else:
                assert not np.any(mine)


def test_neurons_drive_each_other_less_than_their_input_does_unless_it_is_asked_for():
    network = sp.chain(100, sp.Layer(100, recurrent=True))
    neurons, names = {"output": NEURONS}, ("input->output", "output->output")
    default = sp.fluctuation_driven_weights(network, neurons, 0.1, 0)
    asked = sp.fluctuation_driven_weights(network, neurons, 0.1, 0, shares=dict.fromkeys(names, 0.5))
    for weights, ratio in ((default, 3.0), (asked, 1.0)):  # of the square roots of 0.9 and 0.1
        assert np.std(weights[names[0]]) / np.std(weights[names[1]]) == pytest.approx(ratio, rel=DRAWN, abs=0.0)


def test_rates_are_those_of_a_channel_until_the_end():
    network = sp.Network([sp.Input("a", 2), sp.Input("b", 1)], [sp.Population("h", 1)], [])
    stimulus = sp.Stimulus.of_samples([([0.0, 1.0, 4.0, 5.0], [0, 1, 2, 2]), ([2.0], [0])], 4.0)
    assert sp.mean_rates(network, stimulus) == {"a": 3 / (2 * 2 * 4.0), "b": 1 / (2 * 4.0)}


@pytest.mark.compiled
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_scaled_weights_fire_as_often_as_asked_whatever_they_were(scale):
    network = sp.chain(5, 8, sp.Layer(8, recurrent=True, recurrent_delay=0.5), sp.Layer(3, kind="li"))
    start = {name: scale * w for name, w in sp.normal_weights(network, (0.5, 1.0), seed=4).items()}
    neurons = {p.name: NEURONS for p in network.populations}
    stimulus = poisson(5, 0.2, 30.0, n_samples=2)
    engine = sp.EventEngine(event_limit=20_000)  # with large weights neurons run away
    weights = sp.firing_weights(network, sp.Parameters(start, neurons), stimulus, 1.5, engine=engine)
    spikes = sp.EventEngine().solve(sp.Problem(network, sp.Parameters(weights, neurons), stimulus)).spikes
    for name in ("hidden1", "hidden2"):
        own = network.neurons(name)
        assert 1.5 <= np.sum((spikes.neurons >= own.start) & (spikes.neurons < own.stop)) / (8 * 2) < 2.0
    assert np.array_equal(weights["hidden2->output"], start["hidden2->output"])
    factor = weights["input->hidden1"] / start["input->hidden1"]
    assert np.allclose(factor, factor[0, 0], rtol=1e-15, atol=0.0)


@pytest.mark.compiled
def test_a_neuron_that_its_bias_makes_fire_keeps_its_weights_and_one_that_is_inhibited_is_refused():
    network = sp.chain(1, 1)
    stimulus = sp.Stimulus([0.0], [0], [0, 1], 60.0)
    for bias, weight in ((1.5, 0.5), (0.0, -0.5)):
        parameters = sp.Parameters({"input->output": [[weight]]}, {"output": replace(NEURONS, bias=bias)})
        if bias:
            assert sp.firing_weights(network, parameters, stimulus) == {"input->output": [[0.5]]}
        else:
            with pytest.raises(sp.InvalidInput, match=r"^spikes: got \"'output', which does not\""):
                sp.firing_weights(network, parameters, stimulus)


@pytest.mark.compiled
def test_more_spikes_than_the_engine_counts_are_refused():
    parameters = sp.Parameters({"input->output": [[0.5, 0.5]]}, {"output": NEURONS})
    stimulus, engine = sp.Stimulus([0.0], [0], [0, 1], 60.0), sp.EventEngine(event_limit=100)
    assert sp.firing_weights(sp.chain(1, 2), parameters, stimulus, 20.0, engine=engine)["input->output"][0, 0] > 1.0
    with pytest.raises(sp.InvalidInput, match=r"^spikes: got 60.0; allowed: at most 50 here: the engine stops"):
        sp.firing_weights(sp.chain(1, 2), parameters, stimulus, 60.0, engine=engine)


CHAIN, BOTH = sp.chain(5, 4, 3), {"hidden": NEURONS, "output": NEURONS}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rates": {"input": 0.1}}, r"rates\.hidden"),
        ({"rates": {"input": 0.1, "hidden": 0.0}}, r"rates\.hidden"),
        ({"mean": 1.0}, "mean"),
        ({"mean": 0.9, "distance": 3.0}, "mean"),
        ({"distance": 0.0}, "distance"),
        ({"shares": {"input->hidden": 1.0, "hidden->output": 0.5}}, "shares"),
        ({"shares": {"input->hidden": 1.0}}, "shares"),
        ({"neurons": {**BOTH, "hidden": replace(NEURONS, bias=1.0)}}, r"neurons, v_th - bias\[0\]"),
        ({"neurons": {"hidden": NEURONS}}, r"parameters\.neurons\.output"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change, field):
    right = {"network": CHAIN, "neurons": BOTH, "rates": 0.1, "seed": 0}
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        sp.fluctuation_driven_weights(**{**right, **change})
