"""A claim with its verdict, and the words for verdicts."""

from __future__ import annotations

from dataclasses import dataclass

HOLDS, IN_PART, FAILS, OPEN = "holds", "holds in part", "does not hold", "not decided"
SURE = 2.0  # standard errors by which a difference must exceed its bound, or fall short of it


@dataclass(frozen=True)
class Claim:
    """A claim of the lesson, the test that it was put to, and the outcome.

    Attributes
    ----------
    key : short name.
    claim : in the words of the lesson, shortened.
    test : what was measured, and from which number on the claim holds.
    found : the measured numbers as text.
    verdict : one of `HOLDS`, `IN_PART`, `FAILS`, `OPEN`.
    """

    key: str
    claim: str
    test: str
    found: str
    verdict: str


def of_parts(*parts: bool | None) -> str:
    """The verdict on a claim of several parts: each True, False, or None where it is not decided."""
    if all(part is True for part in parts):
        return HOLDS
    if any(part is True for part in parts):
        return IN_PART
    return OPEN if any(part is None for part in parts) else FAILS
