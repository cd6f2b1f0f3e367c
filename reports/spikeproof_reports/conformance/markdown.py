"""A run of the conformance suite as Markdown, for the summaries of CI services."""

from __future__ import annotations

from collections.abc import Sequence

from spikeproof_reports.conformance.summary import HEAD, facts, failures, family_rows, first_lines
from spikeproof_verification.conformance.record import Run

MOST = 50  # failures that are shown; all of them are in the results


def markdown(run: Run, unexpected: Sequence[str] | None = None) -> str:
    """The text; `unexpected` are the lines that a file of expected failures does not explain, None without one."""
    first, *smoke = first_lines(run)
    lines = [f"# Conformance of {_plain(run.engine)}", "", _plain(first), "", facts(run), ""]
    lines += [f"**{_plain(line)}**\n" for line in smoke]
    if unexpected is not None:
        lines += ["## Not as expected", "", *(f"- {_plain(line)}" for line in unexpected or ["nothing"]), ""]
    lines += [_row(HEAD), _row(["---"] * len(HEAD)), *(_row(row.cells) for row in family_rows(run)), ""]
    failed = failures(run)
    if failed:
        lines += ["## Failures", "", _row(["case", "level", "verdict", "message"]), _row(["---"] * 4)]
        lines += [_row([v.key, v.level, v.verdict, v.message]) for v in failed[:MOST]]
        lines += [f"\nand {len(failed) - MOST} more"] if len(failed) > MOST else []
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |"


def _plain(text: str) -> str:
    """Text in which nothing means markup: names and messages come from engines."""
    for sign in "\\|<>*_`[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
