"""The verdict on a run in one sentence, and the remarks that belong to it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from spikeproof_reports import quantities
from spikeproof_reports.judged import judged_agreement
from spikeproof_reports.numerals import count, number
from spikeproof_reports.run import RunRecord


@dataclass(frozen=True)
class Verdict:
    """Whether a run is clean, the sentence that says so, and what else must be said at once."""

    clean: bool
    sentence: str
    remarks: tuple[str, ...]


def verdict_on(run: RunRecord, measurements: pd.DataFrame) -> Verdict:
    """The verdict on `run`, whose judged measurements are `measurements`.

    Clean means: something was compared, nothing failed, no case broke off, the references agree.
    """
    broken = int((run.cases["status"] == "failed").sum())
    refused = int((run.cases["status"] == "refused").sum())
    disagrees = judged_agreement(run.agreement, run.tolerances)["failed"]
    remarks = []
    if broken:
        remarks.append(f"Cases that broke off with an error and gave no numbers: {_of(broken, len(run.cases))}.")
    if refused:
        remarks.append(f"Cases that were refused for a stated reason: {_of(refused, len(run.cases))}.")
    if disagrees.any():
        remarks.append(
            f"The references disagree among themselves in {_of(int(disagrees.sum()), len(disagrees))} comparisons."
        )
    clean = len(measurements) > 0 and not measurements["failed"].any() and not broken and not disagrees.any()
    return Verdict(bool(clean), _sentence(measurements), tuple(remarks))


def verdict_of_study(measurements: pd.DataFrame) -> Verdict:
    """The verdict on a study from its judged measurements; one that judges nothing is clean: it only shows."""
    if measurements.empty:
        return Verdict(True, "Nothing is judged here: this study only shows.", ())
    return Verdict(not bool(measurements["failed"].any()), _sentence(measurements, case=False), ())


def _sentence(measurements: pd.DataFrame, *, case: bool = True) -> str:
    total, failed = len(measurements), int(measurements["failed"].sum())
    if not total:
        return "Nothing was compared, so nothing is verified."
    if failed:
        worst = _worst(measurements[measurements["failed"]])
        return f"{_of(failed, total)} numbers FAIL; the worst is {_place(worst, case)}."
    worst = _worst(measurements)
    return f"All {count(total)} compared numbers are within their bounds; the worst is {_place(worst, case)}."


def _worst(measurements: pd.DataFrame) -> dict[Hashable, Any]:
    position = int(measurements["ratio"].to_numpy().argmax())
    return measurements.iloc[position].to_dict()


def _place(row: dict[Hashable, Any], case: bool) -> str:
    what = quantities.label(row["quantity"])
    size = f"{number(row['ratio'])} of its bound" if np.isfinite(row["error"]) else "not finite"
    place = f"{row['component']} of case {row['case']} ({row['campaign']})" if case else row["component"]
    return f"{size}: {what}, {place}, {row['engine']} against {row['reference']}"


def _of(part: int, total: int) -> str:
    return f"{count(part)} of {count(total)}"
