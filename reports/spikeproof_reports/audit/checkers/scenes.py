"""Scenes: problems as functions of their weights, each with gradients that are right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from spikeproof import EventEngine, Parameters, Problem
from spikeproof.numbers import Array
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.conformance import shipped
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.compare import compared
from spikeproof_verification.conformance.making.answers import answered
from spikeproof_verification.conformance.making.draft import Draft
from spikeproof_verification.conformance.smallest import QUICK
from spikeproof_verification.experiments.faults import ENGINE_FAULTS, faulty_engine
from spikeproof_verification.experiments.faults.problems import largest_potential, layers, recurrent

FACTORS = tuple(10.0**-k for k in range(2, 11))  # by which a gradient is too large, all of it
CORRECT = "none"
HARMLESS = 1e-12  # relative change of a gradient below which a fault does nothing on a problem


@dataclass(frozen=True)
class Scene:
    """A problem as a function of its weights.

    Attributes
    ----------
    name, words : what it is called, and what is special about it.
    problem : with weights at which the gradient exists.
    tied : whether events coincide on purpose.
    known : the case of the conformance suite that it is, if it is one.
    """

    name: str
    words: str
    problem: Problem
    tied: bool = False
    known: Case | None = None

    @cached_property
    def start(self) -> Array:
        """All weights in one vector."""
        weights = self.problem.parameters.weights
        return np.concatenate([np.ravel(w) for w in weights.values()])

    def value(self, x: Array) -> float:
        """The loss with other weights; NaN where there is none."""
        try:
            solution = EventEngine(threads=1).solve(self._with(x), gradients=None)
        except (ValueError, RuntimeError, ArithmeticError):
            return float("nan")
        assert solution.loss is not None
        return float(solution.loss)

    def gradient(self, fault: str) -> Array:
        """The gradient by the textbook engine with a fault, "" for none."""
        found = faulty_engine(fault).solve(self.problem, gradients="weights").gradients
        assert found is not None
        return np.concatenate([np.ravel(np.asarray(w, dtype=float)) for w in found.weights.values()])

    @cached_property
    def case(self) -> Case:
        """The right gradient by the reference, and the size that each of its numbers is held to."""
        if self.known is not None:
            return replace(self.known, judged=("weights",))
        draft = Draft(self.name, "", self.problem, ("weights",), self.tied)
        return answered(draft, self.problem, QUICK)

    def judged(self, gradient: Array) -> list[Measurement]:
        """The numbers of a gradient, compared as by the conformance suite."""
        return compared(self.case, {"weights": self._trees(gradient)}, "exact64")

    def _with(self, x: Array) -> Problem:
        return replace(self.problem, parameters=Parameters(self._split(x), self.problem.parameters.neurons))

    def _trees(self, x: Array) -> Mapping[str, object]:
        return {name: w.tolist() for name, w in self._split(x).items()}

    def _split(self, x: Array) -> dict[str, Array]:
        """Entries of a vector in the places of the weights."""
        parts, start = {}, 0
        for name, w in self.problem.parameters.weights.items():
            parts[name] = x[start : start + w.size].reshape(w.shape)
            start += w.size
        return parts


def scenes() -> tuple[Scene, ...]:
    """The scenes, always the same."""
    return (
        Scene("two layers", "two samples, spikes that come and go far from here", layers()),
        Scene("recurrent", "two samples, autapses, a sum of losses", recurrent()),
        Scene("kinks", "two samples, maxima of V, some cut short by an arrival", largest_potential(), tied=True),
        _known("ties", "two samples, twins that spike at the same times", "ties-twins"),
        _known("about to vanish", "a spike that vanishes if a weight falls by 1e-6", "grazing-above-1e-6"),
        _known("about to appear", "a spike that appears if a weight grows by 1e-6: gradient 0", "grazing-below-1e-6"),
    )


def _known(name: str, words: str, key: str) -> Scene:
    case = next(case for case in shipped() if case.key == key)
    return Scene(name, words, case.model(), known=case)


def gradients_of(scene: Scene) -> dict[str, Array]:
    """The right gradient and all wrong ones: catalogued faults that change it but not the loss, and factors."""
    right = scene.gradient("")
    found = {CORRECT: right}
    for fault in ENGINE_FAULTS:
        if fault.place != "forward" and "loss" not in fault.quantities and "weight_gradient" in fault.quantities:
            wrong = _tried(partial(scene.gradient, fault.name))
            if wrong is not None and not _error(wrong, right) <= HARMLESS:
                found[fault.name] = wrong
    if scene.name == "two layers":
        found |= {f"{factor:.0e} too large": right * (1.0 + factor) for factor in FACTORS}
    return found


def _error(wrong: Array, right: Array) -> float:
    """Relative to the norm of the right one; of a right one of 0 the norm itself; NaN for what is not finite."""
    size = float(np.linalg.norm(right))
    return float(np.linalg.norm(wrong - right)) / (size if size else 1.0)


relative_error = _error


def _tried(solve: Callable[[], Array]) -> Array | None:
    try:
        return solve()
    except (ValueError, ArithmeticError, RuntimeError, AttributeError):  # this fault has no answer to such a problem
        return None
