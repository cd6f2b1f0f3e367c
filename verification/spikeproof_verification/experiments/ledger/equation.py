"""An equation of the notes: what it states, how it is checked, and what this project claims about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["definition", "identity", "derived", "claim"]
Claim = Literal["holds", "corrected", "fails"]
Instances = Callable[[], Sequence[Any]]
Residual = Callable[[Any], float]


@dataclass(frozen=True)
class Check:
    """One way to put an equation into numbers, and what it is claimed to find.

    Attributes
    ----------
    claim : "holds" as printed; "corrected": fails as printed, holds with the correction of the equation; "fails".
    how : what is compared with what, in words.
    instances : the networks, systems or spikes on which it is evaluated.
    printed : relative residual of the equation as printed, on one instance; None if it names what is not defined.
    corrected : the same of the corrected equation.
    condition : when the instances are special, what they have; the first check of an equation is the general one.
    """

    claim: Claim
    how: str
    instances: Instances
    printed: Residual | None
    corrected: Residual | None = None
    condition: str = ""


@dataclass(frozen=True)
class Equation:
    """One row of the ledger.

    The notes, an annotated derivation of EventProp, have not been published: `states` is where their printed form is
    found. What the project itself uses is in docs/theory.md (model) and what follows there.

    Attributes
    ----------
    id : "paper N" for the numbers quoted from Wunderlich and Pehle (2021), "notes N" for those of the notes' own
        series, other words for what has no number.
    section : of the notes.
    states : what it says, in the notation of the project, in plain letters.
    kind : "definition" (or convention), "identity", "derived" from others before it, or "claim" stated without proof.
    checks : none if it cannot be put into numbers.
    correction : what has to be changed in the print, where something has.
    note : why it cannot be checked, or what a reader should know.
    """

    id: str
    section: str
    states: str
    kind: Kind
    checks: tuple[Check, ...] = ()
    correction: str = ""
    note: str = ""
