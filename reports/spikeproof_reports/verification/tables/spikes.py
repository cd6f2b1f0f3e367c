"""Spikes missed and spikes too many."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.paper.table import Column, Table
from spikeproof_reports.verification.spike_counts import with_missed_and_surplus
from spikeproof_reports.verification.tables import columns as c


def spike_counts(measurements: pd.DataFrame) -> Table:
    """Spikes of the reference, missed and surplus ones per campaign and engine, from the measured spike counts."""
    rows = measurements[measurements["quantity"] == "spike_count"]
    groups = with_missed_and_surplus(rows).groupby(["campaign", "engine"], observed=True)
    frame = groups.agg(
        cases=("case", "nunique"),
        compared=("case", "size"),
        spikes=("expected", "sum"),
        missed=("missed", "sum"),
        surplus=("surplus", "sum"),
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
        "surplus": Column("surplus", "spikes of the engine that the reference does not have", kind="count"),
    }
    return Table(
        name="spike_counts",
        title="Spikes found and missed",
        note="Counted before any time is compared: one spike too many or too few makes all later numbers meaningless.",
        frame=frame.assign(wrong=frame["missed"] + frame["surplus"])[[*columns, "wrong"]],
        columns=columns,
        empty="No spike counts were compared.",
        alarm="wrong",
    )
