"""The results of an equation's checks, and the verdict that follows from the residuals alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spikeproof_verification.experiments.ledger.equation import Check, Equation, Residual

Verdict = Literal["holds", "holds under a condition", "holds when corrected", "wrong", "not checkable", "undecided"]
Outcome = Literal["holds", "corrected", "fails", "undecided"]

HOLDS = 1e-20  # an equation holds if its relative residual is below: differences are good to 28 digits
FAILS = 1e-6  # an equation fails if its relative residual is above; between the two nothing is decided


@dataclass(frozen=True)
class Finding:
    """The residuals of one check.

    Attributes
    ----------
    printed, corrected : largest relative residual of the instances; NaN where there is nothing to evaluate.
    """

    check: Check
    printed: float
    corrected: float

    @property
    def outcome(self) -> Outcome:
        """The outcome of the check, from its residuals."""
        if self.printed < HOLDS:
            return "holds"
        if HOLDS <= self.printed <= FAILS:
            return "undecided"
        if math.isnan(self.corrected):
            return "fails"
        return "corrected" if self.corrected < HOLDS else "undecided"

    @property
    def confirmed(self) -> bool:
        """Whether the residuals confirm the claim."""
        return self.outcome == self.check.claim

    @property
    def binding(self) -> float:
        """The residual that the claim wants below `HOLDS`; NaN if it wants none."""
        return {"holds": self.printed, "corrected": self.corrected, "fails": math.nan}[self.check.claim]


@dataclass(frozen=True)
class Entry:
    """An equation with the findings of its checks.

    Attributes
    ----------
    equation : Equation
    findings : tuple of Finding
        That of the general case first.
    """

    equation: Equation
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the equation; the first finding is that of the general case."""
        if not self.findings:
            return "not checkable"
        outcomes = [finding.outcome for finding in self.findings]
        if "undecided" in outcomes:
            return "undecided"
        if outcomes[0] == "holds":
            return "holds" if set(outcomes) == {"holds"} else "holds under a condition"
        return "holds when corrected" if outcomes[0] == "corrected" else "wrong"

    @property
    def confirmed(self) -> bool:
        """Whether every check found what is claimed."""
        return all(finding.confirmed for finding in self.findings)


def examine(equation: Equation) -> Entry:
    """An equation with the residuals of its checks.

    Parameters
    ----------
    equation : Equation

    Returns
    -------
    Entry
    """
    return Entry(equation, tuple(evaluate(check) for check in equation.checks))


def evaluate(check: Check) -> Finding:
    """The largest residuals of a check over its instances.

    Parameters
    ----------
    check : Check

    Returns
    -------
    Finding
    """
    instances = check.instances()
    return Finding(check, _worst(check.printed, instances), _worst(check.corrected, instances))


def _worst(residual: Residual | None, instances: Sequence[object]) -> float:
    """The largest residual of the instances that compare something; infinite if none does."""
    if residual is None:
        return math.nan
    compared = [value for value in map(residual, instances) if not math.isnan(value)]
    return max(compared, default=math.inf)
