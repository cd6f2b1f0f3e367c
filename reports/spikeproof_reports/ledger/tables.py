"""The tables of the equation ledger."""

# ruff: noqa: RUF001 -- dashes are typographic on purpose

from __future__ import annotations

import pandas as pd

from spikeproof_reports.paper.chapter import Frames
from spikeproof_reports.paper.table import FILE, PAGE, Column, Table


def ledger_tables(frames: Frames) -> tuple[Table, ...]:
    """How many equations have each verdict, what has to be corrected, all equations, all checks."""
    return (
        _verdicts(frames["verdicts"]),
        _corrections(frames["equations"]),
        _equations(frames["equations"]),
        _checks(frames["checks"]),
    )


_ID = Column("equation", "series and number", "name")
_STATES = Column("states", "what it says, in the notation of this project", width=0.3)
_PRINTED = Column("as printed", "residual of the equation as printed; – if it names what is not defined", "optional")
_CORRECTED = Column("as corrected", "residual of the corrected equation, where there is one", "optional")
_CORRECTION = Column("correction", "what has to be changed", width=0.24)
_CONTRADICTED = Column("contradicted", "whether a residual contradicts what is claimed", shown=FILE)


def _verdicts(frame: pd.DataFrame) -> Table:
    columns = {
        "verdict": Column("verdict", "what the residuals say"),
        "paper": Column("paper", "equations of the paper", "count"),
        "notes": Column("notes", "equations of the notes' own series", "count"),
        "unnumbered": Column("unnumbered", "tables, the figure and claims", "count"),
        "all": Column("all", "their sum", "count"),
    }
    note = "Definitions, and conventions that restate them, cannot be put to a test."
    return Table("ledger_verdicts", "Verdicts on the equations", note, frame, columns, "No equation was examined.")


def _corrections(frame: pd.DataFrame) -> Table:
    rows = frame[frame["correction"] != ""].reset_index(drop=True)
    columns = {
        "id": _ID,
        "states": _STATES,
        "correction": _CORRECTION,
        "verdict": Column("verdict", "what the residuals of all its checks say", width=0.12),
    }
    note = "The other equations hold as printed, under every condition that was tried, or define something."
    return Table(
        "ledger_corrections", "What has to be corrected, or holds under a condition", note, rows, columns,
        "Nothing has to be corrected.", limits=(200, 200),
    )  # fmt: skip


def _equations(frame: pd.DataFrame) -> Table:
    columns = {
        "id": _ID,
        "section": Column("section", "of the notes", shown=PAGE),
        "kind": Column("kind", "definition, identity, derived from what is before it, or claim", shown=PAGE),
        "states": _STATES,
        "how": Column("how checked", "what is compared with what, in the general case", width=0.26),
        "printed": _PRINTED,
        "corrected": _CORRECTED,
        "verdict": Column("verdict", "what the residuals of all its checks say", width=0.12),
        "correction": Column("correction", _CORRECTION.meaning, shown=PAGE),
        "note": Column("note", "why it cannot be checked, or what a reader should know", shown=PAGE),
        "contradicted": _CONTRADICTED,
    }
    return Table(
        "ledger_equations", "Every equation", "In the order of the notes; residuals are those of the general case.",
        frame, columns, "No equation was examined.", limits=(200, 200), alarm="contradicted",
    )  # fmt: skip


def _checks(frame: pd.DataFrame) -> Table:
    columns = {
        "id": _ID,
        "condition": Column("condition", "empty in the general case", width=0.2),
        "how": Column("how checked", "what is compared with what", width=0.34),
        "printed": _PRINTED,
        "corrected": _CORRECTED,
        "outcome": Column("outcome", "what the residuals say: holds, corrected, or fails"),
        "claim": Column("claimed", "what this project claims", shown=PAGE),
        "contradicted": _CONTRADICTED,
    }
    return Table(
        "ledger_checks", "Every check", "An equation has one row for each condition under which it was evaluated.",
        frame, columns, "No check was made.", limits=(200, 250), alarm="contradicted",
    )  # fmt: skip
