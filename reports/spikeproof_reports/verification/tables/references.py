"""The tables of the references: their agreement among themselves, and the tolerances."""

# ruff: noqa: RUF001 -- minus, times and dash are typographic on purpose

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from spikeproof_reports.paper.table import Column, Table
from spikeproof_reports.verification.judged import AGREEMENT
from spikeproof_reports.verification.tables import columns as c


def agreement_summary(agreement: pd.DataFrame) -> Table:
    """How well each pair of reference gradients agrees, and where worst, from judged agreements."""
    worst = agreement["worst"].astype(float)
    rows = agreement.assign(severity=worst.where(np.isfinite(worst), np.inf))
    groups = rows.groupby("pair", observed=True)
    frame = groups.agg(
        cases=("case", "size"), compared=("compared", "sum"), failed=("failed", "sum"), where=("severity", "idxmax")
    )
    frame = frame.reset_index().join(rows[["worst", "digits", "campaign", "case"]], on="where")
    columns = {
        "pair": Column("pair", "the two ways to the same gradient"),
        "cases": Column("cases", "problems in which both were computed", kind="count"),
        "compared": replace(c.COMPARED, meaning="how many derivatives were compared"),
        "failed": Column("failed", "cases in which they agree in fewer digits than demanded", kind="count"),
        "worst": Column("worst deviation", "largest relative deviation", kind="number"),
        "digits": Column("digits", "common digits there, −log₁₀ of the deviation", kind="number"),
        "campaign": c.CAMPAIGN,
        "case": replace(c.CASE, heading="worst case", meaning="the problem in which it occurred"),
    }
    return Table(
        name="agreement",
        title="Agreement of the reference gradients among themselves",
        note="The reference gradients are computed in independent ways in high precision. "
        "They are compared before any engine is measured against them.",
        frame=frame[list(columns)],
        columns=columns,
        empty="The reference gradients were not compared among themselves in this run.",
        alarm="failed",
    )


def tolerances(stated: pd.DataFrame, measurements: pd.DataFrame, agreement: pd.DataFrame) -> Table:
    """Every tolerance with its reason and the largest ratio of error to bound in this run."""
    used = [measurements[["tolerance", "ratio"]].assign(compared=1)]
    used += [agreement[["compared", "ratio"]].assign(tolerance=AGREEMENT)]
    groups = pd.concat([rows for rows in used if len(rows)] or used[:1]).groupby("tolerance", observed=True)
    totals = groups.agg(compared=("compared", "sum"), ratio=("ratio", "max")).reset_index()
    frame = stated.merge(totals.astype({"tolerance": object}), left_on="name", right_on="tolerance", how="outer")
    frame["name"] = frame["name"].fillna(frame["tolerance"])
    frame = frame.fillna({"compared": 0, "scale": "not stated", "reason": "not stated"})
    columns = {
        "name": replace(c.TOLERANCE, meaning="its name", width=0.13),
        "multiple": Column("bound", "how many units an error may have", kind="optional"),
        "unit": Column("unit", "what errors are counted in; 2.22×10⁻¹⁶ is ε = 2⁻⁵²", kind="optional"),
        "scale": Column("scale", "what the unit is multiplied with for each number", width=0.16),
        "reason": Column("reason", "why this bound and no other", width=0.3),
        "compared": c.COMPARED,
        "ratio": replace(
            c.RATIO, heading="worst", meaning=f"largest error/bound in this run: {c.RATIO.meaning}", kind="optional"
        ),
    }
    return Table(
        name="tolerances",
        title="Tolerances",
        note="A number passes if its deviation is at most bound × unit × scale. No other tolerance is used anywhere.",
        frame=frame[list(columns)],
        columns=columns,
        empty="No tolerances were stated.",
    )
