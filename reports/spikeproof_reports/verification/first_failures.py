"""The first failed number of each of the first failed cases, with the command that computes it again."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.numerals import count, exact, number
from spikeproof_reports.verification.headline import Row
from spikeproof_reports.verification.reproduce import reproducer, was_deep
from spikeproof_reports.verification.run import RunRecord
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES

FIRST = 5  # cases; the table of failures has every failed number
_Found: TypeAlias = dict[tuple[str, str], tuple[str, str]]  # (engine, what failed) by (campaign, case)


def first_failures(run: RunRecord, measurements: pd.DataFrame, agreement: pd.DataFrame) -> tuple[Line, ...]:
    """One line for each of the first cases that failed, in the order of the run and studies last, from judged frames.

    Of several failed numbers of a case it shows the first in the order in which they depend on each other: a missed
    spike comes before the gradients that it spoils.
    """
    deep = was_deep(run.provenance)
    found = {**_disagreements(agreement), **_broken(run.cases), **_numbers(measurements)}
    cases = list(zip(run.cases["campaign"], run.cases["case"], strict=True))
    rank = {case: n for n, case in reversed(list(enumerate(cases)))}
    failed = sorted(found, key=lambda case: (case[0] == STUDIES, rank.get(case, len(rank))))
    lines = []
    for campaign, case in failed[:FIRST]:
        engine, text = found[campaign, case]
        command = reproducer(campaign, case, engine, deep=deep)
        lines.append(Line(case, campaign, text, command=command))
    if len(failed) > FIRST:
        lines.append(Line("and", count(len(failed) - FIRST), "more cases; the table of failures has every number."))
    return tuple(lines)


def _numbers(measurements: pd.DataFrame) -> _Found:
    rows = measurements[measurements["failed"]]
    rank = {name: n for n, name in enumerate(quantities.ordered(rows["quantity"]))}
    rows = rows.assign(rank=rows["quantity"].map(rank).astype(float)).sort_values("rank", kind="stable")
    found = _Found()
    for _, group in rows.groupby(["campaign", "case"], sort=False):
        first, rest = group.iloc[0].to_dict(), len(group) - 1
        more = f" {count(rest)} more of its numbers failed." if rest else ""
        found[first["campaign"], first["case"]] = first["engine"], f"{_told(first)}{more}"
    return found


def _told(row: Row) -> str:
    numbers = f"{exact(row['actual'])} for {exact(row['expected'])}"
    size = f", {number(row['ratio'])} of its bound" if row["bound"] > 0 and np.isfinite(row["error"]) else ""
    return f"{quantities.label(row['quantity'])}, {row['component']}: {numbers}{size}."


def _broken(cases: pd.DataFrame) -> _Found:
    rows = cases[cases["status"] == "failed"]
    return {(row["campaign"], row["case"]): ("event", f"broke off: {row['note']}") for row in rows.to_dict("records")}


def _disagreements(agreement: pd.DataFrame) -> _Found:
    rows = agreement[agreement["failed"]]
    return {
        (row["campaign"], row["case"]): ("event", f"the reference's gradients disagree: {row['pair']}")
        for row in rows.to_dict("records")
    }
