"""The findings of a conformance run as rows of text, before any format."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spikeproof_verification.conformance.record import Run
from spikeproof_verification.conformance.verdict import WORDS, Verdict, by_family

HEAD = ("family", *WORDS, "worst / bound")


@dataclass(frozen=True)
class FamilyRow:
    """A family: how many cases got each verdict, and the largest multiple of a bound."""

    family: str
    counts: Counter[str]
    worst: str

    @property
    def cells(self) -> tuple[str, ...]:
        """One text for each of `HEAD`; what is 0 is left blank."""
        return (self.family, *(str(self.counts[word] or "") for word in WORDS), self.worst)

    @property
    def state(self) -> str:
        """The colour of the row: "good" if all that is supported passed, "none" if nothing is supported, else "bad"."""
        if not set(self.counts) - {"unsupported"}:
            return "none"
        return "good" if set(self.counts) <= {"pass", "unsupported"} else "bad"


def family_rows(run: Run) -> list[FamilyRow]:
    """One row for each family."""
    return [
        FamilyRow(family, Counter(v.verdict for v in verdicts), worst_of(verdicts))
        for family, verdicts in by_family(run.verdicts).items()
    ]


def worst_of(verdicts: Sequence[Verdict]) -> str:
    """The largest error as a multiple of its bound."""
    multiples = [v.multiple for v in verdicts if v.multiple is not None]
    return _number(max(multiples)) if multiples else ""


def failures(run: Run) -> list[Verdict]:
    """All verdicts that are neither a pass nor "unsupported"."""
    return [v for v in run.verdicts if v.verdict not in ("pass", "unsupported")]


def first_lines(run: Run) -> Iterator[str]:
    """The engine, the headline, and what the smoke test says."""
    version = f" {run.version}" if run.version else ""
    stopped = "" if run.complete else " (stopped: not all cases were run)"
    yield f"{run.engine}{version} at {', '.join(run.levels)}: {run.headline}{stopped}"
    for finding in run.smoke:
        if not finding.fits:
            yield f"smoke test: {finding}"


def facts(run: Run) -> str:
    """Which cases, and how long."""
    return f"suite {run.suite}, cases {run.digest}, {run.seconds:.0f} s"


def _number(multiple: float) -> str:
    return "inf" if math.isinf(multiple) else f"{multiple:.2g}"
