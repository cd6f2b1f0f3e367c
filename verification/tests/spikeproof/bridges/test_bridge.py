"""The bridge that all frameworks share: arrays in, arrays out, compared with the high-precision reference."""

import sys
from importlib import import_module

import numpy as np
import pytest
from bridged import DURATION, INPUT_TIMES, factors, flat, leaky_bridge, once, spiking_bridge, weights_of

import spikeproof as sp
from spikeproof.bridges import Bridge, MaxVoltages, SpikeTimes, Voltages, padded
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import AMPLIFIED, SHORT_RUN

INPUTS = [([1.0, 4.0, 9.0], [0, 1, 1]), ([2.0, 2.5], [1, 0])]  # what `INPUT_TIMES` says, sample by sample


def reference(bridge, weights, sample, loss):
    """The solution of one sample by the high-precision engine, from its own lists of input spikes."""
    stimulus = sp.Stimulus.of_samples([INPUTS[sample]], DURATION)
    problem = sp.Problem(bridge.network, sp.Parameters(weights, bridge.neurons), stimulus, loss)
    return MpEngine(dps=30).solve(problem)


def weighted_trains(c):
    """The sum of spike times of one sample, each times its factor, with its derivatives."""

    def function(trains):
        terms = [row[: len(t)] * t for row, t in zip(c, trains, strict=True)]
        return sum(np.sum(term) for term in terms), [row[: len(t)] for row, t in zip(c, trains, strict=True)]

    return function


def assert_close(got, expected):
    expected = np.asarray(expected).astype(float)
    assert np.abs(got - expected).max() <= AMPLIFIED * (1.0 + np.abs(expected).max())


@pytest.mark.compiled
def test_spike_times_are_those_of_the_reference_padded_with_infinity():
    bridge = spiking_bridge()
    weights = weights_of(bridge)
    times = bridge.values(flat(weights), INPUT_TIMES)
    assert times.shape == (2, 2, 20)
    for sample in range(2):
        spikes = reference(bridge, weights, sample, None).spikes
        for neuron, train in enumerate(spikes.trains(bridge.network.neurons("output"))):
            assert_close(times[sample, neuron, : len(train)], train)
            assert np.all(np.isposinf(times[sample, neuron, len(train) :]))


@pytest.mark.compiled
@pytest.mark.parametrize("threads", [1, 2])
def test_the_pull_back_of_spike_times_is_the_gradient_of_their_weighted_sum(threads):
    own = spiking_bridge()
    bridge = Bridge(own.network, own.neurons, DURATION, own.reading, sp.EventEngine(threads=threads))
    weights = weights_of(bridge)
    times = bridge.values(flat(weights), INPUT_TIMES)
    c = np.where(np.isfinite(times), factors(times.shape), 0.0)
    d_weights, d_times = bridge.pullback(flat(weights), INPUT_TIMES, c)
    found = [reference(bridge, weights, s, sp.SpikeTimeFunction("output", weighted_trains(c[s]))) for s in range(2)]
    assert_close(d_weights, sum(flat(solution.gradients.weights) for solution in found))
    assert_close(d_times[0].ravel()[[0, 2, 3]], found[0].gradients.input_times)
    assert_close(d_times[1].ravel()[[2, 0]], found[1].gradients.input_times)
    assert np.all(d_times[np.isinf(INPUT_TIMES)] == 0.0)


@pytest.mark.compiled
def test_the_pull_back_of_potentials_is_the_gradient_of_their_weighted_sum():
    bridge = leaky_bridge()
    weights, c = weights_of(bridge), factors((2, *bridge.shape))
    values = bridge.values(flat(weights), INPUT_TIMES)
    d_weights, _ = bridge.pullback(flat(weights), INPUT_TIMES, c)
    found = [
        reference(
            bridge,
            weights,
            s,
            sp.VoltageFunction("output", bridge.reading.times, lambda v, c=c[s]: (np.sum(c * v), c)),
        )
        for s in range(2)
    ]
    assert values.shape == (2, 2, 4)
    for s in range(2):
        assert_close(values[s], found[s].observed[0][0])
    assert_close(d_weights, sum(flat(solution.gradients.weights) for solution in found))


