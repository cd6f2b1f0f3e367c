"""The worst measurements, and all that failed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.table import FILE, Column, Table
from spikeproof_reports.verification.tables import columns as c

WORST = 10


def worst_measurements(measurements: pd.DataFrame) -> Table:
    """The measurements of each quantity and engine with the largest ratio of error to bound."""
    wrong = _by_severity(measurements[measurements["ratio"] > 0])
    groups = wrong.groupby(["quantity", "engine"], observed=True, sort=False)
    frame = groups.head(WORST).assign(rank=groups.cumcount() + 1)
    columns = {"quantity": c.QUANTITY, "rank": Column("no.", "rank by error/bound", kind="count"), **c.MEASUREMENT}
    columns |= {name: replace(columns[name], shown=FILE) for name in ("actual", "expected")}
    return Table(
        name="worst",
        title="The worst numbers of each quantity",
        note=f"Up to {WORST} per quantity and engine, ranked by error/bound; those that are not finite come first. "
        "Numbers without any error are not listed.",
        frame=frame[[*columns, "failed"]],
        columns=columns,
        empty="No number has an error.",
        limits=(80, 200),
        alarm="failed",
    )


def failures(measurements: pd.DataFrame) -> Table:
    """Every measurement that failed, from judged measurements."""
    frame = _by_severity(measurements[measurements["failed"]])
    columns = {"quantity": c.QUANTITY, **c.MEASUREMENT}
    return Table(
        name="failures",
        title="Failures",
        note="Every number that exceeds its bound or is not finite, the worst of each quantity and engine first.",
        frame=frame[list(columns)],
        columns=columns,
        empty="There are no failures.",
        limits=(30, 200),
    )


def _by_severity(measurements: pd.DataFrame) -> pd.DataFrame:
    order = {name: rank for rank, name in enumerate(quantities.ordered(measurements["quantity"]))}
    ranked = measurements.assign(order=measurements["quantity"].astype(object).map(order).astype(float))
    return ranked.sort_values(["order", "engine", "ratio"], ascending=[True, True, False], kind="stable")
