"""The study of grazing spikes: its law holds, wrong powers and invented spikes are caught."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from spikeproof import EventEngine, GrazingSpike
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.tolerances import RUN
from spikeproof_verification.experiments.studies import grazing
from spikeproof_verification.experiments.studies.grazing import FAMILIES, Family, derivative_of, fitted

TWICE = Family(20.0, 10.0)
NEAR = (Decimal("1e-6"), Decimal("1e-10"), Decimal("1e-14"))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_the_derivative_diverges_by_the_law(family):
    measurements = []
    rows = [grazing._approach(family, d, measurements) for d in NEAR]
    measurements += grazing._law(family, rows, fitted(rows))
    assert {m.quantity for m in measurements} >= {"spike_time", "weight_gradient", "grazing_slope", "grazing_ratio"}
    assert [m for m in measurements if m.verdict == "fail"] == []


@pytest.mark.parametrize("power", [-1.0, -0.45, -0.51])
def test_another_power_than_one_half_is_caught(power):
    rows = [{"distance": 10.0**-k, "derivative": -(10.0 ** (-k * power)), "law": -1.0} for k in range(6, 15)]
    assert abs(fitted(rows)["slope"] - power) < RUN
    slope, *_ = grazing._law(TWICE, rows, fitted(rows))
    assert (slope.quantity, slope.verdict) == ("grazing_slope", "fail")


def test_a_wrong_factor_of_the_law_is_caught():
    rows = [grazing._approach(TWICE, d, []) for d in NEAR]
    wrong = [{**row, "law": row["law"] * 2**0.5} for row in rows]
    verdicts = [m.verdict for m in grazing._law(TWICE, wrong, fitted(rows)) if m.quantity == "grazing_ratio"]
    assert verdicts == ["fail"] * 3


def test_the_critical_weight_at_twice_the_synaptic_time_constant_is_four():
    assert abs(TWICE.critical - 4) < 1e-75
    assert abs(TWICE.peak - 20 * grazing.CTX.log(2)) < 1e-75


def test_every_engine_refuses_the_derivative_at_the_critical_weight():
    for engine in (EventEngine(), MpEngine()):
        with pytest.raises(GrazingSpike, match=r"grazes its threshold at t = 14\.86"):
            engine.solve(TWICE.problem(4.0))


def test_the_side_of_the_critical_weight_is_known_from_sixteen_units_of_roundoff_on():
    for units in (-16, 16):
        assert [m.verdict for m in grazing._existence(TWICE, units)] == ["pass", "pass"]


def test_an_engine_with_a_clamped_slope_is_caught(monkeypatch):
    class Clamped(EventEngine):
        def solve(self, problem):
            solution = super().solve(problem)
            factor = min(1.0, float(solution.spikes.vdot[0]) / 1e-4)
            weights = {name: w * factor for name, w in solution.gradients.weights.items()}
            return replace(solution, gradients=replace(solution.gradients, weights=weights))

    monkeypatch.setattr(grazing, "EventEngine", Clamped)
    measurements = []
    grazing._approach(TWICE, Decimal("1e-10"), measurements)
    assert {m.quantity for m in measurements if m.verdict == "fail"} == {"weight_gradient"}


def test_a_spike_invented_below_the_critical_weight_is_caught(monkeypatch):
    class Eager(EventEngine):
        def solve(self, problem):
            nearly = {name: w * (1 + 2e-14) for name, w in problem.parameters.weights.items()}
            return super().solve(replace(problem, parameters=replace(problem.parameters, weights=nearly)))

    monkeypatch.setattr(grazing, "EventEngine", Eager)
    failed = [m for m in grazing._below(TWICE) if m.verdict == "fail"]
    assert [m.component for m in failed] == ["τ_mem = 20, τ_syn = 10, d = -1e-14"]


def test_the_curve_turns_at_the_critical_point():
    rows = [r for r in grazing._curve(TWICE) if r["branch"] != "event engine"]
    weights = np.array([r["weight"] for r in rows])
    assert rows[int(np.argmin(weights))]["branch"] == "critical"
    for row in grazing._curve(TWICE):
        if row["branch"] == "event engine":
            assert abs(row["weight"] * float(TWICE.kernel(row["time"])) - 1) < 1e-14


def test_derivative_of_is_the_gradient_of_the_only_weight():
    solution = EventEngine().solve(TWICE.problem(5.0))
    assert derivative_of(solution) == solution.gradients.weights["in->n"][0, 0]