@pytest.mark.compiled
def test_largest_potentials_and_their_pull_back_are_those_of_the_reference():
    bridge = leaky_bridge(MaxVoltages("output"))
    weights = weights_of(bridge)
    found = reference(bridge, weights, 0, sp.MaxVoltageCrossEntropy("output", [1]))
    values = bridge.values(flat(weights), INPUT_TIMES[:1])
    assert_close(values[0], found.observed[0][0])
    p = np.exp(values[0] - values[0].max())
    c = p / p.sum() - [0.0, 1.0]
    d_weights, _ = bridge.pullback(flat(weights), INPUT_TIMES[:1], c[None])
    assert_close(d_weights, flat(found.gradients.weights))


@pytest.mark.compiled
def test_any_leading_axes_are_samples():
    bridge = once()
    weights, many = flat(weights_of(bridge)), np.stack([INPUT_TIMES, INPUT_TIMES + 0.5, INPUT_TIMES + 1.0])
    values = bridge.values(weights, many)
    assert values.shape == (3, 2, 2, 1)
    assert bridge.values(weights, INPUT_TIMES[0]).shape == (2, 1)
    assert np.array_equal(values[1, 1], bridge.values(weights, many[1, 1]))
    c = factors(values.shape)
    d_weights, d_times = bridge.pullback(weights, many, c)
    parts = [bridge.pullback(weights, many[k], c[k]) for k in range(3)]
    for got, expected in ((d_weights, sum(p[0] for p in parts)), (d_times, np.stack([p[1] for p in parts]))):
        assert np.abs(got - expected).max() <= SHORT_RUN * np.abs(expected).max()


@pytest.mark.compiled
def test_the_order_of_spikes_within_a_channel_does_not_matter():
    bridge = once()
    weights, turned = flat(weights_of(bridge)), INPUT_TIMES[..., ::-1]
    c = factors((2, 2, 1))
    assert np.array_equal(bridge.values(weights, INPUT_TIMES), bridge.values(weights, turned))
    assert np.array_equal(
        bridge.pullback(weights, INPUT_TIMES, c)[1], bridge.pullback(weights, turned, c)[1][..., ::-1]
    )


@pytest.mark.compiled
def test_a_neuron_that_spikes_more_often_than_there_is_room_is_an_error_by_name():
    bridge = spiking_bridge(max_spikes=2)
    match = r"reading.max_spikes: got 2; allowed: at least \d+: output\[0\] spikes \d+ times in sample 0"
    with pytest.raises(sp.InvalidInput, match=match):
        bridge.values(flat(weights_of(bridge)), INPUT_TIMES)
    with pytest.raises(sp.InvalidInput, match=match):
        bridge.pullback(flat(weights_of(bridge)), INPUT_TIMES, np.zeros((2, 2, 2)))


@pytest.mark.compiled
def test_a_derivative_by_a_spike_that_is_not_there_is_refused():
    bridge = spiking_bridge()
    with pytest.raises(sp.InvalidInput, match=r"cotangents\[0\]\[0\]\[\d+\]: got 1.0; allowed: 0 where no spike is"):
        bridge.pullback(flat(weights_of(bridge)), INPUT_TIMES, np.ones((2, 2, 20)))


@pytest.mark.compiled
def test_what_the_engine_refuses_keeps_its_name():
    bridge, silent = spiking_bridge(), np.zeros(12)
    busy = Bridge(bridge.network, bridge.neurons, DURATION, bridge.reading, sp.EventEngine(event_limit=3))
    with pytest.raises(sp.EventLimitExceeded):
        busy.values(flat(weights_of(bridge)), INPUT_TIMES)
    assert np.all(np.isposinf(bridge.values(silent, INPUT_TIMES)))


