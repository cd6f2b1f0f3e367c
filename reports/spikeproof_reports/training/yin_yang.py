"""The Yin-Yang experiment of the EventProp paper."""

from __future__ import annotations

from typing import Literal

import numpy as np

from spikeproof.training import Adam, Classifier, FirstSpikeReadout, Samples, Sets, Settings
from spikeproof.yin_yang import PUBLISHED_SETS, yin_yang, yin_yang_problem, yin_yang_stimulus
from spikeproof_reports.training.experiment import Experiment, Published, Rule

SETTINGS = Settings(epochs=100, batch=32, adam=Adam(5e-3), decay=0.95)
PUBLISHED = Published(0.9810, 0.0018, 10, 100, "Wunderlich and Pehle (2021)")


def yin_yang_experiment(silent: Literal["absent", "duration"] = "absent") -> Experiment:
    """5 inputs, 200 hidden and 3 output LIF neurons, first-spike loss, the published data sets."""
    readout = FirstSpikeReadout("output", tau0=0.5, tau1=6.4, alpha=0.003, silent=silent)

    def classifier(seed: int, rule: Rule) -> Classifier:  # noqa: ARG001, spike times have no kinks
        problem = yin_yang_problem(np.full((1, 4), 0.5), np.array([0]), seed)  # for its network and weights
        return Classifier(problem.network, problem.parameters, readout)

    return Experiment(
        name="yin-yang",
        title="Training on the Yin-Yang data set",
        paragraphs=(
            "Points of the Yin-Yang sign (5000 to train on, 1000 to validate, 1000 to test, the published sets bit for "
            "bit) are given as four input spikes at times from 0 to 30 ms and a bias spike at 0. A hidden layer of "
            "200 LIF neurons drives three LIF neurons, one for each class, over 60 ms; the class is the one that "
            "spikes first. The loss is the cross-entropy of the first spike times with the published second term that "
            "keeps the label's neuron early. Spike times and gradients are exact.",
            _SILENT[silent],
            "In the accuracy a neuron that never spikes is last; a sample that makes none of the three spike has no "
            "answer and counts as wrong.",
        ),
        sets=Sets(_samples("train"), _samples("test"), _samples("validation")),
        classifier=classifier,
        has_rules=False,
        published=PUBLISHED,
        same_samples=True,
    )


_SILENT = {
    "absent": "In the loss a neuron that never spikes drops out of the sum, and a sample whose label's neuron is "
    "silent contributes 0, as in the published code. Nothing is done about neurons that fall silent.",
    "duration": "In the loss a neuron that never spikes counts as one that spikes at the end, T = 60 ms, with "
    "derivative 0. A sample whose label's neuron is silent then still delays the spikes of the other two, and these "
    "may fall silent in turn: training may not recover from that.",
}


def _samples(name: str) -> Samples:
    points, labels = yin_yang(*PUBLISHED_SETS[name])
    return Samples(yin_yang_stimulus(points), labels)
