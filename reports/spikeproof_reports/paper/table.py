"""A table independent of any output format: a frame of raw values, and the meaning of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from spikeproof_reports.paper import numerals, quantities

NUMBERS = ("count", "number", "optional", "exact", "percent")
FOLDED = 15  # most rows of a table that a page shows unfolded
PAPER, PAGE, FILE = 0, 1, 2  # where a column is shown: everywhere; not in LaTeX; in the CSV file alone

_TEXT: Mapping[str, Callable[[Any], str]] = {
    "text": lambda value: "" if pd.isna(value) else str(value),
    "name": lambda value: "" if pd.isna(value) else str(value),  # a text that lines should not break
    "quantity": lambda value: quantities.label(str(value)),
    "count": numerals.count,
    "number": numerals.number,
    "optional": numerals.optional,
    "exact": numerals.exact,
    "percent": numerals.percent,
}


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it means, how values become text, who shows it.

    `width` is the fraction of the line that it takes in LaTeX; 0 means as wide as its text.
    """

    heading: str
    meaning: str
    kind: str = "text"
    shown: int = PAPER
    width: float = 0.0

    @property
    def is_number(self) -> bool:
        """Whether its values are aligned to the right."""
        return self.kind in NUMBERS


@dataclass(frozen=True, eq=False)
class Table:
    """A table of a report.

    Attributes
    ----------
    name : name of its CSV file and LaTeX label.
    title, note : heading, and what the reader should know.
    frame : raw values; its columns are the keys of `columns`, in this order.
    columns : what each column is.
    empty : the sentence that stands for the table if it has no rows.
    limits : most rows in LaTeX and in the other documents; the CSV file has all.
    alarm : name of a column of counts; documents mark rows where it is not 0.
    commands : what computes each row of `frame` again, "" where nothing does; empty if no row is a case. Pages alone
        show them.
    """

    name: str
    title: str
    note: str
    frame: pd.DataFrame
    columns: Mapping[str, Column]
    empty: str
    limits: tuple[int, int] = (40, 200)
    alarm: str = field(default="")
    commands: tuple[str, ...] = ()

    def text(self, medium: int) -> pd.DataFrame:
        """The cells as text under their headings, as shown by `medium` (`PAPER` or `PAGE`)."""
        rows = self.frame.head(self.limits[medium])
        cells = {key: [_TEXT[column.kind](value) for value in rows[key]] for key, column in self.seen(medium).items()}
        return pd.DataFrame(cells, dtype=object).rename(columns={k: c.heading for k, c in self.columns.items()})

    def seen(self, medium: int) -> dict[str, Column]:
        """The columns that `medium` shows."""
        return {key: column for key, column in self.columns.items() if column.shown <= medium}

    @property
    def is_long(self) -> bool:
        """Whether a page folds it, and shows figures first."""
        return len(self.frame) > FOLDED

    def alarmed(self, medium: int) -> list[bool]:
        """Whether each row of `text` is marked."""
        rows = self.frame.head(self.limits[medium])
        return [bool(value) for value in rows[self.alarm]] if self.alarm else [False] * len(rows)

    def left_out(self, medium: int) -> str:
        """A sentence on the rows that `text` leaves out; empty if it has all."""
        rest = len(self.frame) - self.limits[medium]
        if rest <= 0:
            return ""
        return f"{numerals.count(rest)} more of {numerals.count(len(self.frame))} rows are in tables/{self.name}.csv."
