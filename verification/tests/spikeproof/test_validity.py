"""Validity radius: closed forms, agreement of engines, and what a wrong radius or gradient does to the checks."""

import math
from dataclasses import replace

import numpy as np
import pytest

from spikeproof import EventEngine, InvalidInput
from spikeproof.validity import moved, validity_radius
from spikeproof_reference import MpEngine
from spikeproof_verification import random_problem
from spikeproof_verification.checks.tolerances import AMPLIFIED
from spikeproof_verification.experiments.studies import validity_radius as study
from spikeproof_verification.experiments.studies.grazing import Family
from spikeproof_verification.experiments.studies.ties import pair_problem

TWICE = Family(20.0, 10.0)  # its critical weight is 4


def case(seed=0):
    problem = random_problem(seed)
    return study.Case(problem, "", validity_radius(problem))


@pytest.mark.parametrize("engine", [EventEngine(), MpEngine(dps=20)], ids=lambda e: e.name)
def test_a_single_neuron_keeps_its_spike_down_to_the_critical_weight(engine):
    found = validity_radius(TWICE.problem(5.0), {"in->n": [[-3.0]]}, engine=engine)
    assert found.radius == pytest.approx(1.0, rel=AMPLIFIED, abs=0.0)
    assert found.spike_radius == pytest.approx(1.0, rel=AMPLIFIED, abs=0.0)
    assert found.change == found.spike_change == "a spike of n[0] vanishes (1 → 0)"
    assert found.direction["in->n"][0, 0] == -1.0


def test_the_default_direction_is_the_negative_gradient():
    found = validity_radius(TWICE.problem(5.0), limit=0.5)  # an earlier spike needs a larger weight
    gradient = EventEngine().solve(TWICE.problem(5.0)).gradients.weights["in->n"][0, 0]
    assert (found.direction["in->n"][0, 0], found.slope) == (1.0, gradient)
    assert (found.radius, found.change, found.limit) == (math.inf, "none", 0.5)


def test_spikes_of_coupled_neurons_that_change_order_end_the_branch_before_any_spike_is_lost():
    problem = pair_problem(2.0, shift=0.5)
    found = validity_radius(problem, {"in->n": [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]})
    assert found.change == "spike 0 of n[1] and an arrival change order"
    assert found.radius < found.spike_radius
    near = 1e-9
    times = [
        EventEngine().solve(moved(problem, found.direction, s * found.radius)).spikes.times[:2]
        for s in (1 - near, 1 + near)
    ]
    assert all(abs(b - a) < 100 * near for a, b in times)


def test_uncoupled_neurons_may_change_order():
    problem = pair_problem(0.0, shift=0.5)
    found = validity_radius(problem, {"in->n": [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]}, limit=1.0)
    assert found.radius == math.inf


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_the_reference_confirms_the_radius(seed):
    assert [m.verdict for m in study.confirmed(case(seed))] == ["pass"] * 3


@pytest.mark.parametrize(("factor", "where"), [(1.01, "inside"), (0.99, "outside")])
def test_a_radius_that_is_off_by_a_hundredth_is_caught(factor, where):
    good = case(2)
    wrong = replace(good, found=replace(good.found, radius=factor * good.found.radius))
    failed = [m.component for m in study.confirmed(wrong) if m.verdict == "fail"]
    assert failed == [f"random-0002, {where}"]


@pytest.mark.parametrize("seed", [0, 1])  # along the line of the second one the loss is curved strongly
@pytest.mark.parametrize("error", [1e-5, -2.0])
def test_a_wrong_gradient_fails_the_linear_prediction(error, seed):
    good = case(seed)
    assert study.predicted(good).verdict == "pass"
    wrong = replace(good, found=replace(good.found, slope=good.found.slope * (1 + error)))
    assert study.predicted(wrong).verdict == "fail"


def test_what_the_loss_jumps_by_is_in_the_table():
    row = study._row(case(0))
    assert row["change"] == "a spike of a[0] vanishes (2 → 1)"
    assert abs(row["jump"]) > 1.0
    step = 0.01  # of the radius, and a prediction of first order is off by about as much
    assert row["ratio_hundredth"] == pytest.approx(1.0, abs=step)


@pytest.mark.parametrize(
    ("direction", "limit", "field"),
    [
        ({"nothing": [[1.0]]}, None, "direction: got 'nothing'"),
        ({"in->n": [[1.0, 2.0]]}, None, r"direction\.in->n: got 'shape \(1, 2\)'"),
        ({"in->n": [[0.0]]}, None, r"direction: got 'a vector of length 0\.0'"),
        ({"in->n": [[np.nan]]}, None, r"direction\.in->n\[0\]\[0\]: got nan"),
        (None, -1.0, r"limit: got -1\.0"),
    ],
)
def test_wrong_input_is_refused_by_field(direction, limit, field):
    with pytest.raises(InvalidInput, match=field):
        validity_radius(TWICE.problem(5.0), direction, limit=limit)


def test_a_problem_without_a_loss_has_no_gradient_to_follow():
    with pytest.raises(InvalidInput, match=r"problem\.loss"):
        validity_radius(replace(TWICE.problem(5.0), loss=None))
