"""Seeded faults: versions of the textbook engine and of the reference that are wrong on purpose, to be rejected."""

from spikeproof_verification.experiments.faults.catalogue import ENGINE_FAULTS
from spikeproof_verification.experiments.faults.engine import faulty_engine
from spikeproof_verification.experiments.faults.fault import Fault
from spikeproof_verification.experiments.faults.problems import fault_problems
from spikeproof_verification.experiments.faults.reference_faults import REFERENCE_FAULTS, injected
from spikeproof_verification.experiments.faults.trial import Failure, engine_failures, failures, reference_failures

FAULTS: tuple[Fault, ...] = (*ENGINE_FAULTS, *REFERENCE_FAULTS)

__all__ = [
    "ENGINE_FAULTS",
    "FAULTS",
    "REFERENCE_FAULTS",
    "Failure",
    "Fault",
    "engine_failures",
    "failures",
    "fault_problems",
    "faulty_engine",
    "injected",
    "reference_failures",
]
