"""The one table of a report that a paper prints: at most six columns, and fewer for a column of a journal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.table import PAPER, Table

NAME, MOST = "headline_numbers", 6


@dataclass(frozen=True, eq=False)
class Printed:
    """A table of at most `MOST` columns, and the names of those that fit in the column of a journal.

    `width` is the fraction of that column that the first of them takes.

    Raises
    ------
    InvalidInput
        If the table has more columns or another name than `NAME`, or lacks one of `narrow`.
    """

    table: Table
    narrow: tuple[str, ...]
    width: float = 0.0

    def __post_init__(self) -> None:
        columns = self.table.seen(PAPER)
        if self.table.name != NAME or len(columns) > MOST:
            raise InvalidInput("printed", f"{self.table.name} with {len(columns)} columns", f"{NAME} with {MOST}")
        if not set(self.narrow) <= set(columns):
            raise InvalidInput("printed", self.narrow, f"columns among {', '.join(columns)}")

    @property
    def column(self) -> Table:
        """The table with the columns that fit in the column of a journal, 3.3 inches."""
        columns = {name: self.table.columns[name] for name in self.narrow}
        first = self.narrow[0]
        columns[first] = replace(columns[first], width=self.width)
        return replace(self.table, name=f"{NAME}_column", frame=self.table.frame[list(self.narrow)], columns=columns)
