"""Small classifiers and samples that the tests of training share."""

import numpy as np

from spikeproof import Input, Layer, NeuronParameters, Parameters, Stimulus, chain
from spikeproof.training import Classifier, FirstSpikeReadout, MaxVoltageReadout, Samples, Sets

NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)


def two_classes(size, seed):
    """Two input channels; the class is the channel that spikes first."""
    rng = np.random.default_rng(seed)
    times = rng.uniform(0.0, 12.0, (size, 2))
    samples = [(t, [0, 1]) for t in times]
    return Samples(Stimulus.of_samples(samples, 40.0), np.argmin(times, axis=1))


def two_patterns(size, seed):
    """Two input channels; channel k spikes early in samples of class k, late in the others."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, size)
    times = [np.where(np.arange(2) == k, rng.uniform(0.0, 3.0), rng.uniform(15.0, 20.0)) for k in labels]
    return Samples(Stimulus.of_samples([(t, [0, 1]) for t in times], 40.0), labels)


def small_sets():
    return Sets(two_classes(60, 1), two_classes(30, 2), two_classes(20, 3))


def small_classifier(kind="first spike", seed=0, n_hidden=6):
    rng = np.random.default_rng(seed)
    spiking = kind == "first spike"
    network = chain(Input("in", 2), n_hidden, Layer(2, "lif" if spiking else "li", name="out"))
    weights = {
        "in->hidden": rng.uniform(4.0, 9.0, (2, n_hidden)),
        "hidden->out": rng.uniform(1.0, 3.0, (n_hidden, 2)),
    }
    readout = FirstSpikeReadout("out", tau0=1.0, tau1=10.0, alpha=0.01) if spiking else MaxVoltageReadout("out")
    return Classifier(network, Parameters(weights, {"hidden": NEURON, "out": NEURON}), readout)
