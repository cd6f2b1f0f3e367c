"""What all documents of a report say, before any format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spikeproof_reports import figures, tables
from spikeproof_reports.documents.explanation import explanation
from spikeproof_reports.figures import Picture
from spikeproof_reports.judged import judged, judged_agreement, without_categories
from spikeproof_reports.run import RunRecord
from spikeproof_reports.table import Table
from spikeproof_reports.verdict import Verdict, verdict_on

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
    pictures : the figures.
    facts : provenance.
    """

    title: str
    verdict: Verdict
    paragraphs: tuple[str, ...]
    quantities: tuple[tuple[str, str], ...]
    summary: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    details: tuple[Table, ...]
    facts: Mapping[str, str]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables in the order in which documents show and number them."""
        return (*self.summary, *self.details)


def content_of(run: RunRecord) -> Content:
    """The tables, figures and texts made from `run`."""
    measurements = judged(run.measurements)
    cases, stated = without_categories(run.cases), without_categories(run.tolerances)
    agreement = judged_agreement(run.agreement, stated)
    paragraphs, quantities = explanation(measurements, cases)
    return Content(
        title=TITLE,
        verdict=verdict_on(run, measurements),
        paragraphs=paragraphs,
        quantities=quantities,
        summary=(
            tables.verdict_summary(measurements),
            tables.failures(measurements),
            tables.regime_summary(measurements, cases),
            tables.flavour_summary(measurements, cases),
            tables.spike_counts(measurements),
        ),
        pictures=(
            figures.error_distribution(measurements),
            figures.spike_time_errors(measurements, stated),
            figures.spike_raster(run.example),
            figures.adjoint_trace(run.example),
        ),
        details=(
            tables.worst_measurements(measurements),
            tables.agreement_summary(agreement),
            tables.tolerances(stated, measurements, agreement),
            tables.slowest_cases(cases),
            tables.cases_without_numbers(cases),
        ),
        facts=run.provenance,
    )
