"""All tolerances of the project: each a name, a number of units, the reason, and the worst error seen."""

from __future__ import annotations

from dataclasses import dataclass

EPS = 2.0**-52


@dataclass(frozen=True)
class Tolerance:
    """An error is accepted if it is at most ``multiple * unit * scale``; each measurement says its scale."""

    name: str
    multiple: float
    unit: float
    scale: str
    reason: str
