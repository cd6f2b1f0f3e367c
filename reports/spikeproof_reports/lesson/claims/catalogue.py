"""All claims, in the order of the lesson."""

from __future__ import annotations

from collections.abc import Callable

from spikeproof_reports.lesson.claims.claim import Claim
from spikeproof_reports.lesson.claims.surrogate import surrogates_work
from spikeproof_reports.lesson.record import LessonRecord

CLAIMS: tuple[Callable[[LessonRecord], Claim], ...] = (surrogates_work,)


def judged_claims(record: LessonRecord) -> list[Claim]:
    """All claims with their verdicts."""
    return [claim(record) for claim in CLAIMS]
