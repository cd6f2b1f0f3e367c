"""Cases that took long, and cases that gave no numbers."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.paper.table import Column, Table
from spikeproof_reports.verification.tables import columns as c

SLOWEST = 10


def slowest_cases(cases: pd.DataFrame) -> Table:
    """The cases that took longest."""
    columns = {
        "campaign": c.CAMPAIGN,
        "case": c.CASE,
        "regime": c.REGIME,
        "n_neurons": Column("neurons", "number of neurons", kind="count"),
        "n_spikes": Column("spikes", "number of spikes of the reference", kind="count"),
        "seconds": Column("time (s)", "seconds for the whole case, engine and references", kind="optional"),
    }
    return Table(
        name="slowest",
        title="Slowest cases",
        note=f"The {SLOWEST} cases that took longest; nearly all of it is the references' high precision.",
        frame=cases.sort_values("seconds", ascending=False, kind="stable").head(SLOWEST)[list(columns)],
        columns=columns,
        empty="There were no cases.",
    )


def cases_without_numbers(cases: pd.DataFrame) -> Table:
    """The cases that were refused or failed, with their notes."""
    columns = {
        "campaign": c.CAMPAIGN,
        "case": c.CASE,
        "regime": c.REGIME,
        "status": Column(
            "status", "refused: the problem has no gradient or is outside what is checked; failed: an error"
        ),
        "note": Column("note", "the message", width=0.36),
    }
    frame = cases[cases["status"] != "done"].sort_values(["status", "campaign", "case"], kind="stable")
    return Table(
        name="without_numbers",
        title="Cases refused or failed",
        note="These cases gave no numbers to compare; they are part of the record.",
        frame=frame[list(columns)].assign(broken=frame["status"] == "failed"),
        columns=columns,
        empty="Every case gave its numbers: none was refused, none failed.",
        alarm="broken",
    )
