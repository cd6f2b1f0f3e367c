"""Measurements, tolerances, checks and campaigns."""

from spikeproof.validity import ValidityRadius, validity_radius
from spikeproof_verification.campaign.plan import DEEP, Plan, Task
from spikeproof_verification.campaign.results import CaseResult, CaseRow, verdicts
from spikeproof_verification.campaign.store import Store, open_store
from spikeproof_verification.campaign.tasks import run_task
from spikeproof_verification.campaign.workers import run_campaign
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import TOLERANCES, Tolerance
from spikeproof_verification.problems.random_networks import random_problem

__all__ = [
    "DEEP",
    "TOLERANCES",
    "CaseResult",
    "CaseRow",
    "Measurement",
    "Plan",
    "Store",
    "Subject",
    "Task",
    "Tolerance",
    "ValidityRadius",
    "judge",
    "measure",
    "open_store",
    "random_problem",
    "run_campaign",
    "run_task",
    "validity_radius",
    "verdicts",
]
