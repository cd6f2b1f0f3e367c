"""Chapters: the pages of the report that show the studies, one module each, listed in `registry.CHAPTERS`.

A chapter is a function from the tables of a study, as data frames by name, to a `Chapter`.
"""

from spikeproof_reports.chapters.chapter import Chapter, Frames, Maker
from spikeproof_reports.chapters.registry import CHAPTERS, chapters_of

__all__ = ["CHAPTERS", "Chapter", "Frames", "Maker", "chapters_of"]
