"""The mutation score: how many of the seeded faults the checks catch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import MUTATION
from spikeproof_verification.experiments.faults import (
    FAULTS,
    Failure,
    Fault,
    engine_failures,
    failures,
    reference_failures,
)
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "mutation"


def run() -> StudyResult:
    """The checks of the campaign applied to every faulty version, and to the versions without a fault."""
    unharmed = {"textbook": engine_failures(""), "mp": reference_failures("")}
    found = [(fault, failures(fault)) for fault in FAULTS]
    measurements = [*(_accepted(engine, f) for engine, f in unharmed.items()), *(_caught(*pair) for pair in found)]
    return StudyResult((*measurements, _score(found)), {"faults": [_row(*pair) for pair in found]})


STUDY = Study(NAME, "Mutation score", run)


def named_checks(found: Sequence[Failure]) -> str:
    """The checks that rejected something, as quantity and tolerance, in the order in which they are made."""
    checks = dict.fromkeys((f.tolerance, f.quantity) for f in found)
    by_tolerance = {t: [q for u, q in checks if u == t] for t, _ in checks}
    return "; ".join(f"{', '.join(quantities)} ({tolerance})" for tolerance, quantities in by_tolerance.items())


def _row(fault: Fault, found: Sequence[Failure]) -> Row:
    finite = [f.ratio for f in found if math.isfinite(f.ratio)]
    return {
        "fault": fault.name,
        "place": fault.place,
        "wrong": fault.wrong,
        "caught": bool(found),
        "checks": named_checks(found),
        "problems": ", ".join(dict.fromkeys(f.problem for f in found)),
        "failed": len(found),
        "worst": max(finite, default=math.inf if found else 0.0),
    }


def _accepted(engine: str, found: Sequence[Failure]) -> Measurement:
    """An engine without a fault: no number may fail, or the score means nothing."""
    return judge(subject(NAME, engine, "mp"), "unharmed_engine", "numbers that fail", len(found), 0, 1.0, MUTATION)


def _caught(fault: Fault, found: Sequence[Failure]) -> Measurement:
    """How many of the quantities that a fault must spoil were rejected."""
    rejected = fault.quantities & {f.quantity for f in found}
    who = subject(NAME, "mp" if fault.place == "reference" else "textbook", "mp")
    return judge(who, "fault_caught", fault.name, len(rejected), len(fault.quantities), 1.0, MUTATION)


def _score(found: Sequence[tuple[Fault, Sequence[Failure]]]) -> Measurement:
    caught = sum(bool(f) for _, f in found)
    return judge(subject(NAME, "all", "mp"), "mutation_score", "caught / all", caught / len(found), 1.0, 1.0, MUTATION)
