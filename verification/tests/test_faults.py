"""The checks can fail: a plain engine passes them, and every fault seeded into it is caught."""

from functools import cache

import pytest
from plain_engine import FAULTS, PlainEngine

from spikeproof_verification import Measurement, Subject, judge, measure, random_problem
from spikeproof_verification.reference import Effort, reference_judgement
from spikeproof_verification.tolerances import GRADIENT, SPIKE_COUNT

SEEDS = (0, 2, 3, 6)  # one layer; three layers with two samples; recurrent; delays with parameters per neuron


@cache
def judgement(seed):
    return reference_judgement("random", random_problem(seed), Effort(2, 1, 4), seed)


def failures(engine) -> list[Measurement]:
    found = []
    for seed in SEEDS:
        problem, expected = random_problem(seed), judgement(seed)
        subject = Subject("random", problem.name, "", engine.name, "mp")
        found += measure(subject, engine.solve(problem), expected.solution, expected.conditioning)
    return [m for m in found if m.verdict == "fail"]


def test_the_plain_engine_without_a_fault_passes_every_check():
    assert failures(PlainEngine()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_engine_is_caught(fault):
    assert failures(PlainEngine(fault))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_fails_whatever_the_scale(number):
    subject = Subject("random", "case", "", "event", "mp")
    assert judge(subject, "weight_gradient", "w", number, 0.0, 1e300, GRADIENT).verdict == "fail"


def test_an_extra_spike_fails():
    subject = Subject("random", "case", "", "event", "mp")
    assert judge(subject, "spike_count", "n", 3, 2, 1.0, SPIKE_COUNT).verdict == "fail"


def test_a_deviation_of_twice_the_bound_fails_and_of_half_the_bound_passes():
    subject = Subject("random", "case", "", "event", "mp")
    bound = GRADIENT.multiple * GRADIENT.unit
    assert judge(subject, "weight_gradient", "w", 1.0 + 2 * bound, 1.0, 1.0, GRADIENT).verdict == "fail"
    assert judge(subject, "weight_gradient", "w", 1.0 + 0.5 * bound, 1.0, 1.0, GRADIENT).verdict == "pass"
