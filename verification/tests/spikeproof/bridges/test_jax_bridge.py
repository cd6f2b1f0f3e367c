"""The function of JAX: its own checker of gradients, `jit`, `grad` and `vmap`, and errors raised as they are."""

import numpy as np
import pytest
from bridged import INPUT_TIMES, factors, flat, leaky_bridge, once, spiking_bridge, weights_of

import spikeproof as sp
from spikeproof.bridges import Bridge, MaxVoltages, SpikeTimes
from spikeproof_verification.checks.tolerances import SHORT_RUN

jax = pytest.importorskip("jax", reason="JAX is not installed: pip install 'spikeproof[jax]'")
jnp = pytest.importorskip("jax.numpy")
test_util = pytest.importorskip("jax.test_util")
bridged_jax = pytest.importorskip("spikeproof.bridges.jax")

pytestmark = pytest.mark.compiled


@pytest.fixture(autouse=True)
def in_double_precision():
    with jax.enable_x64(True):
        yield


def arrays(bridge):
    return {name: jnp.asarray(w) for name, w in weights_of(bridge).items()}, jnp.asarray(INPUT_TIMES)


def values_of(bridge):
    """The reading without its mask."""
    network = bridged_jax.spiking(bridge)

    def values(weights, times):
        found = network(weights, times)
        return found.times if isinstance(bridge.reading, SpikeTimes) else found

    return values


def weighted_sum(bridge, seed=3):
    """The sum of a reading, each number times a factor, 0 where no spike is."""
    values = values_of(bridge)

    def function(weights, times):
        found = values(weights, times)
        c = factors(found.shape, seed)
        return jnp.sum(jnp.where(jnp.isfinite(found), c * found, 0.0))

    return function


BRIDGES = {"t": once(), "padded": spiking_bridge(), "v": leaky_bridge(), "max": leaky_bridge(MaxVoltages("output"))}


@pytest.mark.parametrize("name", BRIDGES)
def test_the_function_passes_check_grads(name):
    function, (weights, times) = weighted_sum(BRIDGES[name]), arrays(BRIDGES[name])
    spikes = jnp.isfinite(times)

    def of_finite(weights, some):
        return function(weights, jnp.where(spikes, some, jnp.inf))

    test_util.check_grads(of_finite, (weights, jnp.where(spikes, times, 0.0)), order=1, modes=["rev"])


def test_check_grads_would_see_a_gradient_that_is_wrong_in_one_weight(monkeypatch):
    bridge, right = once(), Bridge.pullback

    def wrong(self, *given):
        d_weights, d_times = right(self, *given)
        return d_weights * np.where(np.arange(len(d_weights)) == 3, 1.01, 1.0), d_times

    monkeypatch.setattr(Bridge, "pullback", wrong)
    given = arrays(bridge)[0], jnp.array([[[1.0], [4.0]]])
    with pytest.raises(AssertionError):
        test_util.check_grads(weighted_sum(bridge), given, order=1, modes=["rev"])


@pytest.mark.parametrize("name", BRIDGES)
@pytest.mark.parametrize("compiled", [False, True])
def test_values_and_gradients_are_those_of_the_bridge(name, compiled):
    bridge = BRIDGES[name]
    weights, times = arrays(bridge)
    values, gradient = values_of(bridge), jax.grad(weighted_sum(bridge), argnums=(0, 1))
    if compiled:
        values, gradient = jax.jit(values), jax.jit(gradient)
    expected = bridge.values(flat(weights_of(bridge)), INPUT_TIMES)
    c = np.where(np.isfinite(expected), factors(expected.shape), 0.0)
    d_weights, d_times = bridge.pullback(flat(weights_of(bridge)), INPUT_TIMES, c)
    got_weights, got_times = gradient(weights, times)
    assert np.array_equal(values(weights, times), expected)
    assert np.array_equal(flat({name: np.asarray(got_weights[name]) for name in weights}), d_weights)
    assert np.array_equal(got_times, d_times)


@pytest.mark.parametrize("compiled", [False, True])
def test_vmap_over_the_stimulus_gives_what_a_batch_gives(compiled):
    bridge = once()
    weights, times = arrays(bridge)
    many = jnp.stack([times, times + 0.5, times + 1.0])
    values = values_of(bridge)
    mapped = jax.vmap(values, in_axes=(None, 0))
    twice = jax.vmap(mapped, in_axes=(None, 0))
    gradient = jax.vmap(jax.grad(weighted_sum(bridge), argnums=(0, 1)), in_axes=(None, 0))
    if compiled:
        mapped, twice, gradient = jax.jit(mapped), jax.jit(twice), jax.jit(gradient)
    assert np.array_equal(mapped(weights, many), values(weights, many))
    assert np.array_equal(twice(weights, many), values(weights, many))
    d_weights, d_times = gradient(weights, many)
    for k in range(3):
        alone_weights, alone_times = jax.grad(weighted_sum(bridge), argnums=(0, 1))(weights, many[k])
        assert np.array_equal(d_times[k], alone_times)
        for name in weights:
            assert np.array_equal(d_weights[name][k], alone_weights[name])


def test_the_gradient_of_a_mapped_function_is_that_of_the_batch():
    bridge = once()
    weights, times = arrays(bridge)
    values = values_of(bridge)
    batch = jax.grad(lambda w: jnp.sum(values(w, times) ** 2))(weights)
    mapped = jax.jit(jax.grad(lambda w: jnp.sum(jax.vmap(values, in_axes=(None, 0))(w, times) ** 2)))(weights)
    for name in weights:
        scale = np.abs(batch[name]).max()
        assert np.allclose(mapped[name], batch[name], rtol=SHORT_RUN, atol=SHORT_RUN * scale)


