"""Measurements, tolerances, checks and campaigns."""

from spikeproof_verification.campaign import DEEP, CaseResult, CaseRow, Plan, Task, run_task, verdicts
from spikeproof_verification.judge import Subject, judge
from spikeproof_verification.measure import measure
from spikeproof_verification.measurement import Measurement
from spikeproof_verification.random_networks import random_problem
from spikeproof_verification.store import Store, open_store
from spikeproof_verification.tolerances import TOLERANCES, Tolerance
from spikeproof_verification.validity import ValidityRadius, validity_radius
from spikeproof_verification.workers import run_campaign

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
