"""An engine that trains by an estimator, and counts what that takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from spikeproof.engine import Wanted, check_wanted
from spikeproof.errors import InvalidInput
from spikeproof.lesson import GradientEstimator
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, Solution


class Meter:
    """An engine whose gradients are those of an estimator, and which counts its passes.

    Seconds are processor seconds of this process since it was made, without those of evaluations.

    Parameters
    ----------
    estimator : GradientEstimator
    """

    def __init__(self, estimator: GradientEstimator) -> None:
        self.estimator, self.name = estimator, estimator.name
        self.forward_passes = self.backward_passes = self.steps = 0
        self.start, self.evaluating = time.process_time(), 0.0

    @property
    def seconds(self) -> float:
        """Processor seconds of training so far."""
        return time.process_time() - self.start - self.evaluating

    def unsupported(self, problem: Problem) -> str | None:
        """Why the estimator cannot serve `problem`; None if it can."""
        return self.estimator.unsupported(problem)

    def solve(self, problem: Problem, gradients: Wanted = "weights") -> Solution:
        """The answer of the estimator's network, and the estimate as its gradients."""
        check_wanted(gradients)
        if gradients is None:
            return self.unmetered(lambda: self.estimator.answer(problem))
        estimate = self.estimator.estimate(problem)
        self.steps += 1
        self.forward_passes += estimate.cost.forward_passes
        self.backward_passes += estimate.cost.backward_passes
        found = Gradients(estimate.gradients, np.zeros(0))
        found.require_finite()
        return _with(estimate.solution, estimate.value, found)

    def unmetered(self, work: Callable[[], Solution]) -> Solution:
        """The result of `work`, whose seconds are those of an evaluation."""
        begin = time.process_time()
        try:
            return work()
        finally:
            self.evaluating += time.process_time() - begin


def _with(solution: Solution, value: float, found: Gradients) -> Solution:
    if not np.isfinite(value):
        raise InvalidInput("loss", value, "a finite number")
    return replace(solution, loss=value, gradients=found)
