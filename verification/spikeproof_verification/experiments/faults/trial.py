"""Trials: the checks of the campaign applied to faulty versions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from spikeproof import Problem
from spikeproof_verification.checks.alone import measure_alone
from spikeproof_verification.checks.judge import Subject
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.reference import Effort, Judgement, reference_judgement
from spikeproof_verification.checks.tied_reference import tied_judgement
from spikeproof_verification.checks.tolerances import REFERENCE_AGREEMENT, UNDERFLOW
from spikeproof_verification.experiments.faults.engine import faulty_engine
from spikeproof_verification.experiments.faults.fault import Fault
from spikeproof_verification.experiments.faults.problems import fault_problems, largest_potential, recurrent, released
from spikeproof_verification.experiments.faults.reference_faults import injected

EFFORT = Effort(coordinates=1, directions=1, probes=3)
REFERENCE_EFFORT = Effort(coordinates=6, directions=1, probes=1)


@dataclass(frozen=True)
class Failure:
    """A number that a check rejected.

    Attributes
    ----------
    problem : name of the problem.
    quantity : kind of the number.
    tolerance : name of the tolerance.
    ratio : error over bound.
    """

    problem: str
    quantity: str
    tolerance: str
    ratio: float


def engine_measurements(fault: str) -> list[Measurement]:
    """All measurements of the textbook engine with a fault ("" for none) against the reference."""
    engine, found = faulty_engine(fault), []
    for problem in fault_problems():
        expected = _judgement(problem.name)
        subject, solution = Subject("studies", problem.name, "", engine.name, "mp"), engine.solve(problem)
        found += measure(subject, solution, expected.solution, expected.conditioning)
        found += measure_alone(subject, engine, solution)
    return found


def engine_failures(fault: str) -> list[Failure]:
    """The numbers of the textbook engine that the checks reject.

    Parameters
    ----------
    fault : str
        Name of the fault in it, "" for none.

    Returns
    -------
    list of Failure
    """
    failed = [m for m in engine_measurements(fault) if m.verdict == "fail"]
    return [Failure(m.case, m.quantity, m.tolerance, _ratio(m)) for m in failed]


def reference_failures(fault: str) -> list[Failure]:
    """The pairs of gradients of the reference that disagree.

    Parameters
    ----------
    fault : str
        Name of the fault in it, "" for none.

    Returns
    -------
    list of Failure
    """
    if fault:
        with injected(fault):
            return [x for p in _reference_problems() for x in _disagreements(p)]
    return [x for p in _reference_problems() for x in _disagreements(p)]


def failures(fault: Fault) -> list[Failure]:
    """The numbers that the checks reject because of a fault.

    Parameters
    ----------
    fault : Fault

    Returns
    -------
    list of Failure
    """
    return (reference_failures if fault.place == "reference" else engine_failures)(fault.name)


def _reference_problems() -> tuple[Problem, ...]:
    return recurrent(), largest_potential()


def _disagreements(problem: Problem) -> list[Failure]:
    unit = REFERENCE_AGREEMENT.multiple * REFERENCE_AGREEMENT.unit
    agreement = reference_judgement("studies", problem, REFERENCE_EFFORT, 0).agreement
    name = REFERENCE_AGREEMENT.name
    return [Failure(problem.name, a.pair, name, a.worst / unit) for a in agreement if a.verdict == "fail"]


def _ratio(measured: Measurement) -> float:
    """Error over bound; infinite where nothing but the exact number is accepted."""
    exact = measured.bound == 0.0 or measured.scale <= 2.0 * UNDERFLOW
    return math.inf if exact else measured.error / measured.bound


@cache
def _judgement(name: str) -> Judgement:
    problem = next(p for p in fault_problems() if p.name == name)
    judge_of = tied_judgement if name == released().name else reference_judgement
    judgement = judge_of("studies", problem, EFFORT, 0)
    if not judgement.trusted:
        raise ArithmeticError(f"the reference's gradients of {name} disagree among themselves")
    return judgement
