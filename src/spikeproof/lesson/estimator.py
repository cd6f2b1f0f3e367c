"""The interface of a gradient estimator: an estimate of the gradient of a loss by the weights, and its cost."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from spikeproof.arguments import instance
from spikeproof.engine import Engine, Wanted, check_engine, check_wanted
from spikeproof.errors import InvalidInput
from spikeproof.event import EventEngine
from spikeproof.numbers import Array
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, Solution


@dataclass(frozen=True)
class Cost:
    """The passes and the time that an estimate took.

    Attributes
    ----------
    forward_passes, backward_passes : numbers of passes of the whole batch through the network.
    seconds : elapsed time.
    """

    forward_passes: int
    backward_passes: int
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """An estimate of the gradient of the loss of a problem, the mean over its samples.

    Attributes
    ----------
    value : the loss of the network that the estimator computes with, which need not be that of the event engine; of an
        estimator that samples, the mean over its samples.
    gradients : mapping from projection name to array of the shape of its weights.
    cost : Cost
    spikes : mean number of spikes of a sample, in all populations; a sum of fractions where spikes are smoothed.
    solution : the answer of a forward pass, without gradients: spikes, observed numbers, losses of the samples.
    """

    value: float
    gradients: Mapping[str, Array]
    cost: Cost
    spikes: float
    solution: Solution


class GradientEstimator(Protocol):
    """Anything that estimates the gradient of the loss of a problem by the weights; a class needs no base to be one."""

    @property
    def name(self) -> str:
        """Short name, used in tables."""
        ...

    def unsupported(self, problem: Problem) -> str | None:
        """Why this estimator cannot serve `problem`; None if it can."""
        ...

    def answer(self, problem: Problem) -> Solution:
        """The answer of the network that the estimator computes with: spikes, loss, observed numbers."""
        ...

    def estimate(self, problem: Problem) -> Estimate:
        """An estimate of the gradient of the loss of `problem`."""
        ...


def check_estimator(name: str, estimator: Any) -> GradientEstimator:
    """`estimator`, which must have what a `GradientEstimator` has."""
    known = isinstance(getattr(estimator, "name", None), str) and not isinstance(estimator, type)
    if known and all(callable(getattr(estimator, member, None)) for member in ("unsupported", "answer", "estimate")):
        checked: GradientEstimator = estimator
        return checked
    raise InvalidInput(name, estimator, "a gradient estimator, with name, unsupported, answer and estimate")


def refuse_unsupported(estimator: GradientEstimator, problem: Problem) -> Problem:
    """`problem`, which the estimator must serve: it has a loss, and `unsupported` gives no reason against it.

    Parameters
    ----------
    estimator : GradientEstimator
    problem : Problem

    Returns
    -------
    Problem

    Raises
    ------
    InvalidInput
        If the estimator does not serve it, with the reason.
    """
    if instance("problem", problem, Problem).loss is None:
        raise InvalidInput("problem.loss", None, "a loss, of which the gradient is estimated")
    if (reason := estimator.unsupported(problem)) is not None:
        raise InvalidInput("problem", reason, f"a problem that {estimator.name} serves")
    return problem


class Stopwatch:
    """The time since it was made.

    Attributes
    ----------
    start : clock reading in seconds.
    """

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def cost(self, forward_passes: int, backward_passes: int) -> Cost:
        """The cost of these passes, up to now.

        Parameters
        ----------
        forward_passes, backward_passes : int

        Returns
        -------
        Cost
        """
        return Cost(forward_passes, backward_passes, time.perf_counter() - self.start)


@dataclass(frozen=True)
class ExactGradient:
    """The exact gradient, by an engine that computes it, as one estimator beside the others.

    Parameters
    ----------
    engine : Engine
        The event engine by default.
    name : str

    Raises
    ------
    InvalidInput
        If this is no engine.
    """

    engine: Engine = field(default_factory=EventEngine)
    name: str = "exact"

    def __post_init__(self) -> None:
        check_engine("engine", self.engine)
        instance("name", self.name, str)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this estimator cannot serve `problem`; None if it can."""
        return self.engine.unsupported(problem)

    def answer(self, problem: Problem) -> Solution:
        """The engine's own solution, without gradients."""
        return self.engine.solve(problem, gradients=None)

    def estimate(self, problem: Problem) -> Estimate:
        """The gradient as the engine computes it.

        Parameters
        ----------
        problem : Problem
            It has a loss.

        Returns
        -------
        Estimate

        Raises
        ------
        InvalidInput
            If the problem has no loss, the engine does not serve it, or returns neither loss nor gradients.
        """
        watch, problem = Stopwatch(), refuse_unsupported(self, problem)
        solution = self.engine.solve(problem, gradients="weights")
        if solution.loss is None or solution.gradients is None:
            raise InvalidInput("engine", self.engine.name, "an engine that returns loss and gradients")
        spikes = len(solution.spikes) / solution.spikes.n_samples
        bare = replace(solution, gradients=None)
        return Estimate(solution.loss, solution.gradients.weights, watch.cost(1, 1), spikes, bare)


@dataclass(frozen=True)
class EstimatorEngine:
    """An engine whose gradients are those of an estimator, so that `spikeproof.training.Trainer` trains with it.

    Parameters
    ----------
    estimator : GradientEstimator

    Raises
    ------
    InvalidInput
        If this is no gradient estimator.

    Notes
    -----
    The loss of a solution is the value of the estimate, the gradients are those of weights alone: those of input times
    are an empty array, and asking for all gradients is refused.
    """

    estimator: GradientEstimator

    def __post_init__(self) -> None:
        check_estimator("estimator", self.estimator)

    @property
    def name(self) -> str:
        """Name of the estimator."""
        return self.estimator.name

    def unsupported(self, problem: Problem) -> str | None:
        """Why the estimator cannot serve `problem`; None if it can."""
        return self.estimator.unsupported(problem)

    def solve(self, problem: Problem, gradients: Wanted = "weights") -> Solution:
        """The answer of the estimator's network, and the estimate as its gradients.

        Parameters
        ----------
        problem : Problem
        gradients
            ``"weights"``, or None: the answer alone.

        Returns
        -------
        Solution

        Raises
        ------
        InvalidInput
            If all gradients are asked for, the estimator does not serve the problem, or an estimate is not finite.
        """
        check_wanted(gradients)
        if gradients == "all":
            raise InvalidInput("gradients", gradients, "'weights' or None: an estimator knows the gradients of weights")
        if gradients is None:
            return replace(self.estimator.answer(problem), engine=self.name)
        estimate = self.estimator.estimate(problem)
        if not math.isfinite(estimate.value):
            raise InvalidInput("loss", estimate.value, "a finite number")
        found = Gradients(estimate.gradients, np.zeros(0))
        found.require_finite()
        return replace(estimate.solution, engine=self.name, loss=estimate.value, gradients=found)
