"""The claim about size: surrogate gradients are feasible for a few thousand neurons."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.lesson.claims.claim import Claim, of_parts
from spikeproof_reports.lesson.measures.sizes import DURATION, SAMPLES
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import count, number

THOUSANDS, SECONDS, MEMORY = 4000, 60.0, 4e9


def thousands_are_feasible(record: LessonRecord) -> Claim:
    """Whether a gradient of 4000 recurrent neurons fits into a minute and 4 GB."""
    rows = record["sizes"]
    ours, theirs = (rows[(rows["system"] == s) & (rows["neurons"] == THOUSANDS)] for s in ("surrogate", "exact"))
    return Claim(
        "feasible",
        "Surrogate gradients take much computing, but are feasible for networks of a few thousand neurons.",
        f"One gradient of {count(THOUSANDS)} recurrent neurons, all connected, {SAMPLES} samples of {DURATION:g} ms in "
        f"steps of 1 ms, on one processor: less than {SECONDS:g} s and {MEMORY / 1e9:g} GB.",
        f"surrogate {_text(ours)}; exact gradient {_text(theirs)}",
        of_parts(*(_within(ours, name, bound) for name, bound in (("seconds", SECONDS), ("peak", MEMORY)))),
    )


def _within(rows: pd.DataFrame, column: str, bound: float) -> bool | None:
    return bool((rows[column] < bound).all()) if len(rows) else None


def _text(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "not measured"
    return f"{number(float(rows['seconds'].mean()))} s, {number(float(rows['peak'].max()) / 1e9)} GB"
