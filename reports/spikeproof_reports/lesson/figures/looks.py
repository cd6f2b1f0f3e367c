"""The colour and line style of each system, the same in all figures."""

from __future__ import annotations

from spikeproof_reports.lesson.systems import SYSTEMS
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, ORANGE, PINK, RED, SKY

Look = tuple[str, str, str]  # label, colour, line style

_LOOKS: dict[str, tuple[str, str]] = {
    "exact": (INK, "-"),
    "surrogate": (BLUE, "-"),
    "smoothed": (RED, "-"),
    "single-spike": (GREEN, "-"),
    "score": (ORANGE, "-"),
    "evolution": (PINK, "-"),
    "e-prop": (SKY, "-"),
    "e-prop symmetric": (SKY, "--"),
    "reservoir": (GREY, "-"),
    "conversion": (GREY, "--"),
}


def look(system: str) -> Look:
    """Label, colour and line style of a system."""
    colour, style = _LOOKS[system]
    return SYSTEMS[system].title if system in SYSTEMS else system, colour, style
