"""All claims, in the order of the lesson."""

from __future__ import annotations

from collections.abc import Callable

from spikeproof_reports.lesson.claims.claim import Claim
from spikeproof_reports.lesson.claims.conversion import conversion_wastes_spikes
from spikeproof_reports.lesson.claims.evolution import evolution_is_expensive
from spikeproof_reports.lesson.claims.feasible import thousands_are_feasible
from spikeproof_reports.lesson.claims.local import local_rules_do_worse
from spikeproof_reports.lesson.claims.probabilistic import probabilistic_does_not_scale
from spikeproof_reports.lesson.claims.reservoir import reservoirs_work
from spikeproof_reports.lesson.claims.single_spike import one_spike_limits, one_spike_works
from spikeproof_reports.lesson.claims.smoothed import smoothed_is_not_spiking
from spikeproof_reports.lesson.claims.statements import (
    continuous_time_has_no_derivative,
    derivative_vanishes,
    weights_move_no_spike,
)
from spikeproof_reports.lesson.claims.surrogate import exact_trains_better, surrogates_work
from spikeproof_reports.lesson.record import LessonRecord

CLAIMS: tuple[Callable[[LessonRecord], Claim], ...] = (
    derivative_vanishes,
    continuous_time_has_no_derivative,
    weights_move_no_spike,
    reservoirs_work,
    evolution_is_expensive,
    conversion_wastes_spikes,
    one_spike_works,
    one_spike_limits,
    smoothed_is_not_spiking,
    probabilistic_does_not_scale,
    surrogates_work,
    thousands_are_feasible,
    local_rules_do_worse,
    exact_trains_better,
)


def judged_claims(record: LessonRecord) -> list[Claim]:
    """All claims with their verdicts."""
    return [claim(record) for claim in CLAIMS]
