"""The checks against case files, and those of the reference against itself, can fail."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, localcontext
from functools import cache

import mpmath
import pytest
from case_numbers import NUMBERS

from spikeproof_verification import TOLERANCES, Task, run_task, verdicts
from spikeproof_verification.checks import reference as reference_module
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.reference import TERMS, Effort, Judgement, compared
from spikeproof_verification.checks.tolerances import REFERENCE_AGREEMENT
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.files import shipped_cases

RING = next(path for path in shipped_cases() if path.stem == "P05_ring6")  # recurrent, with derivatives
QUICK = Effort(2, 1, 2)
BOUNDS = {t.name: t.multiple * t.unit for t in TOLERANCES}


@cache
def clean():
    result = run_task(Task("cases", 0, str(RING)), QUICK)
    assert verdicts([result])[1] == 0
    return result.measurements


def places(tree, path=()) -> Iterator[tuple]:
    """Path of every decimal string in nested lists."""
    if isinstance(tree, str):
        yield path
    else:
        for k, branch in enumerate(tree):
            yield from places(branch, (*path, k))


def changed_file(tmp_path, where, engine, quantity, bounds):
    """The ring with one number moved by that many of the bounds of its measurement, which is returned as well."""
    tree = json.loads(RING.read_text())
    section = tree[where[0]][where[1]]
    candidates = [m for m in clean() if (m.engine, m.quantity) == (engine, quantity)]
    often = Counter(m.expected for m in candidates)  # which of two equal numbers is meant could not be told
    measured = {m.expected: m for m in candidates if often[m.expected] == 1}
    for path in places(section):
        *outer, last = path
        numbers = section
        for k in outer:
            numbers = numbers[k]
        found = measured.get(float(numbers[last]))
        if found is not None and found.expected != 0.0:
            break
    with localcontext(prec=80):
        step = Decimal(bounds) * Decimal(BOUNDS[found.tolerance]) * Decimal(found.scale)
        numbers[last] = str(Decimal(numbers[last]) + step)
    file = tmp_path / f"{RING.stem}.json"
    file.write_text(json.dumps(tree))
    return file, found


@pytest.mark.parametrize(("engine", "quantity", "tolerance", "where"), NUMBERS)
def test_one_wrong_number_in_a_case_file_fails_there_and_nowhere_else(tmp_path, engine, quantity, tolerance, where):
    file, changed = changed_file(tmp_path, where, engine, quantity, 3.0)
    assert changed.tolerance == tolerance
    result = run_task(Task("cases", 0, str(file)), QUICK)
    failed = [(m.engine, m.quantity, m.component, m.tolerance) for m in result.measurements if m.verdict == "fail"]
    here = [f for f in failed if f[0] == engine]
    assert here == [(engine, quantity, changed.component, tolerance)]
    others = {f[:3] for f in failed} - {f[:3] for f in here}
    # an error that float64 cannot overlook is seen by all, not so one that the reference alone can see
    assert others == (
        {(who, quantity, changed.component) for who in ("textbook", "mp")} if engine == "event" else set()
    )


@pytest.mark.parametrize(("engine", "quantity", "tolerance", "where"), NUMBERS)
def test_a_number_of_a_case_file_may_be_off_by_a_fraction_of_the_bound(tmp_path, engine, quantity, tolerance, where):
    file, _ = changed_file(tmp_path, where, engine, quantity, 0.3)
    result = run_task(Task("cases", 0, str(file)), QUICK)
    assert [m for m in result.measurements if m.engine == engine and m.verdict == "fail"] == []


def test_a_spike_too_many_in_a_case_file_fails_by_count(tmp_path):
    tree = json.loads(RING.read_text())
    expected = tree["expected"]
    for values in (expected["spike_times"][0], expected["vdot"][0]):
        values.append(values[-1])
    expected["order"].append([0, expected["n_spikes"][0]])
    expected["n_spikes"][0] += 1
    file = tmp_path / f"{RING.stem}.json"
    file.write_text(json.dumps(tree))
    result = run_task(Task("cases", 0, str(file)), QUICK)
    failed = [(m.engine, m.quantity) for m in result.measurements if m.verdict == "fail"]
    assert failed == [(engine, "spike_count") for engine in ("event", "textbook", "mp")]


@pytest.mark.parametrize(
    ("fault", "quantities"),
    [
        ("", set()),
        ("sign of the jump", {"spike_time_jacobian"}),
        ("no reset term", {"spike_time_jacobian"}),
        ("spike times on a grid", {"spike_time", "spike_time_jacobian"}),
        ("single precision", {"spike_time", "spike_time_jacobian"}),
    ],
)
def test_a_case_file_catches_a_faulty_engine(fault, quantities):
    result = run_task(Task("cases", 0, str(RING)), QUICK, faulty_engine(fault))
    assert {m.quantity for m in result.measurements if m.verdict == "fail"} == quantities
    assert {m.engine for m in result.measurements if m.verdict == "fail"} <= {"textbook"}


@pytest.mark.parametrize(
    ("off", "verdict"), [("1e-29", "fail"), ("1.01e-30", "fail"), ("1e-31", "pass"), ("0", "pass")]
)
def test_gradients_of_the_reference_must_agree_to_thirty_digits(off, verdict):
    agreement = agreement_of(off)
    assert agreement.verdict == verdict
    assert agreement.compared == 2
    assert Judgement(None, None, (agreement_of("0"), agreement)).trusted == (verdict == "pass")


@pytest.mark.parametrize("pair", [(0, 1e-300), (1.0, float("nan")), (float("nan"), 1.0), (1.0, float("inf"))])
def test_a_gradient_of_the_reference_that_should_be_zero_or_is_not_finite_fails(pair):
    assert compared("random", "case", "a/b", [(1, 1), pair, (1, 1)]).verdict == "fail"


@pytest.mark.parametrize(("other", "verdict"), [("1e-61", "pass"), ("1e-59", "fail"), ("-1e-3", "fail")])
def test_a_gradient_that_has_decayed_to_nothing_is_compared_to_what_its_terms_resolve(other, verdict):
    # 1e-400 in the adjoint, and what rounding leaves of terms of the size of the largest gradient, which is 1
    ctx = mpmath.MPContext()
    floor = ctx.mpf(TERMS)
    pair = (ctx.mpf("1e-400"), ctx.mpf(other))
    assert compared("random", "case", "a/b", [(ctx.one, ctx.one), pair], floor).verdict == verdict
    assert compared("random", "case", "a/b", [pair], 0.0).verdict == "fail"


def agreement_of(off):
    ctx = mpmath.MPContext()
    ctx.dps = 60
    return compared("random", "case", "a/b", [(ctx.mpf(7), ctx.mpf(7)), (ctx.mpf(-3), -3 * (1 + ctx.mpf(off)))])


@pytest.mark.parametrize(("off", "status"), [("1e-29", "failed"), ("1e-33", "done")])
@pytest.mark.parametrize("what", ["central_difference", "central_differences"])
def test_a_reference_that_disagrees_with_itself_judges_nobody(monkeypatch, what, off, status):
    exact = getattr(reference_module, what)
    monkeypatch.setattr(reference_module, what, lambda *a: (x := exact(*a)) + x * mpmath.mpf(off))
    result = run_task(Task("random", 0), QUICK)
    assert result.case.status == status
    assert bool(result.measurements) == (status == "done")
    assert bool(verdicts([result])[1]) == (status == "failed")
    if status == "failed":
        assert "disagree" in result.case.note


def test_the_bound_of_the_agreement_is_the_one_that_is_documented():
    assert BOUNDS["REFERENCE_AGREEMENT"] == 1e-30 == REFERENCE_AGREEMENT.unit


def test_the_judge_sees_a_difference_far_below_binary64():
    ctx = mpmath.MPContext()
    ctx.dps = 80
    time = ctx.mpf(5)
    tolerance = next(t for t in TOLERANCES if t.name == "REFERENCE_TIME")
    subject = Subject("cases", "case", "", "mp", "case file")
    assert judge(subject, "spike_time", "n", time, time + 100 * tolerance.unit, 5.0, tolerance).verdict == "fail"
