"""A chapter with the numbers of its study that were judged."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from spikeproof_reports import tables
from spikeproof_reports.chapters import Chapter
from spikeproof_reports.numerals import count
from spikeproof_reports.table import Table
from spikeproof_reports.verdict import Verdict, verdict_of_study
from spikeproof_verification.experiments.studies.study import CAMPAIGN


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
        """Its name beside ``report.html``."""
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


def page_of(study: str, chapter: Chapter, measurements: pd.DataFrame) -> Page:
    """The page of `study`, from all judged measurements."""
    mine = measurements[(measurements["campaign"] == CAMPAIGN) & (measurements["case"] == study)]
    mine = mine.reset_index(drop=True)
    return Page(chapter, verdict_of_study(mine), tables.judged_in_study(chapter.slug, mine))
