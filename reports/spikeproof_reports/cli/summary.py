"""The results of a run in a few lines on the terminal: a table of the compared quantities, then the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.verdict import Verdict
from spikeproof_reports.verification.headline import REFERENCE, is_zero, of_engines
from spikeproof_reports.verification.judged import judged
from spikeproof_reports.verification.run import RunRecord
from spikeproof_reports.verification.tables.verdicts import worst_by
from spikeproof_reports.verification.verdict import verdict_on
from spikeproof_verification.experiments.studies.study import CAMPAIGN

PASSED, FAILED = 0, 1
GREEN, RED = "bold green", "bold red"


def show_summary(run: RunRecord, folder: Path) -> int:
    """Print one line per quantity and the verdict of the report; return the exit status.

    The verdict stands last, where the terminal still shows it.
    """
    # names and messages come from files: markup and emoji codes in them are printed as they are
    console = Console(highlight=False, markup=False, emoji=False)
    measurements = judged(run.measurements)
    console.print(_table(measurements, console.encoding))
    console.print()
    verdict = verdict_on(run, measurements)
    _show(verdict, console)
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True)
    return PASSED if verdict.clean else FAILED


def _table(measurements: pd.DataFrame, encoding: str) -> Table:
    """One row per quantity below a row for each engine; long texts are folded, never cut."""
    table = Table(
        "quantity", "nonzero", "zeros", "failed", "/bound", "worst case", box=None, padding=(0, 1, 0, 0), pad_edge=False
    )
    for column in table.columns[1:5]:
        column.justify, column.no_wrap = "right", True
    for column in (table.columns[0], table.columns[5]):
        column.overflow = "fold"
    for heading, rows in _parts(measurements):
        table.add_row(_printable(heading, encoding), style="bold")
        for row in rows.to_dict("records"):
            ratio, case = ("exact", "") if row["ratio"] == 0 else (f"{row['ratio']:.3g}", row["case"])
            numbers = (f"{row[name]:,}" for name in ("nonzero", "zeros", "failed"))
            style = RED if row["failed"] else None
            table.add_row(_printable(row["name"], encoding), *numbers, ratio, _printable(case, encoding), style=style)
    return table


def _parts(measurements: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The sections of the table, each with its heading: engines, the reference's own checks, and studies."""
    in_studies = measurements["campaign"] == CAMPAIGN
    mine = of_engines(measurements)
    for engine, rows in mine.groupby("engine"):
        yield str(engine), _by("quantity", rows)
    own = measurements[~in_studies].drop(mine.index)
    if len(own):
        yield f"{REFERENCE}, itself", _by("quantity", own)
    if in_studies.any():
        rows = _by("case", measurements[in_studies])
        yield "studies", rows.assign(case=rows["component"])


def _by(key: str, measurements: pd.DataFrame) -> pd.DataFrame:
    """One row for each value of `key`: how many numbers are 0 in both, how many are not, and the worst of them."""
    rows = measurements.reset_index(drop=True)
    zeros = is_zero(rows).groupby(rows[key]).sum()
    found = worst_by([key], rows)
    found = found.assign(zeros=found[key].map(zeros), name=found[key].map(quantities.label))
    found = found.assign(nonzero=found["compared"] - found["zeros"])
    rank = {name: n for n, name in enumerate(quantities.ordered(found[key]))}
    return found.sort_values(key, key=lambda names: names.map(rank))


def _show(verdict: Verdict, console: Console) -> None:
    """The verdict, its numbers and the first failures."""
    style = GREEN if verdict.clean else RED
    for text in (f"{verdict.word}: {verdict.sentence}", *verdict.remarks):
        console.print(_printable(text, console.encoding), style=style)
    for line in verdict.failures:
        console.print(_printable(f"{line.name} ({line.value}) {line.note}", console.encoding), style=RED)
        if line.command:
            console.print(_printable(f"    {line.command}", console.encoding), soft_wrap=True)
    console.print(_lines(verdict.lines, console.encoding))


def _lines(lines: Iterable[Line], encoding: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", style="bold")
    table.add_column(overflow="fold")
    for line in lines:
        note = f"{line.note} {line.where}".strip()
        table.add_row(*(_printable(text, encoding) for text in (line.name, line.value, note)))
    return table


def _printable(text: str, encoding: str) -> str:
    """`text` with "?" for the letters that a terminal of this encoding does not have."""
    return text.encode(encoding, "replace").decode(encoding)
