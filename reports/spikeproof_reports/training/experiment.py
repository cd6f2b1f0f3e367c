"""An experiment: the samples, the network, the settings, and what was published about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spikeproof import Layer, NeuronParameters, Parameters, chain, normal_weights
from spikeproof.training import Classifier, MaxVoltageReadout, Sets

Rule: TypeAlias = Literal["complete", "published"]
RULES: tuple[Rule, ...] = ("complete", "published")
MakeClassifier: TypeAlias = Callable[[int, Rule], Classifier]


@dataclass(frozen=True)
class Published:
    """Published test accuracy after the last epoch, mean and standard deviation over seeds."""

    mean: float
    std: float
    seeds: int
    epochs: int
    source: str


@dataclass(frozen=True, eq=False)
class Experiment:
    """A training experiment: samples, classifier and published result.

    Attributes
    ----------
    name, title : of the command and of the report.
    paragraphs : what a reader of the report should know about data, network and loss.
    sets : the samples.
    classifier : the classifier with weights drawn from a seed, its max-voltage loss by one of the `RULES`.
    has_rules : whether the loss has kinks, so that the two rules differ.
    published : what there is to compare with, or None.
    same_samples : whether the samples are those of the published experiment.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...]
    sets: Sets
    classifier: MakeClassifier
    has_rules: bool = True
    published: Published | None = None
    same_samples: bool = False


@dataclass(frozen=True)
class Layers:
    """A hidden LIF layer and a readout of leaky integrators; weights are drawn from normal distributions.

    Attributes
    ----------
    sizes : input channels, hidden neurons, classes.
    hidden, readout : mean and standard deviation of the weights to the hidden layer and to the readout.
    tau_mem, tau_syn : in ms.
    """

    sizes: tuple[int, int, int]
    hidden: tuple[float, float]
    readout: tuple[float, float]
    tau_mem: float = 20.0
    tau_syn: float = 5.0

    def classifier(self, seed: int, rule: Rule) -> Classifier:
        """The classifier with weights drawn from `seed`; both rules start from the same ones."""
        n_inputs, n_hidden, n_classes = self.sizes
        network = chain(n_inputs, n_hidden, Layer(n_classes, "li", name="readout"))
        weights = normal_weights(network, {"input->hidden": self.hidden, "hidden->readout": self.readout}, seed)
        neuron = NeuronParameters(tau_mem=self.tau_mem, tau_syn=self.tau_syn)
        parameters = Parameters(weights, {"hidden": neuron, "readout": neuron})
        return Classifier(network, parameters, MaxVoltageReadout("readout", rule))
