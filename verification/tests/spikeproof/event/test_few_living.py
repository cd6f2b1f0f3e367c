"""Few neurons that the loss depends on, among many that stay silent: their gradients are those that they have alone.

Nor do gradients depend on which others are asked for.
"""

import numpy as np
import pytest
from one_layer import one_layer

from spikeproof import EventEngine, NeuronParameters, SpikeTimeSum, Stimulus, VoltageTarget
from spikeproof.losses import MaxVoltage
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_verification.checks.tolerances import RENUMBERED
from spikeproof_verification.problems.user_losses import Saturated

MANY, N_IN, DURATION = 40, 12, 60.0
TIMES = np.array([7.0, 19.0, 33.0])


def drawn(rng, size, **neuron):
    """Weights and neurons with time constants of their own."""
    weights = rng.normal(0.8, 0.8, (N_IN, size))
    tau_mem, tau_syn = rng.choice([20.0, 12.0, 5.0], size), rng.choice([5.0, 2.0], size)
    return weights, NeuronParameters(tau_mem=tau_mem, tau_syn=tau_syn, **neuron)


def inputs(rng):
    """Three samples, a spike on each channel."""
    return Stimulus.of_samples([(rng.uniform(0.0, 40.0, N_IN), np.arange(N_IN)) for _ in range(3)], duration=DURATION)


def of_slots(neuron, chosen, size):
    """These neurons in a population of `size`; the others are like the first one."""
    own = {}
    for name in PARAMETER_NAMES:
        value = getattr(neuron, name)
        if value is not None and np.ndim(value):
            own[name] = np.full(size, value[0])
            own[name][chosen] = value
        else:
            own[name] = value
    return NeuronParameters(**own)


LOSSES = {
    "spikes": ("lif", lambda _: SpikeTimeSum("n"), {}),
    "held": ("lif", lambda _: SpikeTimeSum("n"), {"t_ref": 2.0}),
    "values": ("lif", lambda size: VoltageTarget("n", TIMES, np.zeros((size, len(TIMES)))), {}),
    "maxima": ("li", lambda _: Saturated("n", MaxVoltage(), 1.0), {}),
}


@pytest.mark.parametrize("few", [1, 3, 5, 12])
@pytest.mark.parametrize("name", LOSSES)
def test_silent_neighbours_change_no_gradient(name, few):
    kind, loss, fixed = LOSSES[name]
    rng = np.random.default_rng([few, sorted(LOSSES).index(name)])
    weights, neuron = drawn(rng, few, **fixed)
    stimulus = inputs(rng)
    chosen = np.sort(rng.choice(MANY, few, replace=False))
    among = np.zeros((N_IN, MANY))
    among[:, chosen] = weights
    alone = EventEngine().solve(one_layer(weights, stimulus, neuron, loss(few), kind=kind, delay=1.5))
    found = EventEngine().solve(
        one_layer(among, stimulus, of_slots(neuron, chosen, MANY), loss(MANY), kind=kind, delay=1.5)
    )
    for a, b in ((found.gradients.weights, alone.gradients.weights), (found.gradients.delays, alone.gradients.delays)):
        assert np.any(b["in->n"])
        assert np.array_equal(a["in->n"][:, chosen], b["in->n"])
        assert not np.any(np.delete(a["in->n"], chosen, axis=1))
    size = np.max(np.abs(alone.gradients.input_times))
    assert np.max(np.abs(found.gradients.input_times - alone.gradients.input_times)) <= RENUMBERED * size


def test_a_run_until_the_loss_is_determined_has_the_same_bits_where_few_neurons_matter():
    rng = np.random.default_rng(5)
    weights, neuron = drawn(rng, MANY)
    weights[:, 4:] = 0.0
    stimulus = Stimulus.of_samples([(rng.uniform(0.0, 40.0, N_IN), np.arange(N_IN))], duration=DURATION)
    problem = one_layer(weights, stimulus, neuron, VoltageTarget("n", TIMES[:2], np.zeros((MANY, 2))))
    end, short = EventEngine().solve(problem), EventEngine(until="loss").solve(problem)
    assert len(short.spikes) < len(end.spikes)
    assert np.array_equal(short.gradients.weights["in->n"], end.gradients.weights["in->n"])
    assert np.array_equal(short.gradients.input_times, end.gradients.input_times)


@pytest.mark.parametrize("size", [1, 8, 9, 16, 17, MANY])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_weights_and_inputs_have_the_same_bits_whatever_else_is_asked_for(name, size):
    kind, loss, fixed = LOSSES[name]
    rng = np.random.default_rng([size, sorted(LOSSES).index(name)])
    weights, neuron = drawn(rng, size, **fixed)
    stimulus = inputs(rng)
    problem = one_layer(weights, stimulus, neuron, loss(size), kind=kind, delay=1.5)
    every, some = (EventEngine().solve(problem, gradients=wanted).gradients for wanted in ("all", "weights"))
    assert np.any(every.weights["in->n"])
    assert every.weights["in->n"].tobytes() == some.weights["in->n"].tobytes()
    assert every.input_times.tobytes() == some.input_times.tobytes()
