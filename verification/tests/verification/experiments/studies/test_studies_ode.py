"""The study of numerical integration: what it measures holds, and what is wrong fails."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spikeproof_reference.smooth import RungeKutta, TaylorSeries, adjoint_gradient, oscillator
from spikeproof_reports.studies.ode import chapter as chapter_of
from spikeproof_verification.experiments.studies import ode as study
from spikeproof_verification.experiments.studies import ode_networks


@pytest.fixture(scope="module")
def small():
    """The study with one network and few tolerances."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ode_networks, "SEEDS", (14,))
        patch.setattr(study, "RTOLS", {"DOP853": (1e-4, 1e-6, 1e-8, 1e-10), "Radau": (1e-3, 1e-4, 1e-5, 1e-6)})
        patch.setattr(study, "STEPS", (1e-3, 1e-4))
        return study.run()


def test_everything_it_measures_holds(small):
    assert [m for m in small.measurements if m.verdict == "fail"] == []
    assert {m.quantity for m in small.measurements} >= {"smooth_gradient", "tolerance_order", "tau_mem_gradient"}


def test_networks_agree_to_as_many_digits_as_the_method_has(small):
    taylor, scipy = small.tables["networks"]
    assert min(taylor[m] for m in ("spike_time", "loss", "delay_gradient", "v_th_gradient")) > 28
    assert 9 < scipy["weight_gradient"] < 17


def test_an_untransposed_jacobian_fails():
    case = next(iter(study.smooth_cases()))
    printed = replace(oscillator(), df_dx=lambda x, p: list(zip(*oscillator().df_dx(x, p), strict=True)))
    assert {m.verdict for m in case.measured("", adjoint_gradient(oscillator(), TaylorSeries(30)))} == {"pass"}
    wrong = list(case.measured("", adjoint_gradient(printed, TaylorSeries(30))))
    assert [m.verdict for m in wrong] == ["pass", "fail", "fail", "pass"]  # x1 -> x1 of the flow is its own transpose
    assert case.error(adjoint_gradient(printed, RungeKutta())) > 0.1


def test_an_integrator_that_ignores_its_tolerance_fails():
    case = next(iter(study.smooth_cases()))
    rows = [study._integrated(case, RungeKutta("DOP853", 1e-6, 1e-8)) | {"rtol": r} for r in (1e-4, 1e-6, 1e-8)]
    assert study._order(case, "DOP853", rows).verdict == "fail"


def test_a_missing_threshold_term_fails(monkeypatch):
    monkeypatch.setattr(ode_networks, "SEEDS", (14,))
    monkeypatch.setattr(
        "spikeproof_reference.ode.adjoint.jump_height", lambda _a, _b, _c, d_spike, jump: d_spike + jump
    )
    found, _ = ode_networks.network_checks(study.NAME, 15)
    failed = {m.quantity for m in found if m.verdict == "fail"}
    assert {m.tolerance for m in found if m.verdict == "fail"} == {"ODE_TAYLOR", "ODE_RUNGE_KUTTA"}
    assert {"weight_gradient", "v_th_gradient", "tau_mem_gradient"} <= failed
    assert not {"spike_count", "spike_time", "loss", "end_state"} & failed


def test_numbers_that_are_missing_or_not_finite_fail():
    assert np.isnan(ode_networks._worst([1.0], [1.0, 2.0])[0])
    assert np.isnan(ode_networks._worst([1.0, np.nan], [1.0, 2.0])[0])


def test_the_chapter_shows_all_tables(small):
    chapter = chapter_of({name: pd.DataFrame(rows) for name, rows in small.tables.items()})
    assert [t.name for t in chapter.tables] == ["ode_smooth", "ode_differences", "ode_networks"]
    assert len(chapter.pictures) == 1
    assert chapter.pictures[0].figure is not None
    assert "digits with Taylor series" in chapter.paragraphs[-1]
