"""The checks can fail: a textbook engine passes them, and every fault seeded into it is caught."""

import mpmath
import pytest
from case_numbers import NUMBERS

from spikeproof_reference.textbook import TextbookEngine
from spikeproof_verification import TOLERANCES, Subject, Task, judge
from spikeproof_verification.checks.tolerances import GRADIENT, SPIKE_COUNT
from spikeproof_verification.experiments.faults import ENGINE_FAULTS, engine_failures, faulty_engine
from spikeproof_verification.experiments.faults.seeded import SEEDED

# one layer; three layers with two samples; recurrent; delays with parameters per neuron; two losses of V
TASKS = [*(Task("random", seed) for seed in (0, 2, 3, 6)), Task("losses", 0), Task("losses", 6)]


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.key)
def test_the_textbook_engine_without_a_fault_passes_every_check(task, solved):
    found = [m.verdict for m in solved(task).measurements if m.engine == "textbook"]
    assert len(found) > 20
    assert set(found) == {"pass"}


def test_the_textbook_engine_without_a_fault_passes_on_the_problems_of_the_faults():
    assert engine_failures("") == []


@pytest.mark.parametrize("fault", ENGINE_FAULTS, ids=lambda f: f.name)
def test_a_fault_is_caught_where_it_is_and_nowhere_else(fault):
    assert {f.quantity for f in engine_failures(fault.name)} == fault.quantities


STUDIED = {  # seen to fail in the tests of the studies
    "MUTATION",
    "ONE_SIDED",
    "ONE_SIDED_DIFFERENCE",
    "AT_TIE",
    "SQUARE_ROOT_LAW",
    "KERNEL",
    "BRANCH",
    "LINEAR_PREDICTION",
    "EXACTLY_ZERO",
    "KINK_RULE",
    "GRID_ORDER",
    "GRID_STATE",
    "SAME_BITS",
    "LEDGER_RESIDUAL",
    "LEDGER_CLAIM",
    "ODE_TAYLOR",
    "ODE_RUNGE_KUTTA",
    "SMOOTH_TAYLOR",
    "SMOOTH_ORDER",
    "SPIKE_TIME_32",
    "LOSS_32",
    "GRADIENT_32",
}


def test_every_tolerance_has_been_seen_to_fail():
    # the case files' tolerances and the agreement of the references have tests of their own
    here = {f.tolerance for name in ("single precision", "reset to zero") for f in engine_failures(name)}
    there = {tolerance for _, _, tolerance, _ in NUMBERS} | {"REFERENCE_AGREEMENT", "REFERENCE_SOLUTION"}
    assert here | there | STUDIED == {t.name for t in TOLERANCES}


def test_every_fault_of_the_catalogue_overrides_a_rule_and_there_are_no_others():
    assert set(SEEDED) == {f.name for f in ENGINE_FAULTS}
    assert not any(SEEDED[name].solve is not TextbookEngine.solve for name in SEEDED)


def test_the_textbook_engine_refuses_a_fault_that_it_does_not_have():
    with pytest.raises(ValueError, match="sing of the jump"):
        faulty_engine("sing of the jump")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_fails_whatever_the_scale(number):
    subject = Subject("random", "case", "", "event", "mp")
    assert judge(subject, "weight_gradient", "w", number, 0.0, 1e300, GRADIENT).verdict == "fail"


@pytest.mark.parametrize("tolerance", [t for t in TOLERANCES if t.multiple > 0.0], ids=lambda t: t.name)
def test_every_bound_fails_just_above_and_passes_just_below(tolerance):
    subject, ctx = Subject("random", "case", "", "event", "mp"), mpmath.MPContext()
    ctx.dps = 80
    bound = ctx.mpf(tolerance.multiple) * tolerance.unit
    verdicts = [judge(subject, "q", "c", 3 + k * bound, ctx.mpf(3), 1.0, tolerance).verdict for k in (1.01, 0.99)]
    assert verdicts == ["fail", "pass"]


def test_an_extra_spike_fails():
    subject = Subject("random", "case", "", "event", "mp")
    assert judge(subject, "spike_count", "n", 3, 2, 1.0, SPIKE_COUNT).verdict == "fail"


def test_a_deviation_of_twice_the_bound_fails_and_of_half_the_bound_passes():
    subject = Subject("random", "case", "", "event", "mp")
    bound = GRADIENT.multiple * GRADIENT.unit
    assert judge(subject, "weight_gradient", "w", 1.0 + 2 * bound, 1.0, 1.0, GRADIENT).verdict == "fail"
    assert judge(subject, "weight_gradient", "w", 1.0 + 0.5 * bound, 1.0, 1.0, GRADIENT).verdict == "pass"
