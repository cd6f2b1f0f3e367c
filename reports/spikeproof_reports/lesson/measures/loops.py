"""Integrals of a gradient along a closed line in weight space: 0 for the gradient of any smooth function."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof import Problem
from spikeproof.lesson import Estimate, GradientEstimator
from spikeproof.numbers import Float64Array
from spikeproof.training import Classifier, Samples
from spikeproof_reports.lesson.measures.comparison import flat
from spikeproof_reports.lesson.measures.variants import variants_of
from spikeproof_reports.lesson.rows import Row, Rows
from spikeproof_reports.lesson.tasks import task_of

SAMPLES = 20
FIRST_RADIUS = 1e-3  # of the root mean square of a weight, times the square root of their number
HALVINGS = 40


@dataclass(frozen=True)
class Loop:
    """A circle in weight space.

    Attributes
    ----------
    centre : array, shape (n_weights,)
    plane : array, shape (2, n_weights)
        Two directions of norm 1 at right angles.
    radius : float
    points : int
        Number of points, at equal angles.
    """

    centre: Float64Array
    plane: Float64Array
    radius: float
    points: int

    @property
    def angles(self) -> Float64Array:
        """Angles of its points."""
        return 2.0 * np.pi * np.arange(self.points) / self.points

    def weights(self, angle: float) -> Float64Array:
        """The weights at an angle."""
        along: Float64Array = np.array([np.cos(angle), np.sin(angle)]) @ self.plane
        return self.centre + self.radius * along

    def tangent(self, angle: float) -> Float64Array:
        """The derivative of the weights by the angle."""
        along: Float64Array = np.array([-np.sin(angle), np.cos(angle)]) @ self.plane
        return self.radius * along


def loops(task: str, seed: int, points: int) -> Rows:
    """Integrals along two circles around the initial weights: one on which the spikes stay the same, and a wide one.

    Parameters
    ----------
    task : name.
    seed : of the weights, and of the plane of the circle.
    points : gradients on each circle.

    Returns
    -------
    mapping from frame to rows
        ``loops``, see `around`; ``circle`` is ``"quiet"`` or ``"wide"``.
    """
    work, rows = task_of(task), list[Row]()
    classifier, samples = work.classifier(seed), work.sets.train.select(np.arange(SAMPLES))
    centre = classifier.start()
    plane = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(centre), 2)))[0].T.copy()
    wide = Loop(centre, plane, FIRST_RADIUS * float(np.linalg.norm(centre)), points)
    variants = variants_of(("loop",), seed)
    quiet = _quieted(wide, variants[0].estimator, classifier, samples)
    for name, loop in (("quiet", quiet), ("wide", wide)):
        for variant in variants:
            head = {"task": task, "seed": seed, "circle": name, "radius": loop.radius, **variant.head}
            rows.append({**head, **around(loop, variant.estimator, classifier, samples)})
    return {"loops": rows}


def around(loop: Loop, estimator: GradientEstimator, classifier: Classifier, samples: Samples) -> Row:
    """The integral of an estimate of the gradient along a circle, by the trapezoidal rule.

    Returns
    -------
    dict
        ``integral``; ``length``, the integral of its magnitude; ``changes``, the number of pieces between neighbouring
        points in which spikes appear, vanish or change their order; ``jumps``, the part of the integral that these
        pieces leave unexplained: the sum over them of the integral minus the change of the loss; ``rest``, the same
        sum over all other pieces.
    """
    estimates = [_estimate(estimator, classifier, samples, loop.weights(angle)) for angle in loop.angles]
    slopes = np.array(
        [flat(e.gradients) @ loop.tangent(angle) for e, angle in zip(estimates, loop.angles, strict=True)]
    )
    step, following = 2.0 * np.pi / loop.points, np.roll(np.arange(loop.points), -1)
    values = np.array([e.value for e in estimates])
    signs = np.array([e.solution.diagnostics.signature for e in estimates])
    pieces = 0.5 * step * (slopes + slopes[following]) - (values[following] - values)
    changed = signs != signs[following]
    return {
        "integral": float(step * slopes.sum()),
        "length": float(step * np.abs(slopes).sum()),
        "changes": int(changed.sum()),
        "jumps": float(pieces[changed].sum()),
        "rest": float(pieces[~changed].sum()),
    }


def _quieted(loop: Loop, exact: GradientEstimator, classifier: Classifier, samples: Samples) -> Loop:
    """The circle with its radius halved until the same spikes happen in the same order at all its points."""
    for _ in range(HALVINGS):
        found = {exact.answer(classifier.problem(loop.weights(a), samples)).diagnostics.signature for a in loop.angles}
        if len(found) == 1:
            return loop
        loop = Loop(loop.centre, loop.plane, 0.5 * loop.radius, loop.points)
    return loop


def _estimate(
    estimator: GradientEstimator, classifier: Classifier, samples: Samples, weights: Float64Array
) -> Estimate:
    problem: Problem = classifier.problem(weights, samples)
    return estimator.estimate(problem)