def test_vmap_over_weights_and_over_both_gives_what_single_calls_give():
    bridge = once()
    weights, times = arrays(bridge)
    values, scales = values_of(bridge), jnp.array([1.0, 1.1, 1.2])
    some = [{name: s * w for name, w in weights.items()} for s in scales]
    stacked = {name: jnp.stack([w[name] for w in some]) for name in weights}
    many = jnp.stack([times, times + 0.5, times + 1.0])
    over_weights = jax.vmap(values, in_axes=(0, None))(stacked, times)
    over_both = jax.vmap(values)(stacked, many)
    crossed = jax.vmap(jax.vmap(values, in_axes=(None, 0)), in_axes=(0, None))(stacked, many)
    turned = jax.vmap(jax.vmap(values, in_axes=(0, None)), in_axes=(None, 0))(stacked, many)
    for k in range(3):
        assert np.array_equal(over_weights[k], values(some[k], times))
        assert np.array_equal(over_both[k], values(some[k], many[k]))
        for other in range(3):
            assert np.array_equal(crossed[k, other], values(some[k], many[other]))
            assert np.array_equal(turned[other, k], values(some[k], many[other]))


def grazing():
    """A neuron whose V = 4 (x - x^2), x = exp(-t / 2), peaks at its threshold 1."""
    neuron = sp.NeuronParameters(tau_mem=2.0, tau_syn=1.0, v_th=1.0, i_init=4.0)
    return Bridge(sp.chain(1, 1), {"output": neuron}, 5.0, SpikeTimes("output", 1))


def limited():
    own = spiking_bridge()
    return Bridge(own.network, own.neurons, own.duration, own.reading, sp.EventEngine(event_limit=3))


REFUSED = {
    "room": (spiking_bridge(2), sp.InvalidInput, r"max_spikes: got 2; allowed: at least \d+: output\[0\] spikes"),
    "stimulus": (spiking_bridge(), sp.InvalidInput, r"input_times(\[0\])+: got -1.0; allowed: times >= 0"),
    "padding": (spiking_bridge(), sp.InvalidInput, r"cotangents(\[\d+\])+: got 1.0; allowed: 0 where no spike is"),
    "events": (limited(), sp.EventLimitExceeded, "sample 0: more than 3 events"),
    "grazing": (grazing(), sp.GrazingSpike, "sample 0: neuron 0 grazes its threshold"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("way", ["eager", "jit", "second call", "vmap"])
def test_errors_are_raised_as_they_are(name, way):
    bridge, kind, message = REFUSED[name]
    values = values_of(bridge)
    weights, times = arrays(spiking_bridge())
    if name == "grazing":
        weights, times = {"input->output": jnp.zeros((1, 1))}, jnp.full((1, 1, 1), jnp.inf)
    gradient = jax.grad(lambda w, t: jnp.sum(values(w, -t if name == "stimulus" else t)))
    if way == "vmap":
        gradient = jax.vmap(gradient, in_axes=(None, 0))
    if way != "eager":
        gradient = bridged_jax.raising(jax.jit(gradient))
    for _ in range(2 if way == "second call" else 1):
        with pytest.raises(kind, match=message):
            gradient(weights, times)


def test_after_an_error_a_function_goes_on():
    bridge = spiking_bridge()
    weights, times = arrays(bridge)
    step = bridged_jax.raising(jax.jit(values_of(bridge)))
    with pytest.raises(sp.InvalidInput, match="input_times"):
        step(weights, -times)
    assert np.array_equal(step(weights, times), bridge.values(flat(weights_of(bridge)), INPUT_TIMES))


def test_without_raising_jax_reports_the_error_with_its_message():
    weights, times = arrays(spiking_bridge(2))
    with pytest.raises(Exception, match=r"reading.max_spikes: got 2; allowed: at least \d+: output\[0\] spikes"):
        jax.block_until_ready(jax.jit(values_of(spiking_bridge(2)))(weights, times))


def test_an_error_of_the_function_itself_stays_what_it_is():
    with pytest.raises(ZeroDivisionError):
        bridged_jax.raising(lambda: 1 / 0)()
    with pytest.raises(sp.InvalidInput, match="task: got 3; allowed: a function"):
        bridged_jax.raising(3)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (np.ones((1, 2, 1), np.float32), "input_times: got 'numbers of type float32'; allowed: float64: jax.config"),
        (np.ones((1, 3, 1)), r"input_times: got 'shape \(1, 3, 1\)'"),
        ([1.0], r"input_times: got \[1.0\]; allowed: a float64 array"),
    ],
)
def test_wrong_arrays_are_refused_by_name(given, match):
    weights, _ = arrays(once())
    network = bridged_jax.spiking(once())
    with pytest.raises(sp.InvalidInput, match=match):
        network(weights, given)
    with pytest.raises(sp.InvalidInput, match=r"weights: got \{\}; allowed: a mapping with the keys"):
        network({}, INPUT_TIMES)


def test_single_precision_is_refused_before_anything_is_computed():
    weights = weights_of(once())
    with jax.enable_x64(False), pytest.raises(sp.InvalidInput, match="numbers of type float32"):
        bridged_jax.spiking(once())(weights, INPUT_TIMES)
