"""The ledger as rows of tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from spikeproof_verification.experiments.ledger.finding import Entry, Verdict

Cells = dict[str, str | float | int | bool]


def equation_rows(entries: Sequence[Entry]) -> list[Cells]:
    """One row for each equation.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    list of dict
        The residuals are those of the general check.
    """
    return [_equation(entry) for entry in entries]


def check_rows(entries: Sequence[Entry]) -> list[Cells]:
    """One row for each check.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    list of dict
    """
    return [
        {
            "id": entry.equation.id,
            "condition": finding.check.condition,
            "how": finding.check.how,
            "printed": finding.printed,
            "corrected": finding.corrected,
            "outcome": finding.outcome,
            "claim": finding.check.claim,
            "contradicted": not finding.confirmed,
        }
        for entry in entries
        for finding in entry.findings
    ]


def verdict_rows(entries: Sequence[Entry]) -> list[Cells]:
    """How many equations have each verdict.

    Parameters
    ----------
    entries : sequence of Entry

    Returns
    -------
    list of dict
        One row for each verdict, one column for each series of numbers.
    """
    return [
        {
            "verdict": verdict,
            **{series: _count(entries, verdict, series) for series in ("paper", "notes")},
            "unnumbered": sum(1 for e in entries if e.verdict == verdict and not _numbered(e)),
            "all": sum(1 for e in entries if e.verdict == verdict),
        }
        for verdict in get_args(Verdict)
    ]


def _count(entries: Sequence[Entry], verdict: str, series: str) -> int:
    return sum(1 for e in entries if e.verdict == verdict and e.equation.id.startswith(f"{series} "))


def _numbered(entry: Entry) -> bool:
    return entry.equation.id.startswith(("paper ", "notes "))


def _equation(entry: Entry) -> Cells:
    equation, first = entry.equation, entry.findings[0] if entry.findings else None
    return {
        "id": equation.id,
        "section": equation.section,
        "kind": equation.kind,
        "states": equation.states,
        "how": first.check.how if first else "",
        "printed": first.printed if first else math.nan,
        "corrected": first.corrected if first else math.nan,
        "verdict": entry.verdict,
        "correction": equation.correction,
        "note": equation.note,
        "contradicted": not entry.confirmed,
    }
