"""The evaluation of a classifier on samples: loss, accuracy, and how many of its neurons are silent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, check_engine
from spikeproof.event import EventEngine
from spikeproof.numbers import Float64Array
from spikeproof.training.classifier import Classifier
from spikeproof.training.readout import NO_CLASS, TIED, has_classes
from spikeproof.training.samples import Samples

AT_ONCE = 500  # samples solved together; bounds the memory, changes no number


@dataclass(frozen=True)
class Score:
    """The result of an evaluation.

    Attributes
    ----------
    loss : float
        Mean over the samples.
    accuracy : float
        Fraction of the samples that is classified correctly; NaN for a regression, and so are the next two.
    idle : int
        Number of spiking neurons outside the readout that no sample makes spike.
    silent : float
        Fraction of all (sample, readout neuron) pairs without a spike; NaN for a readout that never spikes.
    unanswered : float
        Fraction of the samples without an answer, `NO_CLASS`; they count as wrong.
    tied : float
        Fraction of the samples in which several classes share the first place, `TIED`; they count as wrong.
    spikes : float
        Mean number of spikes per sample, of all neurons.
    """

    loss: float
    accuracy: float
    idle: int
    silent: float
    unanswered: float
    tied: float
    spikes: float


def evaluate(classifier: Classifier, weights: Float64Array, samples: Samples, engine: Engine) -> Score:
    """The score of a classifier on all samples, by forward passes only.

    Parameters
    ----------
    classifier : Classifier
    weights : float64 array, shape (n_weights,)
        All weights as one vector, see `Classifier`.
    samples : Samples
    engine : Engine

    Returns
    -------
    Score
    """
    network = instance("classifier", classifier, Classifier).network
    check_engine("engine", engine)
    if isinstance(engine, EventEngine):
        engine = replace(engine, until="end")  # whose spikes are counted
    instance("samples", samples, Samples)
    losses, answers, n_spikes = np.empty(len(samples)), np.empty(len(samples), dtype=np.int64), 0
    readout = classifier.readout
    classified = has_classes(readout)
    counts = np.zeros((len(samples), network.n_neurons), dtype=np.int64)
    for start in range(0, len(samples), AT_ONCE):
        own = np.arange(start, min(start + AT_ONCE, len(samples)))
        part = samples.select(own)
        solution = engine.solve(classifier.problem(weights, part), gradients=None)
        spikes = solution.spikes
        losses[own] = solution.sample_losses
        if has_classes(readout):
            answers[own] = readout.classes(solution)
        key = spikes.samples() * network.n_neurons + spikes.neurons
        counts[own] = np.bincount(key, minlength=len(own) * network.n_neurons).reshape(len(own), -1)
        n_spikes += len(spikes)
    return Score(
        loss=float(np.mean(losses)),
        accuracy=float(np.mean(answers == samples.labels)) if classified else np.nan,
        idle=_idle(classifier, counts),
        silent=_silent(classifier, counts),
        unanswered=float(np.mean(answers == NO_CLASS)) if classified else np.nan,
        tied=float(np.mean(answers == TIED)) if classified else np.nan,
        spikes=n_spikes / len(samples),
    )


def _idle(classifier: Classifier, counts: np.ndarray) -> int:
    network, readout = classifier.network, classifier.readout.population
    hidden = [network.neurons(p.name) for p in network.populations if p.kind == "lif" and p.name != readout]
    return sum(int(np.sum(~np.any(counts[:, n.start : n.stop], axis=0))) for n in hidden)


def _silent(classifier: Classifier, counts: np.ndarray) -> float:
    readout = classifier.readout.population
    if classifier.network.population(readout).kind != "lif":
        return np.nan
    neurons = classifier.network.neurons(readout)
    return float(np.mean(counts[:, neurons.start : neurons.stop] == 0))
