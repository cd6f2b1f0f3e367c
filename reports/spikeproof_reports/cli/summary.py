"""What a run found, in a few lines on the terminal."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from spikeproof_reports import quantities
from spikeproof_reports.judged import judged, judged_agreement
from spikeproof_reports.run import RunRecord
from spikeproof_reports.tables import verdict_summary
from spikeproof_reports.tables.verdicts import worst_by
from spikeproof_reports.verdict import verdict_on
from spikeproof_verification.studies.study import CAMPAIGN

PASSED, FAILED = 0, 1
GREEN, RED = "bold green", "bold red"


def show_summary(run: RunRecord, folder: Path) -> int:
    """Print one line per kind of number and the verdict of the report; returns the exit status that belongs to it."""
    # names and messages come from files: neither markup nor emoji codes in them mean anything
    console = Console(highlight=False, markup=False, emoji=False)
    measurements = judged(run.measurements)
    of_study = measurements["campaign"] == CAMPAIGN
    rows = [verdict_summary(measurements[~of_study].reset_index(drop=True)).frame]
    if of_study.any():
        rows.append(_by_study(measurements[of_study].reset_index(drop=True)))
    console.print(_table(pd.concat(rows), console.encoding))
    console.print()
    for text, style in (*_remarks(run), *_broken(run.cases)):
        console.print(_printable(text, console.encoding), style=style)
    verdict = verdict_on(run, measurements)
    for text in (verdict.sentence, *verdict.remarks):
        console.print(_printable(text, console.encoding), style=GREEN if verdict.clean else RED)
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True)
    return PASSED if verdict.clean else FAILED


def _by_study(measurements: pd.DataFrame) -> pd.DataFrame:
    """One row for each study, named by it, with its worst number."""
    rows = worst_by(["campaign", "case"], measurements).assign(engine="one row each")
    place = rows["component"].astype(str)
    return rows.assign(quantity=rows["case"], case=place)


def _table(summary: pd.DataFrame, encoding: str) -> Table:
    """One row per quantity below a row for each campaign and engine; what is too long is folded, never cut."""
    table = Table(
        "quantity", "compared", "failed", "of bound", "worst case", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    for column in table.columns[1:4]:
        column.justify, column.no_wrap = "right", True
    for column in (table.columns[0], table.columns[4]):
        column.overflow = "fold"
    for (campaign, engine), rows in summary.groupby(["campaign", "engine"], sort=False):
        table.add_row(_printable(f"{campaign}, {engine}", encoding), style="bold")
        for row in rows.to_dict("records"):
            exact, name = row["ratio"] == 0, quantities.label(row["quantity"])
            ratio, case = ("exact", "") if exact else (f"{row['ratio']:.3g}", _printable(row["case"], encoding))
            numbers = f"{row['compared']:,}", f"{row['failed']:,}"
            table.add_row(name, *numbers, ratio, case, style=RED if row["failed"] else None)
    return table


def _remarks(run: RunRecord) -> list[tuple[str, str | None]]:
    agreement = judged_agreement(run.agreement, run.tolerances)
    if agreement.empty or agreement["failed"].any():
        return []
    digits, compared = float(agreement["digits"].min()), int(agreement["compared"].sum())
    place = f"to {digits:.0f} digits or more" if math.isfinite(digits) else "to the last digit"
    return [(f"The reference's gradients agree {place} ({compared:,} comparisons).", None)]


def _broken(cases: pd.DataFrame) -> list[tuple[str, str | None]]:
    broken = cases[cases["status"] == "failed"]
    return [(f"failed: {row['case']}: {row['note']}", RED) for row in broken.to_dict("records")]


def _printable(text: str, encoding: str) -> str:
    """`text` with "?" for the letters that a terminal of this encoding does not have."""
    return text.encode(encoding, "replace").decode(encoding)
