"""All equations in the order of the notes."""

from __future__ import annotations

from collections.abc import Sequence

from spikeproof.errors import InvalidInput
from spikeproof_verification.experiments.ledger import (
    adjoint_method,
    exact_steps,
    gradients,
    hybrid,
    jumps,
    maximum,
    yin_yang,
)
from spikeproof_verification.experiments.ledger.equation import Equation

EQUATIONS: tuple[Equation, ...] = (
    *adjoint_method.EQUATIONS,
    *hybrid.EQUATIONS,
    *jumps.EQUATIONS,
    *gradients.EQUATIONS,
    *yin_yang.EQUATIONS,
    *maximum.EQUATIONS,
    *exact_steps.EQUATIONS,
    *maximum.LOSSES,
)


def chosen(ids: Sequence[str]) -> tuple[Equation, ...]:
    """The equations of these ids, in the order of the notes.

    Parameters
    ----------
    ids : sequence of str
        All equations if empty.

    Returns
    -------
    tuple of Equation

    Raises
    ------
    InvalidInput
        If there is no equation of an id.
    """
    known = [equation.id for equation in EQUATIONS]
    for name in ids:
        if name not in known:
            raise InvalidInput("equation", name, '"paper 15" to "paper 56", "notes 1" to "notes 79", or "table 2"')
    return tuple(equation for equation in EQUATIONS if not ids or equation.id in ids)
