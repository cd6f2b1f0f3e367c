"""Small networks that the tests of all bridges share, and cotangents that weight every spike differently."""

import numpy as np

import spikeproof as sp
from spikeproof.bridges import Bridge, SpikeTimes, Voltages

NEURON = sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0, v_th=1.0)
DURATION = 60.0
INPUT_TIMES = np.array([[[1.0, np.inf], [4.0, 9.0]], [[2.5, np.inf], [2.0, np.inf]]])  # of two samples, two channels


def spiking_bridge(max_spikes=20, **changes):
    """Two channels, three hidden and two output neurons, whose spike times are read."""
    neuron = sp.NeuronParameters(**{**vars(NEURON), **changes})
    neurons = dict.fromkeys(("hidden", "output"), neuron)
    return Bridge(sp.chain(2, 3, 2), neurons, DURATION, SpikeTimes("output", max_spikes))


def once():
    """The same network with neurons that fire once: every place of the array is taken."""
    return spiking_bridge(1, t_ref=np.inf)


def leaky_bridge(reading=None):
    """Two channels, three hidden neurons and two leaky integrators, whose potentials are read."""
    network = sp.chain(2, 3, sp.Layer(2, "li"))
    neurons = {"hidden": NEURON, "output": sp.NeuronParameters(tau_mem=20.0, tau_syn=5.0)}
    return Bridge(network, neurons, DURATION, reading or Voltages("output", [0.0, 7.0, 30.0, DURATION]))


def weights_of(bridge, seed=2):
    return sp.normal_weights(bridge.network, (6.0, 2.0), seed=seed)


def flat(weights):
    return np.concatenate([w.ravel() for w in weights.values()])


def factors(shape, seed=3):
    return np.random.default_rng(seed).normal(size=shape)
