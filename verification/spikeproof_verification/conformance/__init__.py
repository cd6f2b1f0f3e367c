"""Judge of engines in any language: cases with known answers, a protocol, connectors, verdicts."""

from spikeproof_verification.conformance.case import SUITE, Case, shipped
from spikeproof_verification.conformance.gradient import GradientCheck, check_gradient
from spikeproof_verification.conformance.record import Run, load_results, save_results
from spikeproof_verification.conformance.session import Session, judge_engine
from spikeproof_verification.conformance.verdict import Headline, Verdict

__all__ = [
    "SUITE",
    "Case",
    "GradientCheck",
    "Headline",
    "Run",
    "Session",
    "Verdict",
    "check_gradient",
    "judge_engine",
    "load_results",
    "save_results",
    "shipped",
]
