"""``spikeproof ledger``: every equation of the EventProp derivation, evaluated."""

from __future__ import annotations

import math
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from spikeproof_verification.experiments.ledger import Entry, Equation, Finding

PASSED, FAILED = 0, 1


@click.command(short_help="Evaluate every equation of the EventProp derivation.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for Markdown, LaTeX and CSV files."
)
@click.option("--only", multiple=True, metavar="ID", help='One equation, e.g. "paper 52a"; repeatable.')
def ledger(out: Path | None, only: tuple[str, ...]) -> int:
    """Evaluate every numbered equation of an annotated EventProp derivation, as printed and as corrected.

    Equations are called "paper N" where the derivation quotes Wunderlich and Pehle (2021), "notes N" where the number
    is its own. Both sides are computed with 60 digits, on small random networks, from difference quotients of
    simulated trajectories, root-found spike times, quadrature and Taylor series. The exit status is 1 if a residual
    contradicts what is claimed of an equation: that it holds, or that it fails as printed and holds as corrected.
    """
    from rich.console import Console

    from spikeproof_reports.paper.folder import claim
    from spikeproof_verification.experiments.ledger import chosen

    started, clock = datetime.now(UTC), time.perf_counter()
    equations = chosen(only)
    if out is not None:
        claim(out, "ledger")
    entries = _examined(equations)
    console = Console(highlight=False, markup=False, emoji=False)
    _show(entries, console)
    if out is not None:
        _write(entries, out, started, time.perf_counter() - clock)
        console.print(f"Ledger: {out / 'ledger.md'}", soft_wrap=True)
    return PASSED if all(entry.confirmed for entry in entries) else FAILED


def _examined(equations: Sequence[Equation]) -> list[Entry]:
    from rich.console import Console
    from rich.progress import track

    from spikeproof_verification.experiments.ledger import examine

    console = Console(stderr=True)
    hidden = not console.is_terminal  # a bar that vanishes would leave an empty line elsewhere
    bar = track(equations, description="evaluating", console=console, transient=True, disable=hidden)
    return [examine(equation) for equation in bar]


def _show(entries: Sequence[Entry], console: Console) -> None:
    """One row for each check, the verdict beside the first; then how many have each verdict."""
    from rich.table import Table

    from spikeproof_verification.experiments.ledger import verdict_rows

    table = Table(
        "equation", "states, and how that is checked", "printed", "corrected", "verdict", box=None, padding=(0, 2, 0, 0)
    )
    for column in (table.columns[2], table.columns[3]):
        column.justify, column.no_wrap = "right", True
    table.columns[0].no_wrap, table.columns[4].max_width = True, 13
    for entry in entries:
        equation, style = entry.equation, "bold" if entry.confirmed else "bold red"
        table.add_row(equation.id, equation.states, "", "", entry.verdict, style=style)
        for finding in entry.findings:
            table.add_row("", _how(finding), *_residuals(finding), finding.outcome)
        for text in filter(None, (equation.correction and f"correction: {equation.correction}", equation.note)):
            table.add_row("", text)
    console.print(table)
    counts = [(row["verdict"], row["all"]) for row in verdict_rows(entries) if row["all"]]
    console.print("; ".join(f"{verdict}: {count}" for verdict, count in counts))
    for entry in entries:
        if not entry.confirmed:
            console.print(f"{entry.equation.id}: the residuals contradict what is claimed", style="bold red")


def _how(finding: Finding) -> str:
    condition = finding.check.condition
    return f"{finding.check.how} ({condition})" if condition else finding.check.how


def _residuals(finding: Finding) -> list[str]:
    return ["" if math.isnan(value) else f"{value:.1e}" for value in (finding.printed, finding.corrected)]


def _write(entries: Sequence[Entry], out: Path, started: datetime, seconds: float) -> None:
    from spikeproof_reports.ledger.content import ledger_content
    from spikeproof_reports.paper.folder import renewed
    from spikeproof_reports.paper.latex import write_latex
    from spikeproof_reports.paper.markdown import write_markdown
    from spikeproof_reports.paper.provenance import provenance
    from spikeproof_reports.paper.spreadsheets import write_csv

    facts = provenance(shlex.join(["spikeproof", *sys.argv[1:]]), 0, started, duration=seconds)
    content = ledger_content(entries, facts)
    with renewed(out, "ledger", "report") as new:
        write_markdown(content, new / "ledger.md")
        write_latex(content, new / "ledger.tex")
        write_csv(content, new / "tables")
        for picture in content.pictures:
            picture.save(new / "figures", facts)
