"""The chapters by the names of their studies."""

from __future__ import annotations

from collections.abc import Mapping

from spikeproof_reports.chapters.chapter import Chapter, Frames, Maker
from spikeproof_reports.chapters.coincidence import coincidence
from spikeproof_reports.chapters.grazing import grazing
from spikeproof_reports.chapters.plain import plain_chapter
from spikeproof_reports.chapters.time_constants import time_constants

CHAPTERS: Mapping[str, Maker] = {
    "coincidence": coincidence,
    "grazing": grazing,
    "time_constants": time_constants,
}


def chapters_of(studies: Mapping[str, Frames]) -> dict[str, Chapter]:
    """The chapter of each study that ran, in the order of `CHAPTERS`, then the others."""
    known = [name for name in CHAPTERS if name in studies]
    rest = [name for name in studies if name not in CHAPTERS]
    return {name: CHAPTERS[name](studies[name]) for name in known} | {
        name: plain_chapter(name, studies[name]) for name in rest
    }
