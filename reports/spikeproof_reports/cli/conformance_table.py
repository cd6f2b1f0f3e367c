"""The findings of a conformance run on the terminal: a row for each family, failures, the headline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from spikeproof_reports.conformance.summary import HEAD, facts, failures, family_rows, first_lines
from spikeproof_verification.conformance.record import Run

PASSED, FAILED = 0, 1
STYLES = {"good": "green", "bad": "bold red", "none": "dim"}
MOST = 20  # failures that are shown; all are in the report


def show(run: Run, unexpected: Sequence[str] | None, folder: Path) -> int:
    """Print the run; returns the exit status that belongs to it."""
    console = Console(highlight=False, markup=False, emoji=False)  # names and messages come from engines
    console.print(_table(run))
    failed = failures(run)
    for v in failed[:MOST]:
        console.print(f"{v.level} {v.key}: {v.verdict}: {v.message}", soft_wrap=True)
    if len(failed) > MOST:
        console.print(f"and {len(failed) - MOST} more: see {folder / 'report.html'}")
    for line in unexpected or ():
        console.print(f"not as expected: {line}", style="bold red", soft_wrap=True)
    first, *smoke = first_lines(run)
    for line in smoke:
        console.print(line, style="bold red", soft_wrap=True)
    good = _good(run, unexpected)
    console.print(first, style="bold green" if good and not failed else "bold" if good else "bold red", soft_wrap=True)
    console.print(f"{facts(run)}; report: {folder / 'report.html'}", soft_wrap=True)
    return PASSED if good else FAILED


def _good(run: Run, unexpected: Sequence[str] | None) -> bool:
    """Whether everything supported passed, or failed as expected; something must be supported."""
    if unexpected is not None:
        return not unexpected and run.headline.supported > 0
    return run.headline.clean and all(finding.fits for finding in run.smoke)


def _table(run: Run) -> Table:
    """A row for each family; verdicts that no case got have no column."""
    rows = family_rows(run)
    used = [n for n in range(len(HEAD)) if n < 2 or any(row.cells[n] for row in rows)]
    table = Table(*(HEAD[n] for n in used), box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*(row.cells[n] for n in used), style=STYLES[row.state])
    return table
