"""The study of time constants and its closed forms: independent of the engines, and able to fail."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from spikeproof import EventEngine
from spikeproof_verification.experiments.studies import time_constants as study
from spikeproof_verification.experiments.studies.closed_forms import ClosedNeuron
from spikeproof_verification.experiments.studies.time_constants import TAU_MEM, Ratio, closed_form_checks, problem_at

SOME = [Ratio("near", 1 - 2.0**-52), Ratio("near", 1 + 2.0**-30), Ratio("wide", 1e-3), Ratio("wide", 1e4)]


@pytest.mark.parametrize("ratio", [*SOME, Ratio("equal", 1.0)], ids=lambda r: r.label)
def test_the_engine_holds_at_degenerate_and_extreme_ratios(ratio):
    found, row = study._measured(ratio)
    found += [study._judged_kernel(ratio, kernel) for kernel in study._kernels(ratio)]
    assert row["spikes"] >= 2
    assert [m for m in found if m.verdict == "fail"] == []


def test_all_ratios_are_there():
    near = sorted(r.value - 1 for r in study.ratios() if r.series == "near")
    assert near == sorted(s * 2.0**-k for k in range(1, 53) for s in (-1, 1))
    wide = [r.value for r in study.ratios() if r.series == "wide"]
    assert (min(wide), max(wide)) == (1e-4, 1e4)


@pytest.mark.parametrize("ratio", [1, 2])
def test_both_engines_agree_with_the_closed_form(ratio):
    found = list(closed_form_checks(ratio))
    assert {m.engine for m in found} == {"event", "mp"}
    assert [m for m in found if m.verdict == "fail"] == []


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_closed_form_of_another_ratio_is_caught(ratio, monkeypatch):
    def nearly(problem, n):
        times, gradient = closed(problem, n)
        return [t * (1 + 1e-13) for t in times], gradient

    closed = study.closed_solution
    monkeypatch.setattr(study, "closed_solution", nearly)
    assert {m.verdict for m in closed_form_checks(ratio) if m.quantity == "spike_time"} == {"fail"}


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_closed_crossing_meets_the_threshold_for_the_first_time(ratio):
    ctx = mpmath.MPContext()
    ctx.dps = 50
    neuron = ClosedNeuron(ctx, ctx.mpf(16), ratio)
    for v, i in ((0, 6), (-2, 9), (0.9, 1.1), (0.5, 3)):
        dt = neuron.crossing(ctx.mpf(v), ctx.mpf(i))
        if dt is None:
            assert max(neuron.state(v, i, ctx.mpf(t) / 4)[0] for t in range(400)) < 1
            continue
        assert abs(neuron.state(v, i, dt)[0] - 1) < 1e-45
        assert all(neuron.state(v, i, dt * k / 100)[0] < 1 for k in range(100))


def test_there_is_no_closed_form_for_other_ratios():
    with pytest.raises(ValueError, match="tau_mem = 3 tau_syn"):
        ClosedNeuron(mpmath.mp, 1, 3)


def test_the_textbook_formula_would_fail(monkeypatch):
    ratio = Ratio("near", 1 - 2.0**-20)
    for row in study._kernels(ratio):
        wrong = {**row, "engine": study.textbook(TAU_MEM, ratio.tau_syn, row["time"])}
        assert study._judged_kernel(ratio, row).verdict == "pass"
        assert study._judged_kernel(ratio, wrong).verdict == "fail"


def test_an_engine_that_takes_nearly_equal_for_equal_is_caught(monkeypatch):
    class Merging(EventEngine):
        def solve(self, problem):
            neuron = problem.parameters.neurons["n"]
            if np.any(abs(neuron.tau_syn / neuron.tau_mem - 1) < 1e-9):
                neurons = {"n": replace(neuron, tau_syn=neuron.tau_mem)}
                problem = replace(problem, parameters=replace(problem.parameters, neurons=neurons))
            return super().solve(problem)

    monkeypatch.setattr(study, "EventEngine", Merging)
    found, _ = study._measured(Ratio("near", 1 + 2.0**-31))
    assert {m.quantity for m in found if m.verdict == "fail"} >= {"spike_time", "weight_gradient"}


def test_the_weights_are_in_units_of_what_just_reaches_the_threshold():
    problem = problem_at(TAU_MEM / 2)
    assert problem.parameters.weights["in->n"][0, 0] == pytest.approx(4 * study.STRENGTHS[0], rel=1e-14, abs=0.0)
