"""The content of the verification report, independent of any output format."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.table import Table
from spikeproof_reports.studies.pages import chapters_of, page_of
from spikeproof_reports.verification import figures, tables
from spikeproof_reports.verification.explanation import explanation
from spikeproof_reports.verification.judged import judged, judged_agreement, without_categories
from spikeproof_reports.verification.reproduce import reproducer, was_deep, with_commands
from spikeproof_reports.verification.run import RunRecord
from spikeproof_reports.verification.verdict import verdict_on
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES

TITLE = "Verification of exact gradients of spiking neural networks"


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
    deep = was_deep(run.provenance)
    pages = tuple(
        replace(page_of(name, c, everything), command=reproducer(STUDIES, name, deep=deep))
        for name, c in chapters_of(run.studies).items()
    )
    paragraphs, quantities = explanation(measurements, cases, pages)
    return Content(
        title=TITLE,
        verdict=verdict_on(run, everything),
        paragraphs=paragraphs,
        quantities=quantities,
        summary=(
            tables.verdict_summary(measurements),
            *_studies(everything, every_case, deep=deep),
            with_commands(tables.failures(everything), deep=deep),
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
            with_commands(tables.worst_measurements(measurements), deep=deep),
            tables.agreement_summary(agreement),
            tables.tolerances(stated, everything, agreement),
            with_commands(tables.slowest_cases(cases), deep=deep),
            with_commands(tables.cases_without_numbers(every_case), deep=deep),
        ),
        facts=run.provenance,
        pages=pages,
        printed=tables.printed_quantities(measurements),
        environment=run.environment,
    )


def _studies(measurements: pd.DataFrame, cases: pd.DataFrame, *, deep: bool) -> tuple[Table, ...]:
    """The table of the studies, if any was run."""
    if not (cases["campaign"] == STUDIES).any():
        return ()
    return (with_commands(tables.study_summary(measurements, cases), deep=deep, campaign=STUDIES),)
