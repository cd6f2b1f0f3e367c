"""The record of a seeded fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["forward", "adjoint", "loss", "reference"]


@dataclass(frozen=True)
class Fault:
    """A fault that the checks must catch.

    Attributes
    ----------
    name : unique.
    place : where it sits.
    wrong : what is wrong, in words.
    quantities : of the measurements that must fail because of it, and no others.
    """

    name: str
    place: Place
    wrong: str
    quantities: frozenset[str]
