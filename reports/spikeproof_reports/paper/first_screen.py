"""The first screen as a table."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.table import Column, Table
from spikeproof_reports.paper.verdict import Verdict


def headline(verdict: Verdict) -> Table:
    """The verdict and its lines, then the first failures, each with the command that computes it again."""
    lines = (Line("Verdict", verdict.word, " ".join((verdict.sentence, *verdict.remarks))), *verdict.lines)
    rows = [(line.name, line.value, line.note, line.where or line.command) for line in (*lines, *verdict.failures)]
    columns = {
        "name": Column("what", "what was counted or measured, or which case failed", width=0.13),
        "value": Column("found", "the number; of a case that failed, its campaign", width=0.1),
        "note": Column("", "what it says", width=0.38),
        "where": Column("where", "which number of which case it is; of a failure, what computes it again", width=0.34),
    }
    return Table(
        name="headline",
        title="What was found",
        note="ε is 2⁻⁵². The scale of a number is the size of its rounding errors in units of ε.",
        frame=pd.DataFrame(rows, columns=list(columns)),
        columns=columns,
        empty="",
    )
