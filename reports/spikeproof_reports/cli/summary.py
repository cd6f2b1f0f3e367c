"""What a run found, in a few lines on the terminal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from spikeproof_reports.run import RunRecord

PASSED, FAILED = 0, 1


def show_summary(run: RunRecord, folder: Path) -> int:
    """Print the verdict and one line per kind of number; returns the exit status."""
    console = Console(highlight=False)
    table = Table("campaign", "engine", "quantity", "compared", "failed", "worst/bound", "worst case", box=None)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[3:6]:
        column.justify = "right"
    groups = run.measurements.groupby(["campaign", "engine", "quantity"], sort=False, observed=True)
    for key, group in groups:
        campaign, engine, quantity = (str(part).replace("_", " ") for part in key)
        failed = int((group["verdict"] == "fail").sum())
        position = int(np.argmax(group["error"].fillna(np.inf).to_numpy()))
        error, bound = float(group["error"].iloc[position]), float(group["bound"].iloc[position])
        ratio = "exact" if error == 0 else ("no bound" if bound == 0 else f"{error / bound:.3g}")
        where = "" if error == 0 else str(group["case"].iloc[position])
        style = "bold red" if failed else None
        table.add_row(campaign, engine, quantity, f"{len(group):,}", str(failed), ratio, where, style=style)
    console.print(table)
    return _verdict(run, folder, console)


def _verdict(run: RunRecord, folder: Path, console: Console) -> int:
    failed = int((run.measurements["verdict"] == "fail").sum())
    disagreeing = int((run.agreement["verdict"] == "fail").sum())
    broken = run.cases[run.cases["status"] == "failed"]
    refused = int((run.cases["status"] == "refused").sum())
    if len(run.agreement):
        digits = float(run.agreement["digits"].min())
        pairs = int(run.agreement["compared"].sum())
        console.print(
            f"\nThe reference's three gradients agree to {digits:.0f} digits or more ({pairs:,} comparisons)."
        )
    if refused:
        console.print(f"{refused} of {len(run.cases)} cases were refused, each with a reason; see the report.")
    for note in broken[["case", "note"]].itertuples(index=False):
        console.print(f"failed: {note[0]}: {note[1]}", style="bold red", markup=False)
    if failed or disagreeing or len(broken):
        console.print(
            f"{failed} of {len(run.measurements):,} compared numbers FAIL, {disagreeing} comparisons within the "
            f"reference fail, {len(broken)} cases could not be finished.",
            style="bold red",
        )
    else:
        console.print(f"All {len(run.measurements):,} compared numbers are within their bounds.", style="bold green")
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True, markup=False)
    return FAILED if failed or disagreeing or len(broken) else PASSED
