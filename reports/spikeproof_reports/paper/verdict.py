"""The verdict of a report, independent of any output format."""

from __future__ import annotations

from dataclasses import dataclass

from spikeproof_reports.paper.line import Line

PASS, FAIL = "PASS", "FAIL"


@dataclass(frozen=True)
class Verdict:
    """Whether a run is clean, the sentence that says so, and remarks.

    Attributes
    ----------
    clean, sentence, remarks : the verdict, and what belongs to it in other sentences.
    word : "PASS" or "FAIL"; empty where nothing is judged.
    lines : the numbers that the verdict stands on.
    failures : the first failed number of the first cases with one, each with the command that computes it again.
    """

    clean: bool
    sentence: str
    remarks: tuple[str, ...]
    word: str = ""
    lines: tuple[Line, ...] = ()
    failures: tuple[Line, ...] = ()
