"""A chapter with the numbers of its study that were judged."""

from __future__ import annotations

from dataclasses import dataclass

from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.paper.table import Table
from spikeproof_reports.paper.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Page:
    """The page of one study.

    Attributes
    ----------
    chapter : what the study shows.
    verdict : whether what must hold does hold.
    judged : table of what was judged.
    """

    chapter: Chapter
    verdict: Verdict
    judged: Table

    @property
    def file(self) -> str:
        """Name of the page's file, relative to ``report.html``."""
        return f"pages/{self.chapter.slug}.html"

    @property
    def brief(self) -> str:
        """The verdict in a few words."""
        compared, failed = (int(self.judged.frame[column].sum()) for column in ("compared", "failed"))
        if not compared:
            return "nothing judged"
        return f"{count(failed)} of {count(compared)} numbers FAIL" if failed else f"{count(compared)} numbers hold"

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables in the order in which documents show and number them."""
        return (*self.chapter.tables, self.judged)