WRONG = {
    "negative time": ({"input_times": -INPUT_TIMES}, r"input_times\[0\]\[0\]\[0\]: got -1.0"),
    "not a number": ({"input_times": np.full((1, 2, 1), np.nan)}, r"input_times\[0\]\[0\]\[0\]: got nan"),
    "channels": ({"input_times": np.ones((1, 3, 1))}, r"input_times: got 'shape \(1, 3, 1\)'"),
    "no sample": ({"input_times": np.ones((0, 2, 1))}, r"input_times: got 'shape \(0, 2, 1\)'; allowed: at least one"),
    "single precision": ({"input_times": np.ones((1, 2, 1), np.float32)}, "input_times: got 'numbers of type float32'"),
    "weights": ({"weights": np.zeros(11)}, r"weights: got 'shape \(11,\)'; allowed: shape \(12,\)"),
    "infinite weight": ({"weights": np.full(12, np.inf)}, "weights"),
    "cotangents": ({"cotangents": np.zeros((2, 2, 3))}, r"cotangents: got 'shape \(2, 2, 3\)'"),
    "cotangent that is no number": (
        {"cotangents": np.full((2, 2, 1), np.nan)},
        r"cotangents\[0\]\[0\]\[0\]: got 'not a",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arrays_are_refused_by_name(name):
    change, match = WRONG[name]
    right = {"weights": np.zeros(12), "input_times": INPUT_TIMES, "cotangents": np.zeros((2, 2, 1))}
    with pytest.raises(sp.InvalidInput, match=match):
        once().pullback(**{**right, **change})


@pytest.mark.parametrize(
    ("reading", "match"),
    [
        (SpikeTimes("readout", 3), "got 'readout'; allowed: a lif population"),
        (MaxVoltages("output"), "got 'output'; allowed: a li population"),
        (Voltages("output", [61.0]), r"times\[0\]: got 61.0"),
        ("output", "reading: got 'output'"),
    ],
)
def test_a_reading_that_does_not_fit_is_refused_at_once(reading, match):
    own = spiking_bridge()
    with pytest.raises(sp.InvalidInput, match=match):
        Bridge(own.network, own.neurons, DURATION, reading)


def test_input_spikes_as_an_array_hold_the_spikes_of_the_stimulus():
    stimulus = sp.Stimulus.of_samples([([1.0, 4.0, 9.0], [0, 1, 1]), ([2.5, 2.0], [0, 1])], DURATION)
    assert np.array_equal(padded(stimulus, 2, 2), INPUT_TIMES)
    assert padded(stimulus, 3, 4).shape == (2, 3, 4)
    with pytest.raises(
        sp.InvalidInput, match="max_spikes: got 1; allowed: at least 2: channel 1 has 2 spikes in sample 0"
    ):
        padded(stimulus, 2, 1)


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_without_the_framework_one_line_says_what_to_install(framework, monkeypatch):
    monkeypatch.setitem(sys.modules, framework, None)
    monkeypatch.delitem(sys.modules, f"spikeproof.bridges.{framework}", raising=False)
    with pytest.raises(ModuleNotFoundError, match=rf"is not installed: pip install 'spikeproof\[{framework}\]'"):
        import_module(f"spikeproof.bridges.{framework}")


def test_without_nir_a_graph_is_not_written(monkeypatch):
    monkeypatch.setitem(sys.modules, "nir", None)
    bridge = spiking_bridge()
    parameters = sp.Parameters(weights_of(bridge), bridge.neurons)
    with pytest.raises(ModuleNotFoundError, match=r"NIR is not installed: pip install 'spikeproof\[nir\]'"):
        import_module("spikeproof.bridges.nir").to_nir(bridge.network, parameters, spike="jump", unit=1.0)
