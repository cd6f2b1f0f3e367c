"""A task that needs more than one spike of a neuron: counting pulses that come far apart on one channel."""

from __future__ import annotations

import math

import numpy as np

from spikeproof import Layer, NeuronParameters, Parameters, Stimulus, chain, normal_weights
from spikeproof.training import Adam, Classifier, MaxVoltageReadout, Samples, Sets, Settings, Trainer
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.lesson.systems import event_engine

CLASSES = 2
GAP = 100.0  # ms between pulses at least: five tau_mem of the hidden neurons, which then have forgotten the one before
JITTER, DURATION, MEMORY = 20.0, 500.0, 200.0
HIDDEN = 30
BIAS = 2.0  # of the readout: it rises without spikes too, so that each of its neurons has a maximum
SAMPLES = {"train": 600, "test": 600}
EPOCHS = 20
RATE, DECAY = 0.01, 0.93


def bursts(seed: int, fires_once: bool) -> Rows:
    """The accuracy in counting pulses of a network trained by the exact gradient.

    Parameters
    ----------
    seed : of samples and weights.
    fires_once : whether each hidden neuron fires at most once.

    Returns
    -------
    mapping from frame to rows
        ``bursts``; ``blind`` is the accuracy of the one answer that is right most often.
    """
    sets = Sets(*(_pulses(size, seed, part) for part, size in enumerate(SAMPLES.values())))
    settings = Settings(EPOCHS, 50, Adam(RATE), DECAY, seed=seed)
    history = Trainer(counter(seed, fires_once=fires_once), sets, settings, event_engine()).run().history
    row = {"seed": seed, "fires_once": float(fires_once), "accuracy": history[-1]["test_accuracy"]}
    blind = float(np.bincount(sets.test.labels).max() / len(sets.test))
    return {"bursts": [{**row, "blind": blind, "spikes": history[-1]["spikes"]}]}


def counter(seed: int, *, fires_once: bool) -> Classifier:
    """One channel of pulses and one that spikes at 0, hidden neurons, and leaky integrators with a long memory."""
    network = chain(2, HIDDEN, Layer(CLASSES, "li", name="readout"))
    moments = {"input->hidden": (6.0, 4.0), "hidden->readout": (0.0, 0.3)}
    neurons = {
        "hidden": NeuronParameters(tau_mem=20.0, tau_syn=5.0, t_ref=math.inf if fires_once else 10.0),
        "readout": NeuronParameters(tau_mem=MEMORY, tau_syn=MEMORY, bias=BIAS),
    }
    parameters = Parameters(normal_weights(network, moments, seed), neurons)
    return Classifier(network, parameters, MaxVoltageReadout("readout"))


def _pulses(size: int, seed: int, part: int) -> Samples:
    """One or two pulses; the first comes at a time that says nothing about their number."""
    rng = np.random.default_rng([seed, part])
    labels = rng.integers(0, CLASSES, size)
    samples = []
    for label in labels:
        times = 20.0 + GAP * np.arange(label + 1) + rng.uniform(0.0, JITTER, label + 1)
        times = np.concatenate([[0.0], np.maximum.accumulate(times)])
        samples.append((times, np.array([1, *[0] * (label + 1)])))
    return Samples(Stimulus.of_samples(samples, DURATION), labels)
