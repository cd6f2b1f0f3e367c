"""The textbook engine, whole or with one fault."""

from __future__ import annotations

from spikeproof import InvalidInput
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification.experiments.faults import adjoint_faults, forward_faults, loss_faults, refractory_faults
from spikeproof_verification.experiments.faults.seeded import SEEDED

__all__ = ["faulty_engine"]
MODULES = (forward_faults, adjoint_faults, loss_faults, refractory_faults)  # each puts its faults into the table


def faulty_engine(fault: str = "") -> TextbookEngine:
    """The textbook engine with one fault.

    Parameters
    ----------
    fault : str
        Name of the fault, or "" for none.

    Returns
    -------
    TextbookEngine

    Raises
    ------
    InvalidInput
        If there is no such fault.
    """
    if fault and fault not in SEEDED:
        raise InvalidInput("fault", fault, f"one of {list(SEEDED)}")
    return SEEDED[fault]() if fault else TextbookEngine()
