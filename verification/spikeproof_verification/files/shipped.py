"""The case files that come with spikeproof."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

PROBLEM, SOLUTION = ".problem.json", ".solution.json"  # ends of the names of a readout's two files


def shipped_cases() -> list[Path]:
    """Paths of the case files in the installed package.

    Returns
    -------
    list of Path
        Sorted by name.
    """
    return sorted(_folder().glob("*.json"))


def shipped_readouts() -> list[Path]:
    """Paths of the problem files that come with a solution file.

    Returns
    -------
    list of Path
        Sorted by name.
    """
    return sorted((_folder() / "readouts").glob(f"*{PROBLEM}"))


def _folder() -> Path:
    return Path(str(resources.files("spikeproof_verification") / "cases"))
