"""The equation ledger as a study: every residual that must be small, and every claim."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import LEDGER_CLAIM, LEDGER_RESIDUAL
from spikeproof_verification.experiments.ledger import (
    EQUATIONS,
    Entry,
    check_rows,
    equation_rows,
    examine,
    verdict_rows,
)
from spikeproof_verification.experiments.studies.study import Study, StudyResult, subject

NAME = "ledger"


def run() -> StudyResult:
    """Every equation examined, with the residuals of all its checks."""
    return result([examine(equation) for equation in EQUATIONS])


STUDY = Study(NAME, "The equation ledger", run)


def result(entries: Sequence[Entry]) -> StudyResult:
    """The measurements and tables of examined equations."""
    tables = {
        "verdicts": verdict_rows(entries),
        "equations": equation_rows(entries),
        "checks": check_rows(entries),
    }
    return StudyResult(tuple(m for entry in entries for m in _judged(entry)), tables)


def _judged(entry: Entry) -> Iterator[Measurement]:
    for finding in entry.findings:
        check = finding.check
        who = subject(NAME, "as corrected" if check.claim == "corrected" else "as printed", "the other side")
        component = ", ".join(filter(None, (entry.equation.id, check.condition)))
        if not math.isnan(finding.binding):
            yield judge(who, "equation_residual", component, finding.binding, 0.0, 1.0, LEDGER_RESIDUAL)
        yield judge(who, "equation_claim", component, float(finding.confirmed), 1.0, 1.0, LEDGER_CLAIM)
