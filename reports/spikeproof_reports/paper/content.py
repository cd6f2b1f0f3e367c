"""The content of a report, independent of any output format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikeproof_reports.paper.first_screen import headline
from spikeproof_reports.paper.page import Page
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.printed import Printed
from spikeproof_reports.paper.table import Table
from spikeproof_reports.paper.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Content:
    """The content that every document of a report is made from.

    Attributes
    ----------
    title, verdict : heading, and the verdict in a sentence.
    paragraphs : what was compared with what, for a reader who has nothing but this report.
    quantities : (name, meaning) of each compared quantity.
    summary, details : tables before and after the figures.
    front : the one figure that stands beside the verdict, if any; numbered before `pictures`.
    pictures : the other figures.
    facts : provenance.
    pages : the chapters, one for each study.
    kind, subject : what report this is, and the heading of its paragraphs.
    printed : the one table that a paper prints, and which of its columns fit in a column of a journal.
    environment : the exact versions of everything that the run was computed with; "" if they were not noted.
    """

    title: str
    verdict: Verdict
    paragraphs: tuple[str, ...]
    quantities: tuple[tuple[str, str], ...]
    summary: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    details: tuple[Table, ...]
    facts: Mapping[str, str]
    pages: tuple[Page, ...] = ()
    front: tuple[Picture, ...] = ()
    kind: str = "verification report"
    subject: str = "What was compared"
    printed: Printed | None = None
    environment: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables; the headline is the first, which documents with a first screen show there, without a number."""
        head = (headline(self.verdict),) if self.verdict.lines else ()
        return (*head, *self.summary, *self.details, *(table for page in self.pages for table in page.tables))

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """All figures in the order in which documents show and number them."""
        return (*self.front, *self.pictures, *(picture for page in self.pages for picture in page.chapter.pictures))
