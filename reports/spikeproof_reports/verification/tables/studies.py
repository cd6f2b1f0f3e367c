"""The tables of the numbers that were judged in the studies."""

# ruff: noqa: RUF001 -- minus, times and dash are typographic on purpose

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.table import FILE, PAGE, Column, Table
from spikeproof_reports.verification.tables import columns as c
from spikeproof_reports.verification.tables.verdicts import worst_by
from spikeproof_verification.experiments.studies.study import CAMPAIGN


def study_summary(measurements: pd.DataFrame, cases: pd.DataFrame) -> Table:
    """One row for each study: its status, numbers compared, failures and the worst, from judged measurements."""
    ran = cases.loc[cases["campaign"] == CAMPAIGN, ["case", "status", "seconds"]].sort_values("case")
    found = worst_by(["case"], measurements[measurements["campaign"] == CAMPAIGN].reset_index(drop=True))
    frame = ran.merge(found, on="case", how="left").fillna({"compared": 0, "failed": 0, "quantity": "–"})
    columns = {
        "case": Column("study", "what its chapter is called", kind="name"),
        "status": Column("status", "done, or failed: it broke off with an error"),
        "compared": c.COMPARED,
        "failed": c.FAILED,
        "ratio": replace(c.RATIO, heading="worst error/bound", kind="optional"),
        "quantity": replace(c.QUANTITY, heading="worst quantity", meaning="the quantity in which it occurred"),
        "component": replace(c.COMPONENT, shown=PAGE),
        "seconds": Column("time (s)", "seconds that it took", kind="optional"),
    }
    return Table(
        name="studies",
        title="Verdicts of the studies",
        note="A study asks one question; its chapter shows the answer and what was judged.",
        frame=frame.assign(wrong=frame["failed"] + (frame["status"] == "failed"))[[*columns, "wrong"]],
        columns=columns,
        empty="No study was run.",
        alarm="wrong",
    )


def judged_in_study(slug: str, measurements: pd.DataFrame) -> Table:
    """Failures and the worst number by engine, quantity and tolerance, from the judged measurements of one study."""
    keys = ["engine", "reference", "quantity", "tolerance"]
    frame = worst_by(keys, measurements)
    order = {name: rank for rank, name in enumerate(quantities.ordered(frame["quantity"]))}
    frame = frame.sort_values(keys, key=lambda s: s.map(order) if s.name == "quantity" else s)
    columns = {
        "engine": c.ENGINE,
        "reference": Column("against", "the reference that it was compared with"),
        "quantity": replace(c.QUANTITY, width=0.14),
        "compared": c.COMPARED,
        "failed": c.FAILED,
        "error": replace(c.ERROR, heading="worst error", meaning=f"the largest error: {c.ERROR.meaning}"),
        "bound": c.BOUND,
        "ratio": c.RATIO,
        "component": replace(c.COMPONENT, heading="worst", meaning="the number in which it occurred"),
        "actual": replace(c.MEASUREMENT["actual"], shown=FILE),
        "expected": replace(c.MEASUREMENT["expected"], shown=FILE),
        "tolerance": replace(c.TOLERANCE, shown=PAGE),
    }
    return Table(
        name=f"{slug}_judged",
        title="What was judged",
        note="Every number of this study that must hold, by kind; one failure fails the whole run.",
        frame=frame[list(columns)],
        columns=columns,
        empty="This study judges nothing; it only shows.",
        alarm="failed",
    )
