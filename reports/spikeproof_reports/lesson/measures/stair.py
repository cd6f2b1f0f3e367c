"""The stair: a loss of the network in steps along a line of weights, and its difference quotients."""

from __future__ import annotations

import numpy as np

from spikeproof import Problem
from spikeproof.lesson import ExactGradient, GradientEstimator, SurrogateGradient
from spikeproof.numbers import Float64Array
from spikeproof.training import Classifier, Samples
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.systems import event_engine
from spikeproof_reports.lesson.tasks import task_of

STEPS = (4.0, 2.0, 1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125)  # ms
SHOWN = (2.0, 0.5, 0.125)  # of these, those whose stairs are drawn
DISTANCES = tuple(float(2.0**-n) for n in range(8, 33, 2))  # of the weights, relative
WIDTH, POINTS = 5e-4, 401  # half length of the line, relative to the weights, and places on it
SAMPLES = 5
CENTRES = 9  # places from which quotients are taken


class Ray:
    """The loss of some samples, as a function of a relative change of all weights from the input.

    Parameters
    ----------
    classifier : Classifier
    samples : Samples
    """

    def __init__(self, classifier: Classifier, samples: Samples) -> None:
        self.classifier, self.samples, self.start = classifier, samples, classifier.start()
        parts = {name: np.zeros_like(w) for name, w in classifier.parameters.weights.items()}
        parts["input->hidden"] = classifier.parameters.weights["input->hidden"]
        self.direction: Float64Array = classifier.joined(parts)

    def problem(self, change: float) -> Problem:
        """The problem with the weights changed."""
        return self.classifier.problem(self.start + change * self.direction, self.samples)

    def loss(self, estimator: GradientEstimator, change: float) -> float:
        """The loss of an estimator's network there."""
        value = estimator.answer(self.problem(change)).loss
        assert value is not None
        return float(value)

    def slope(self, change: float) -> float:
        """The exact derivative of the loss by the change."""
        found = ExactGradient(event_engine()).estimate(self.problem(change)).gradients
        return float(np.sum(found["input->hidden"] * self.classifier.parameters.weights["input->hidden"]))


def stair(seed: int) -> Rows:
    """Losses along a line in weight space, and difference quotients of them, by step and by distance.

    Parameters
    ----------
    seed : of the weights.

    Returns
    -------
    mapping from frame to rows
        ``stair``: ``kind`` is ``"loss"``, with ``x`` the relative change of the weights and ``y`` the loss, or
        ``"quotient"``, with ``x`` the distance and ``y`` the quotient over the exact derivative, at place ``centre``;
        ``dt`` is 0 for the exact network.
    """
    task = task_of("yin-yang")
    ray = Ray(task.classifier(seed), task.sets.train.select(np.arange(SAMPLES)))
    rows = list[Row]()
    for dt, network in _networks(SHOWN):
        for x in np.linspace(-WIDTH, WIDTH, POINTS):
            row = {"seed": seed, "kind": "loss", "dt": dt, "centre": 0.0, "x": float(x)}
            rows.append({**row, "y": ray.loss(network, float(x))})
    for centre in np.linspace(-WIDTH, WIDTH, CENTRES):
        slope = ray.slope(float(centre))
        for dt, network in _networks(STEPS):
            for h in DISTANCES:
                change = ray.loss(network, centre + h) - ray.loss(network, centre - h)
                row = {"seed": seed, "kind": "quotient", "dt": dt, "centre": float(centre), "x": h}
                rows.append({**row, "y": change / (2.0 * h) / slope})
    return {"stair": rows}


def _networks(steps: tuple[float, ...]) -> list[tuple[float, GradientEstimator]]:
    """The exact network, with the step 0, and those in time steps."""
    return [(0.0, ExactGradient(event_engine())), *((dt, SurrogateGradient(dt)) for dt in steps)]
