"""The validity radius: how far along the negative gradient the loss stays on the same branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from spikeproof import Engine, EventEngine, Problem
from spikeproof.numbers import Float64Array, IntArray
from spikeproof.validity import (
    ValidityRadius,
    active_synapses,
    branch_of,
    moved,
    spikes_at,
    validity_radius,
)
from spikeproof.yin_yang import yin_yang, yin_yang_problem
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import BRANCH, LINEAR_PREDICTION
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject
from spikeproof_verification.problems.random_networks import draw, random_problem

NAME = "validity_radius"
SEEDS = range(12)
YIN_YANG = (0, 1)  # samples of the published test set
TEST_SEED = 40  # of that set
DRAWN = (0, 2, 3, 6, 8, "yin_yang")  # cases of the figure
ASIDE = 1e-6  # relative distance to the radius at which the reference looks on both sides
FRACTIONS = (2e-3, 1e-3, 5e-4, 2.5e-4)  # of the radius, each half of the one before, for the linear prediction
REACH, POINTS = 2.0, 80  # of the curves, in units of the radius


@dataclass(frozen=True)
class Case:
    """A problem with its radius."""

    problem: Problem
    kind: str
    found: ValidityRadius

    def change(self, distance: float) -> float:
        """The change of the loss over a distance along the direction."""
        there = moved(self.problem, self.found.direction, distance)
        return _loss(there) - _loss(self.problem)

    def ratio(self, fraction: float) -> float:
        """Change of the loss over its linear prediction, at a fraction of the radius."""
        distance = fraction * self.found.radius
        return self.change(distance) / (distance * self.found.slope)


def run() -> StudyResult:
    """Radius of generated networks and of the Yin-Yang network, confirmed by the reference; losses on the way."""
    measurements: list[Measurement] = []
    rows: list[Row] = []
    curves: list[Row] = []
    for label, problem, kind in _problems():
        case = Case(problem, kind, validity_radius(problem))
        measurements += [*confirmed(case), predicted(case)]
        rows.append(_row(case))
        if label in DRAWN:
            curves += _curve(case)
    return StudyResult(tuple(measurements), {"radii": rows, "curves": curves})


STUDY = Study(NAME, "How far a gradient is valid", run)


def confirmed(case: Case, engine: Engine | None = None) -> Iterator[Measurement]:
    """Whether another engine sees the same branch just inside the radius, and another one just outside."""
    engine = MpEngine(dps=30) if engine is None else engine
    problem, found = case.problem, case.found
    active = active_synapses(problem, found.direction)
    here = branch_of(problem, spikes_at(problem, found.direction, 0.0, EventEngine()), active)
    who = subject(NAME, "event", engine.name)
    for where, factor, wanted in (("here", 0.0, 0), ("inside", 1.0 - ASIDE, 0), ("outside", 1.0 + ASIDE, 1)):
        spikes = spikes_at(problem, found.direction, factor * found.radius, engine)
        changed = int(branch_of(problem, spikes, active) != here)
        yield judge(who, "branch", f"{problem.name}, {where}", changed, wanted, 1.0, BRANCH)


def predicted(case: Case) -> Measurement:
    """Change of the loss over its linear prediction, extrapolated to distance 0 from small ones.

    Neville's scheme, here Richardson's, makes a polynomial of the ratios: of the derivatives of the loss up to the
    fourth nothing remains.
    """
    ratios = [case.ratio(fraction) for fraction in FRACTIONS]
    for power in range(1, len(FRACTIONS)):
        ratios = [(2.0**power * near - far) / (2.0**power - 1.0) for far, near in pairwise(ratios)]
    who = subject(NAME, "event", "its own gradient")
    return judge(who, "linear_prediction", case.problem.name, ratios[0], 1.0, 1.0, LINEAR_PREDICTION)


def _problems() -> Iterator[tuple[int | str, Problem, str]]:
    for seed in SEEDS:
        yield seed, random_problem(seed), draw(seed).label
    for number in YIN_YANG:
        samples, labels = yin_yang(number + 1, TEST_SEED)
        yield "yin_yang" if number == 0 else f"yin_yang {number}", _named(samples, labels, number), "Yin-Yang, 5-200-3"


def _named(samples: Float64Array, labels: IntArray, number: int) -> Problem:
    problem = yin_yang_problem(samples[-1:], labels[-1:], seed=number)
    return replace(problem, name=f"yin_yang-{number:04d}")


def _loss(problem: Problem) -> float:
    loss = EventEngine().solve(problem).loss
    assert loss is not None
    return loss


def _row(case: Case) -> Row:
    found = case.found
    jump = case.change((1.0 + ASIDE) * found.radius) - case.change((1.0 - ASIDE) * found.radius)
    return {
        "case": case.problem.name,
        "kind": case.kind,
        "loss": _loss(case.problem),
        "size": found.limit,
        "slope": -found.slope,
        "radius": found.radius,
        "relative": found.radius / found.limit,
        "rate": -found.radius / found.slope,
        "change": found.change,
        "spike_radius": found.spike_radius,
        "spike_relative": found.spike_radius / found.limit,
        "spike_change": found.spike_change,
        "predicted": found.slope * found.radius,
        "actual": case.change((1.0 - ASIDE) * found.radius),
        "ratio_hundredth": case.ratio(0.01),
        "ratio_tenth": case.ratio(0.1),
        "ratio_half": case.ratio(0.5),
        "ratio_full": case.ratio(1.0 - ASIDE),
        "jump": jump,
    }


def _curve(case: Case) -> Iterator[Row]:
    """The loss along the direction up to twice the radius, in units of the predicted change at the radius."""
    unit = -case.found.slope * case.found.radius
    for fraction in np.linspace(0.0, REACH, POINTS + 1):
        actual = case.change(float(fraction) * case.found.radius) / unit
        yield {"case": case.problem.name, "change": case.found.change, "fraction": float(fraction), "actual": actual}
