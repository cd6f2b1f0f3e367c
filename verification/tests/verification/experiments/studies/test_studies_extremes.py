"""The study of silence, bursts and networks that do nothing: every case holds, and wrong engines are caught."""

from dataclasses import replace

import numpy as np
import pytest

from spikeproof import EventEngine
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.tolerances import RUN
from spikeproof_verification.experiments.studies import extremes as study
from spikeproof_verification.experiments.studies.decay import with_exponents
from spikeproof_verification.experiments.studies.extremes import Case

QUIET = [*study.silent_problems(), *study.inputless_problems()]


@pytest.mark.parametrize(
    "case",
    [Case("silence", study.silence_problem(1e7), 1e7), Case("burst", study.burst_problem(20.0), 20.0)],
    ids=lambda c: c.problem.name,
)
def test_spikes_after_a_long_silence_and_along_a_burst_hold(case):
    found, row, spikes = study._measured(case)
    assert [m for m in found if m.verdict == "fail"] == []
    assert row["spikes"] == row["found"] >= 15
    assert len(spikes) >= 10


@pytest.mark.parametrize("problem", QUIET, ids=lambda p: p.name)
def test_a_network_that_does_nothing_is_an_ordinary_problem(problem):
    found, row, spikes = study._measured(Case("silent", problem))
    assert [m for m in found if m.verdict == "fail"] == []
    assert (row["spikes"] == 0) == ("three" not in problem.name)
    assert spikes == []


def test_bursts_have_hundreds_of_spikes():
    strongest = max((c for c in study.cases() if c.kind == "burst"), key=lambda c: c.extent)
    assert len(EventEngine().solve(strongest.problem).spikes) >= 400


def test_the_longest_silence_is_of_ten_million_time_constants():
    times = EventEngine().solve(study.silence_problem(max(study.SILENCES))).spikes.times
    assert max(np.diff(np.sort(times))) > 0.999e7 * study.TAU_MEM


def test_time_kept_in_single_precision_is_caught(monkeypatch):
    class Coarse(EventEngine):
        def solve(self, problem):
            solution = super().solve(problem)
            times = solution.spikes.times.astype(np.float32).astype(np.float64)
            return replace(solution, spikes=replace(solution.spikes, times=times))

    monkeypatch.setattr(study, "EventEngine", Coarse)
    found, _, _ = study._measured(Case("silence", study.silence_problem(1e5)))
    assert {m.quantity for m in found if m.verdict == "fail"} == {"spike_time"}


def test_a_gradient_that_is_small_but_not_zero_is_caught():
    solution = EventEngine().solve(QUIET[0])
    weights = {name: w + 1e-300 for name, w in solution.gradients.weights.items()}
    wrong = replace(solution, gradients=replace(solution.gradients, weights=weights))
    assert {m.verdict for m in study.zeros(solution, "")} == {"pass"}
    assert {m.verdict for m in study.zeros(wrong, "") if m.quantity == "weight_gradient"} == {"fail"}


def test_a_long_decay_widens_the_scale_of_the_end_state_by_its_length_alone():
    problem = study.silence_problem(1.0)
    solution, plain = MpEngine().solve(problem), rounding_sensitivity(problem)
    wide = with_exponents(plain, solution)
    duration = problem.stimulus.duration
    assert np.allclose(
        wide.i_end - plain.i_end, abs(solution.i_end.astype(float)) * duration / study.TAU_SYN, rtol=RUN, atol=0.0
    )
    assert np.allclose(
        wide.v_end - plain.v_end, abs(solution.v_end.astype(float)) * duration / study.TAU_SYN, rtol=RUN, atol=0.0
    )
    assert np.array_equal(wide.spike_times, plain.spike_times)
