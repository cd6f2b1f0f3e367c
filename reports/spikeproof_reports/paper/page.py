"""A chapter with its verdict and, where it is a study, the numbers of it that were judged."""

from __future__ import annotations

from dataclasses import dataclass

from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.paper.table import Table
from spikeproof_reports.paper.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Page:
    """The page of one chapter.

    Attributes
    ----------
    chapter : what is shown.
    verdict : whether what must hold does hold, or what was found.
    judged : table of what was judged; None if nothing is.
    command : what computes its numbers again, "" if it is the command of the report.
    """

    chapter: Chapter
    verdict: Verdict
    judged: Table | None = None
    command: str = ""

    @property
    def file(self) -> str:
        """Name of the page's file, relative to ``report.html``."""
        return f"pages/{self.chapter.slug}.html"

    @property
    def brief(self) -> str:
        """The verdict in a few words, or what was found."""
        if self.judged is None:
            return self.verdict.sentence
        compared, failed = (int(self.judged.frame[column].sum()) for column in ("compared", "failed"))
        if not compared:
            return "nothing judged"
        return f"{count(failed)} of {count(compared)} numbers FAIL" if failed else f"{count(compared)} numbers hold"

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables in the order in which documents show and number them."""
        return (*self.chapter.tables, *(() if self.judged is None else (self.judged,)))
