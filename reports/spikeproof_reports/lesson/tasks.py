"""The tasks that all systems are measured on: samples, network, initial weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from spikeproof import Layer, Network, NeuronParameters, Parameters, Problem, chain, normal_weights
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Float64Array
from spikeproof.training import Classifier, FirstSpikeReadout, MaxVoltageReadout, Samples, Sets
from spikeproof.yin_yang import PUBLISHED_SETS, yin_yang, yin_yang_stimulus
from spikeproof_reports.training.digits import digits_experiment
from spikeproof_reports.training.mnist import Split, mnist_experiment

NEURON = NeuronParameters(tau_mem=20.0, tau_syn=5.0)
READOUT = "readout"
FIRST = 0.63  # ratio of the largest potentials after one spike, tau_syn = 5 ms to 10 ms, tau_mem = 20 ms
DEEP_MOMENTS = (0.08, 0.1)  # of weights between hidden layers, with which all of them spike
RISING = 0.1  # mean weight to a readout: a class whose V never rises has no derivative in this loss
PUBLISHED_HIDDEN = 200  # neurons of the published Yin-Yang network
JUDGED = 200  # samples of the batch on which gradients are compared


@dataclass(frozen=True, eq=False)
class Task:
    """A classification task and the network that is trained on it; the loss is the max-voltage cross-entropy.

    Attributes
    ----------
    name, title : short name, and a description.
    sets : the samples.
    classifier : the classifier with initial weights drawn from a seed.
    batch : samples of a training step.
    """

    name: str
    title: str
    sets: Sets
    classifier: Callable[[int], Classifier]
    batch: int

    @property
    def judged(self) -> Samples:
        """The samples on which gradients are compared: the first ones to train on."""
        return self.sets.train.select(np.arange(min(JUDGED, len(self.sets.train))))

    def problem(self, seed: int, weights: Float64Array | None = None, samples: int = JUDGED) -> Problem:
        """The problem of the first training samples, with the initial weights of `seed` or with other ones."""
        classifier = self.classifier(seed)
        own = self.sets.train.select(np.arange(min(samples, len(self.sets.train))))
        return classifier.problem(classifier.start() if weights is None else weights, own)


def yin_yang_task(n_hidden: int = 200) -> Task:
    """Yin-Yang with 5 inputs, `n_hidden` LIF neurons and 3 leaky integrators, T = 60 ms; the published data sets.

    The weights to the readout have a standard deviation of 0.4 for 200 neurons, in proportion to 1 / sqrt(n_hidden).
    """
    network = chain(5, n_hidden, Layer(3, "li", name=READOUT))
    spread = 0.4 * math.sqrt(PUBLISHED_HIDDEN / n_hidden)
    moments = {"input->hidden": (1.5, 0.78), f"hidden->{READOUT}": (RISING, spread)}
    return Task("yin-yang", f"Yin-Yang, 5-{n_hidden}-3", yin_yang_sets(), _classifiers(network, moments), 50)


def deep_task(depth: int) -> Task:
    """Yin-Yang with `depth` hidden layers of 200 neurons, the first of which is the published one."""
    layers = [Layer(PUBLISHED_HIDDEN, name=f"hidden{n + 1}") for n in range(depth)]
    network = chain(5, *layers, Layer(3, "li", name=READOUT))
    between = {f"hidden{n}->hidden{n + 1}": DEEP_MOMENTS for n in range(1, depth)}
    moments = {"input->hidden1": (1.5, 0.78), **between, f"hidden{depth}->{READOUT}": (RISING, 0.4)}
    title = f"Yin-Yang, {depth} hidden layers"
    return Task(f"depth {depth}", title, yin_yang_sets(), _classifiers(network, moments), 50)


def digits_task() -> Task:
    """The 8 x 8 digits of scikit-learn, 64-200-10, T = 40 ms."""
    experiment = digits_experiment()
    return Task(
        "digits", "digits, 64-200-10", experiment.sets, lambda seed: experiment.classifier(seed, "complete"), 25
    )


def recurrent_task(n_hidden: int = 128) -> Task:
    """Digits with recurrent neurons: 64-`n_hidden`-10, recurrent spikes arrive after 1 ms."""
    network = chain(
        64, Layer(n_hidden, name="hidden", recurrent=True, recurrent_delay=1.0), Layer(10, "li", name=READOUT)
    )
    moments = {"input->hidden": (0.4, 0.25), "hidden->hidden": (0.0, 0.15), "hidden->readout": (0.0, 0.4)}
    title = f"digits, 64-{n_hidden} recurrent-10"
    return Task("recurrent", title, digits_experiment().sets, _classifiers(network, moments), 25)


def mnist_task(folder: Path) -> Task:
    """The MNIST images of a folder, 784-350-10, T = 60 ms; of test images alone, 8000 to train and 1000 to test."""
    split = Split(8000, 1000, 1000) if not list(folder.glob("train-images-idx3-ubyte*")) else Split()
    experiment = mnist_experiment(folder, split)
    return Task("mnist", "MNIST, 784-350-10", experiment.sets, lambda seed: experiment.classifier(seed, "complete"), 50)


def single_spike_classifier(task: Task, seed: int) -> Classifier:
    """A feed-forward network of the task's sizes in which each neuron fires once, read by its first spikes.

    tau_syn is tau_mem / 2, for which spike times have a closed form; initial weights are those of the task, smaller by
    the ratio of the potentials that a spike causes, with those of the published Yin-Yang network to the readout.
    """
    given = task.classifier(seed)
    (inputs,), (hidden, readout) = given.network.inputs, given.network.populations
    network = chain(inputs, hidden.size, Layer(readout.size, name=READOUT))
    neuron = NeuronParameters(tau_mem=20.0, tau_syn=10.0, t_ref=math.inf)
    mean, deviation = (FIRST * x * PUBLISHED_HIDDEN / hidden.size for x in (0.93, 0.1))
    weights = {
        f"{inputs.name}->hidden": FIRST * given.parameters.weights[f"{inputs.name}->hidden"],
        f"hidden->{READOUT}": np.random.default_rng(seed).normal(mean, deviation, (hidden.size, readout.size)),
    }
    readout_by = FirstSpikeReadout(READOUT, tau0=0.5, tau1=6.4, alpha=0.003, silent="duration")
    return Classifier(network, Parameters(weights, dict.fromkeys(("hidden", READOUT), neuron)), readout_by)


TASKS: dict[str, Callable[[], Task]] = {
    "yin-yang": yin_yang_task,
    "digits": digits_task,
    "recurrent": recurrent_task,
}


@lru_cache(maxsize=4)
def task_of(name: str) -> Task:
    """The task of that name, ``mnist:FOLDER`` among them; a process loads its samples once.

    Raises
    ------
    InvalidInput
        If the name is unknown, or its samples cannot be loaded.
    """
    kind, _, folder = name.partition(":")
    if kind == "mnist" and folder:
        return mnist_task(Path(folder))
    if kind.startswith("depth ") and kind.removeprefix("depth ").isdigit():
        return deep_task(int(kind.removeprefix("depth ")))
    if name not in TASKS:
        raise InvalidInput("task", name, f"one of {', '.join(TASKS)}, or mnist:FOLDER")
    return TASKS[name]()


@lru_cache(maxsize=1)
def yin_yang_sets() -> Sets:
    """The published sets of Yin-Yang points as input spikes."""
    return Sets(*(_points(name) for name in ("train", "test", "validation")))


def _points(name: str) -> Samples:
    points, labels = yin_yang(*PUBLISHED_SETS[name])
    return Samples(yin_yang_stimulus(points), labels)


def _classifiers(network: Network, moments: Mapping[str, tuple[float, float]]) -> Callable[[int], Classifier]:
    """Classifiers of one network, their weights drawn from seeds."""

    def classifier(seed: int) -> Classifier:
        neurons = {p.name: NEURON for p in network.populations}
        parameters = Parameters(normal_weights(network, moments, seed), neurons)
        return Classifier(network, parameters, MaxVoltageReadout(READOUT))

    return classifier
