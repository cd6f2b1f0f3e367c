"""The equation ledger: complete, what is claimed of each equation is what its residuals say, and faults are seen."""

import math

import pytest
from ledger_faults import FAULTS, caught_by

from spikeproof_verification.experiments.ledger import (
    EQUATIONS,
    FAILS,
    HOLDS,
    Check,
    Entry,
    Equation,
    evaluate,
    exact_steps,
    examine,
    jumps,
    yin_yang,
)
from spikeproof_verification.experiments.ledger.exact_steps import Step
from spikeproof_verification.experiments.ledger.precision import derivative, integral, mp, panels, residual
from spikeproof_verification.experiments.ledger.series import integrate
from spikeproof_verification.experiments.ledger.transition import Transition
from spikeproof_verification.experiments.ledger.yin_yang import Batch

PAPER = [
    *map(str, (1, 2, *range(15, 22), 23, 24, 26, *range(28, 32), *range(33, 52), *range(53, 57))),
    *("25a", "25b", "27a", "27b", "32a", "32b", "52a", "52b", "52c"),
]
UNNUMBERED = {
    "table 1", "table 2", "figure 1", "section 3.5", "section 3.6", "section 6, delta", "section 6, delta'",
    "section 7", "section 12, form", "section 12, jump",
}  # fmt: skip
CHECKED = [e for e in (*jumps.EQUATIONS, *yin_yang.EQUATIONS, *exact_steps.EQUATIONS) if e.checks]


def test_every_numbered_equation_of_both_series_is_there_once():
    ids = [equation.id for equation in EQUATIONS]
    wanted = {f"notes {n}" for n in range(1, 80)} | {f"paper {n}" for n in PAPER} | UNNUMBERED
    assert set(ids) == wanted
    assert len(ids) == len(wanted)


def test_the_notes_series_is_in_its_order():
    numbers = [int(equation.id.split()[1]) for equation in EQUATIONS if equation.id.startswith("notes")]
    assert numbers == list(range(1, 80))


def test_an_equation_without_a_check_is_a_definition_and_says_why():
    for equation in EQUATIONS:
        if not equation.checks:
            assert equation.kind == "definition", equation.id
            assert equation.note, equation.id


def test_a_correction_is_named_exactly_where_one_is_claimed():
    for equation in EQUATIONS:
        claims = {check.claim for check in equation.checks}
        assert bool(equation.correction) == ("corrected" in claims), equation.id
        for check in equation.checks:
            assert (check.claim == "corrected") == (check.corrected is not None), equation.id
            assert check.printed or equation.note, equation.id


def test_only_the_first_check_of_an_equation_may_be_without_condition():
    for equation in EQUATIONS:
        conditions = [check.condition for check in equation.checks]
        assert all(conditions[1:]), equation.id
        assert len(set(conditions)) == len(conditions), equation.id


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_the_residuals_say_what_is_claimed(equation):
    entry = examine(equation)
    assert entry.confirmed, [(f.check.condition, f.printed, f.corrected) for f in entry.findings]


@pytest.mark.parametrize("equation", CHECKED, ids=lambda e: e.id)
def test_every_check_sees_a_fault(equation):
    for check in equation.checks:
        assert caught_by(check), check.condition


def test_every_fault_is_seen_by_a_check():
    seen = {kind: set() for kind in FAULTS}
    for check in (check for equation in CHECKED for check in equation.checks):
        seen[type(check.instances()[0])] |= set(caught_by(check))
    free = {"lambda_V after the spike", "lambda_I after the spike", "dl_p/dt"}  # arbitrary numbers in paper 51
    assert set(FAULTS[Transition]) - seen[Transition] == free
    for kind in (Step, Batch):
        assert set(FAULTS[kind]) == seen[kind], kind


def found(printed, corrected=None, claim="holds"):
    check = Check(claim, "", lambda: [0], lambda _: printed, corrected and (lambda _: corrected))
    return evaluate(check)


def entry(*findings):
    return Entry(Equation("x", "", "", "claim", tuple(f.check for f in findings)), findings)


@pytest.mark.parametrize(
    ("finding", "outcome"),
    [
        (found(HOLDS / 2), "holds"),
        (found(HOLDS * 2), "undecided"),
        (found(FAILS / 2), "undecided"),
        (found(FAILS * 2), "fails"),
        (found(math.inf), "fails"),
        (found(FAILS * 2, HOLDS / 2), "corrected"),
        (found(FAILS * 2, HOLDS * 2), "undecided"),
        (found(FAILS * 2, FAILS * 2), "undecided"),
        (found(HOLDS / 2, HOLDS / 2), "holds"),
    ],
)
def test_the_outcome_follows_from_the_residuals(finding, outcome):
    assert finding.outcome == outcome


@pytest.mark.parametrize(
    ("residuals", "claim"),
    [((1e-30,), "corrected"), ((1e-30, 1e-30), "corrected"), ((1.0,), "holds"), ((1.0, 1e-10), "corrected"),
     ((1e-10,), "holds"), ((1.0,), "corrected"), ((1e-30,), "fails")],
)  # fmt: skip
def test_a_claim_that_the_residuals_contradict_is_not_confirmed(residuals, claim):
    assert not found(*residuals, claim=claim).confirmed


def test_the_verdict_follows_from_the_outcomes():
    good, fixed, bad = found(1e-30), found(1.0, 1e-30, "corrected"), found(1.0, claim="fails")
    assert entry().verdict == "not checkable"
    assert entry(good, good).verdict == "holds"
    assert entry(good, fixed).verdict == "holds under a condition"
    assert entry(good, bad).verdict == "holds under a condition"
    assert entry(fixed, good).verdict == "holds when corrected"
    assert entry(bad, good).verdict == "wrong"
    assert entry(good, found(1e-10)).verdict == "undecided"


def test_a_check_that_compares_nothing_does_not_hold():
    assert math.isnan(residual([0, 0], [0, 0]))
    check = Check("holds", "", lambda: [0, 1], lambda _: math.nan)
    assert evaluate(check).printed == math.inf


@pytest.mark.parametrize("bad", [mp.nan, mp.inf])
def test_a_number_that_is_not_finite_never_holds(bad):
    assert residual([1, bad], [1, 1]) == math.inf
    assert residual([1, 1], [1, bad]) == math.inf


def test_the_series_solves_an_equation_with_a_known_solution():
    path = integrate([[(mp.mpf(-1), (0, 0))]], mp.mpf(0), [mp.mpf(1)], mp.mpf(1), mp.mpf(1) / 16)
    assert abs(path.at(mp.mpf(1))[0] - mp.mpf(1) / 2) < 1e-45


def test_quadrature_and_differences_are_good_to_the_stated_digits():
    assert abs(integral(mp.exp, panels(mp.mpf(0), mp.mpf(1), 4)) - (mp.e - 1)) < 1e-45
    assert abs(derivative(mp.exp, mp.mpf(1)) - mp.e) < 1e-31
