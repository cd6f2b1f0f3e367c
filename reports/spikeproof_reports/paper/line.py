"""One line of a report's first screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A number with its name, what must be known to read it, and which number of which case it is.

    `command` computes the number again. All texts but the first may be empty.
    """

    name: str
    value: str
    note: str = ""
    where: str = ""
    command: str = ""
