"""The case files that come with spikeproof."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped_cases() -> list[Path]:
    """Paths of the case files in the installed package, sorted by name."""
    folder = Path(str(resources.files("spikeproof_verification") / "cases"))
    return sorted(folder.glob("*.json"))
