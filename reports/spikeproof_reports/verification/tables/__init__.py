"""The tables of the verification report."""

from spikeproof_reports.verification.tables.cases import cases_without_numbers, slowest_cases
from spikeproof_reports.verification.tables.extremes import failures, worst_measurements
from spikeproof_reports.verification.tables.references import agreement_summary, tolerances
from spikeproof_reports.verification.tables.spikes import spike_counts
from spikeproof_reports.verification.tables.studies import judged_in_study, study_summary
from spikeproof_reports.verification.tables.verdicts import (
    flavour_summary,
    printed_quantities,
    regime_summary,
    verdict_summary,
)

__all__ = [
    "agreement_summary",
    "cases_without_numbers",
    "failures",
    "flavour_summary",
    "judged_in_study",
    "printed_quantities",
    "regime_summary",
    "slowest_cases",
    "spike_counts",
    "study_summary",
    "tolerances",
    "verdict_summary",
    "worst_measurements",
]
