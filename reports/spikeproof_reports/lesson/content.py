"""The report of the lesson, before any format."""

from __future__ import annotations

from collections import Counter

from spikeproof_reports.lesson import tables
from spikeproof_reports.lesson.claims.catalogue import judged_claims
from spikeproof_reports.lesson.claims.claim import FAILS, HOLDS, IN_PART, OPEN
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.verdict import Verdict

TITLE = "“Spiking is not differentiable”, measured"
_PARAGRAPHS = ()


def lesson_content(record: LessonRecord) -> Content:
    """Tables and figures of a run.

    Parameters
    ----------
    record : LessonRecord

    Returns
    -------
    Content
    """
    return Content(
        title=TITLE,
        verdict=verdict_on_lesson(record),
        paragraphs=_PARAGRAPHS,
        quantities=(),
        summary=(tables.claims_table(record),),
        pictures=(),
        details=(tables.gradient_table(record),),
        facts=record.provenance,
        kind="report on the lesson",
        subject="What was measured",
    )


def verdict_on_lesson(record: LessonRecord) -> Verdict:
    """How many claims hold."""
    counts = Counter(claim.verdict for claim in judged_claims(record))
    words = {HOLDS: "hold", IN_PART: "hold in part", FAILS: "do not hold", OPEN: "are not decided"}
    parts = [f"{counts[verdict]} {word}" for verdict, word in words.items()]
    sentence = f"Of {sum(counts.values())} claims, {', '.join(parts)}."
    return Verdict(True, sentence, ())
