"""Spikes missed and spikes too many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spikeproof_reports.table import Column, Table
from spikeproof_reports.tables import columns as c


def spike_counts(measurements: pd.DataFrame) -> Table:
    """Spikes of the reference, missed and extra ones per campaign and engine, from the measured spike counts."""
    rows = measurements[measurements["quantity"] == "spike_count"]
    expected = rows["expected"].to_numpy(np.float64)
    # an engine without a count has found none of the spikes
    actual = np.where(np.isfinite(rows["actual"]), rows["actual"], 0.0)
    rows = rows.assign(missed=np.maximum(expected - actual, 0), extra=np.maximum(actual - expected, 0))
    groups = rows.groupby(["campaign", "engine"], observed=True)
    frame = groups.agg(
        cases=("case", "nunique"),
        compared=("case", "size"),
        spikes=("expected", "sum"),
        missed=("missed", "sum"),
        extra=("extra", "sum"),
    )
    frame = frame.reset_index()
    columns = {
        "campaign": c.CAMPAIGN,
        "engine": c.ENGINE,
        "cases": Column("cases", "problems with compared spike counts", kind="count"),
        "compared": Column("counts", "how many counts were compared", kind="count"),
        "spikes": Column("spikes", "spikes that the reference found", kind="count"),
        "missed": Column(
            "missed", "those that the engine lacks; all of them where it gave no finite count", kind="count"
        ),
        "extra": Column("extra", "spikes of the engine that the reference does not have", kind="count"),
    }
    return Table(
        name="spike_counts",
        title="Spikes found and missed",
        note="Counted before any time is compared: one spike too many or too few makes all later numbers meaningless.",
        frame=frame.assign(wrong=frame["missed"] + frame["extra"])[[*columns, "wrong"]],
        columns=columns,
        empty="No spike counts were compared.",
        alarm="wrong",
    )
