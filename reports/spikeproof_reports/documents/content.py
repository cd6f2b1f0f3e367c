"""What all documents of a report say, before any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikeproof_reports import figures, tables
from spikeproof_reports.chapters import chapters_of
from spikeproof_reports.documents.explanation import explanation
from spikeproof_reports.documents.page import Page, page_of
from spikeproof_reports.figures import Picture
from spikeproof_reports.judged import judged, judged_agreement, without_categories
from spikeproof_reports.run import RunRecord
from spikeproof_reports.table import Table
from spikeproof_reports.verdict import Verdict, verdict_on
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES

TITLE = "Verification of exact gradients of spiking neural networks"


@dataclass(frozen=True, eq=False)
class Content:
    """A report without a format.

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

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables; the headline is the first, which documents with a first screen show there, without a number."""
        head = (tables.headline(self.verdict),) if self.verdict.lines else ()
        return (*head, *self.summary, *self.details, *(table for page in self.pages for table in page.tables))

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """All figures in the order in which documents show and number them."""
        return (*self.front, *self.pictures, *(picture for page in self.pages for picture in page.chapter.pictures))


def content_of(run: RunRecord) -> Content:
    """The tables, figures and texts made from `run`.

    Studies have pages of their own; the tables and figures of the front page are about the other cases, but its
    verdict, its failures and the tolerances are about everything.
    """
    everything, every_case = judged(run.measurements), without_categories(run.cases)
    stated = without_categories(run.tolerances)
    agreement = judged_agreement(run.agreement, stated)
    measurements = everything[everything["campaign"] != STUDIES].reset_index(drop=True)
    cases = every_case[every_case["campaign"] != STUDIES]
    pages = tuple(page_of(name, c, everything) for name, c in chapters_of(run.studies).items())
    paragraphs, quantities = explanation(measurements, cases, pages)
    return Content(
        title=TITLE,
        verdict=verdict_on(run, everything),
        paragraphs=paragraphs,
        quantities=quantities,
        summary=(
            tables.verdict_summary(measurements),
            *((tables.study_summary(everything, every_case),) if (every_case["campaign"] == STUDIES).any() else ()),
            tables.failures(everything),
            tables.regime_summary(measurements, cases),
            tables.flavour_summary(measurements, cases),
            tables.spike_counts(measurements),
        ),
        front=(figures.gradient_errors(everything, stated),),
        pictures=(
            figures.error_distribution(measurements),
            figures.spike_time_errors(measurements, stated),
            figures.spike_raster(run.example),
            figures.adjoint_trace(run.example),
        ),
        details=(
            tables.worst_measurements(measurements),
            tables.agreement_summary(agreement),
            tables.tolerances(stated, everything, agreement),
            tables.slowest_cases(cases),
            tables.cases_without_numbers(every_case),
        ),
        facts=run.provenance,
        pages=pages,
    )
