"""The first screen says what a small run found, every number counted by hand."""

import math
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from report_runs import EPS, cases, synthetic_run

import spikeproof_verification
from spikeproof_reports import write_report
from spikeproof_reports.cli.main import run as spikeproof
from spikeproof_reports.cli.summary import show_summary
from spikeproof_reports.paper.latex import latex_text
from spikeproof_reports.paper.markdown import markdown_text
from spikeproof_reports.paper.numerals import digits, share
from spikeproof_reports.verification.content import content_of
from spikeproof_reports.verification.judged import judged
from spikeproof_reports.verification.reproduce import reproducer
from spikeproof_reports.verification.verdict import verdict_on
from spikeproof_verification import Plan
from spikeproof_verification.checks.measurement import COLUMNS

BOUNDS = {"SPIKE_COUNT": 0.0, "SPIKE_TIME": 16.0, "GRADIENT": 32.0, "CASE_JACOBIAN": 256.0, "LOSS": 16.0,
          "REFERENCE_JACOBIAN": 1.0, "SMOOTH_ORDER": 0.25, "COARSE": 1.0}  # fmt: skip
UNITS = {"SPIKE_COUNT": 1.0, "REFERENCE_JACOBIAN": 1e-30, "SMOOTH_ORDER": 1.0, "COARSE": 1e-12}


def row(case, quantity, component, expected, actual, error, tolerance="GRADIENT", scale=1.0, **changes):
    deviation = abs(error) * UNITS.get(tolerance, EPS) * scale
    return {
        "campaign": case.partition("-")[0], "case": case, "regime": "", "engine": "event", "reference": "mp",
        "quantity": quantity, "component": component, "actual": actual, "expected": expected, "deviation": deviation,
        "scale": scale, "tolerance": tolerance, "error": error, "bound": BOUNDS[tolerance], "vdot": math.nan,
        "verdict": "pass" if error <= BOUNDS[tolerance] else "fail", **changes,
    }  # fmt: skip


def count(case, component, expected, actual):
    error = 0.0 if actual == expected else 1.0
    return row(case, "spike_count", component, expected, actual, error, "SPIKE_COUNT")


STORED = {"campaign": "cases", "reference": "case file"}
STUDY = {"campaign": "studies"}
PASSING = [
    count("random-0003", "sample 0, a[0]", 3, 3),
    count("random-0003", "sample 0, a[1]", 0, 0),
    row("random-0003", "spike_time", "sample 0, a[0], spike 0", 5.0, 5.0, 2.0, "SPIKE_TIME"),
    row("random-0003", "spike_time", "sample 0, a[0], spike 1", 6.0, 6.0, 3.0, "SPIKE_TIME"),
    row("random-0003", "loss", "mean over the batch", 0.5, 0.5, 1.0, "LOSS"),
    row("random-0003", "weight_gradient", "in->a[0, 0]", 1.0, 1.0 + 4 * EPS, 4.0),
    row("random-0003", "weight_gradient", "in->a[0, 1]", 0.0, 0.0, 0.0),
    row("random-0003", "weight_gradient", "in->a[0, 2]", 0.0, -0.0, 0.0),
    row("random-0003", "delay_gradient", "in->a[0, 0]", 2.0, 2.0, 0.0),
    row("random-0003", "delay_gradient", "in->a[0, 1]", 0.01, 0.01, 20.0),  # 20 eps of 1, 2000 eps of itself
    count("N01", "neurons[0]", 2, 2) | STORED,
    row("N01", "spike_time_jacobian", "d(t) / d(w)", -3.0, -3.0, 40.0, "CASE_JACOBIAN") | STORED,
    count("N01", "neurons[0]", 2, 2) | STORED | {"engine": "mp"},
    row("N01", "spike_time_jacobian", "d(t) / d(w)", -3.0, -3.0, 0.9, "REFERENCE_JACOBIAN") | STORED | {"engine": "mp"},
    row("ode", "tolerance_order", "leaky integrator", 1.0, 1.2, 0.2, "SMOOTH_ORDER") | STUDY,
    row("extremes", "weight_gradient", "a->a[0, 0]", 7.0, 7.0, 31.0) | STUDY,
]
FAILING = [
    row("random-0004", "weight_gradient", "in->a[0, 0]", 1.0, 1.5, 0.5 / EPS),
    count("random-0004", "sample 1, a[0]", 4, 1),  # three missed
    count("random-0004", "sample 1, a[1]", 1, 3),  # two surplus
    row("losses-0017", "bias_gradient", "a[0].bias", 0.0, 1e-17, 0.05),  # right to rounding, no digit of itself
    row("losses-0017", "bias_gradient", "a[1].bias", 1.0, math.nan, math.inf),
    row("sparse-0005", "spike_count", "engine raised X", 6, math.nan, math.inf, "SPIKE_COUNT"),
    row("extremes", "weight_gradient", "a->a[0, 1]", 7.0, 8.0, 1.0 / EPS) | STUDY,
]


def run_of(rows, **changes):
    frame = pd.DataFrame(rows)[list(COLUMNS)]
    named = [(c, n) for c, n in dict.fromkeys(zip(frame["campaign"], frame["case"], strict=True))]
    known = cases().head(1).loc[[0] * len(named)].reset_index(drop=True)
    known = known.assign(campaign=[c for c, _ in named], case=[n for _, n in named])
    stated = pd.DataFrame([(n, BOUNDS[n], UNITS.get(n, EPS), "", "") for n in BOUNDS],
                          columns=["name", "multiple", "unit", "scale", "reason"])  # fmt: skip
    return synthetic_run(**{"measurements": frame, "cases": known, "tolerances": stated, **changes})


def verdict_of(rows, **changes):
    run = run_of(rows, **changes)
    return verdict_on(run, judged(run.measurements))


def lines(rows):
    return {line.name: line for line in verdict_of(rows).lines}


def test_nonzero_gradients_are_counted_and_zeros_apart():
    line = lines(PASSING)["Nonzero gradients"]  # two weights' and delays', and one derivative of a spike time
    assert line.value == "4"
    assert line.note == "compared, 0 failed. 2 more are exactly 0 in both, and not counted."


def test_a_thousand_zeros_change_nothing_but_their_own_number():
    zeros = [row("random-0009", "v_reset_gradient", f"a[{n}].v_reset", 0.0, 0.0, 0.0) for n in range(1000)]
    found, more = lines(PASSING), lines(PASSING + zeros)
    assert more["Nonzero gradients"].note == "compared, 0 failed. 1002 more are exactly 0 in both, and not counted."
    assert {**more, "Nonzero gradients": None} == {**found, "Nonzero gradients": None}
    assert more["Nonzero gradients"].value == found["Nonzero gradients"].value


def test_the_worst_gradient_is_said_in_eps_and_digits_and_as_part_of_its_bound():
    line = lines(PASSING)["Worst error"]  # -log10(40 * 2**-52) = 14.0515, 40/256 = 0.15625; 0, 4, 20, 40 in order
    assert line.value == "40.0 ε"
    assert line.note == "= 14.0 digits of its scale, 0.156 of its bound. Half are at 4.00 ε or less."
    assert line.where == "d(t) / d(w) (spike time Jacobians) of case N01"


def test_the_gradient_nearest_to_its_bound_is_named_where_it_is_another():
    line = lines(PASSING)["Nearest to its bound"]  # 20/32 = 0.625; -log10(20 * 2**-52) = 14.3525
    assert line.value == "20.0 ε"
    assert line.note == "= 14.3 digits of its scale, 0.625 of its bound."
    assert line.where == "in->a[0, 1] (delay gradients) of case random-0003"
    alone = [r for r in PASSING if r["tolerance"] == "GRADIENT"]
    assert "Nearest to its bound" not in lines(alone)


def test_the_fewest_digits_are_those_of_the_gradient_itself():
    line = lines(PASSING)["Fewest digits"]  # -log10(20 * 2**-52 / 0.01) = 12.3525
    assert line.value == "12.3"
    # 14.5285 of -3, 15.0515 of 1 and all of 2 besides: half, two, have 15.0 or more
    assert line.note == (
        "of its own size, which is 0.0100 on a scale of 1.00. Half agree to 15.0 digits or more, 99 % to 12.3 or more."
    )
    assert line.where == "in->a[0, 1] (delay gradients) of case random-0003"


def test_spikes_are_those_of_the_engine_once():
    line = lines(PASSING)["Spikes"]  # 3 + 0 + 2; the reference's own two are not counted
    assert line.value == "5"
    # -log10(3 * 2**-52) = 15.1764, 3/16 = 0.1875
    assert line.note == (
        "compared, 0 missed, 0 surplus. Worst of 2 times: 3.00 ε = 15.1 digits of its scale, 0.188 of its bound."
    )


def test_studies_have_a_verdict_of_their_own_and_count_nowhere_else():
    found = lines(PASSING)
    assert (found["Studies"].value, found["Studies"].note) == (
        "PASS", "2 studies apart: 2 numbers that must hold, 0 failed.")  # fmt: skip
    without = lines([r for r in PASSING if r["campaign"] != "studies"])
    assert without == {name: line for name, line in found.items() if name != "Studies"}
    assert lines(PASSING + FAILING)["Studies"].value == "FAIL"


def test_a_study_that_broke_off_fails_though_its_numbers_hold():
    run = run_of(PASSING)
    broken = run.cases.assign(status=["failed" if case == "ode" else "done" for case in run.cases["case"]])
    verdict = verdict_of(PASSING, cases=broken)
    line = next(line for line in verdict.lines if line.name == "Studies")
    assert (line.value, line.note) == (
        "FAIL", "2 studies apart, 1 broke off: 2 numbers that must hold, 0 failed.")  # fmt: skip
    assert (verdict.word, verdict.sentence) == ("FAIL", "No number failed, but not everything could be judged.")


def test_everything_else_stands_apart():
    found = lines(PASSING)
    assert (found["Other numbers"].value, found["Other numbers"].note) == ("1", "losses: 0 failed.")
    assert found["Reference"].value == "40.0"
    assert found["Reference"].note == (
        "digits or more agree among its own gradients: 12 comparisons, 0 failed. "
        "2 numbers of it against case files: 0 failed."
    )


def test_the_sentence_of_a_clean_run_has_no_number_that_is_no_gradient_or_spike():
    verdict = verdict_of(PASSING)
    assert (verdict.word, verdict.clean) == ("PASS", True)
    assert verdict.sentence == (
        "All 4 nonzero gradients and 5 spikes agree with the reference, the worst gradient to 40.0 ε "
        "= 14.0 digits of its scale, 0.156 of its bound."
    )
    assert verdict.failures == ()


def test_failures_are_counted_where_they_belong():
    verdict = verdict_of(PASSING + FAILING)
    found = {line.name: line for line in verdict.lines}
    assert (verdict.word, verdict.clean) == ("FAIL", False)
    # gradients: 4 and three more, one of which is right; counts: 3 + 3 of the engine, three of them wrong, and 2 times
    assert verdict.sentence == (
        "2 of 7 nonzero gradients, 3 of 8 spike counts and times (9 spikes missed, 2 surplus), "
        "1 of 3 numbers that must hold in the studies failed."
    )
    assert (found["Nonzero gradients"].value, found["Spikes"].value) == ("7", "16")
    assert found["Spikes"].note.startswith("compared, 9 missed, 2 surplus.")
    assert (found["Worst error"].value, found["Worst error"].note[:11]) == ("∞ ε", "not finite.")
    assert found["Fewest digits"].value == "0.0"


def test_a_zero_that_the_engine_misses_by_rounding_is_compared_and_has_no_digit():
    alone = lines([FAILING[3]])
    assert alone["Nonzero gradients"].value == "1"
    assert alone["Nonzero gradients"].note == "compared, 0 failed."
    assert (alone["Worst error"].value, alone["Fewest digits"].value) == ("0.0500 ε", "0.0")


def test_a_lost_gradient_is_no_zero():
    lost = row("random-0001", "weight_gradient", "in->a[0, 0]", 1e-3, 0.0, 1e-3 / EPS)
    found = lines([lost])
    assert (found["Nonzero gradients"].value, found["Nonzero gradients"].note) == ("1", "compared, 1 failed.")


def test_a_zero_whose_verdict_is_fail_counts_as_compared():
    odd = row("random-0001", "weight_gradient", "in->a[0, 0]", 0.0, 0.0, 0.0, verdict="fail")
    assert verdict_of([odd]).sentence == "1 of 1 nonzero gradients failed."


def test_an_error_in_a_coarser_unit_is_said_in_eps():
    coarse = row("losses-0001", "weight_gradient", "in->a[0, 0]", 1.0, 1.0, 0.5, "COARSE")
    found = lines([coarse])["Worst error"]  # 0.5e-12 / 2**-52 = 2251.8
    assert (found.value, found.note[:28]) == ("2252 ε", "= 12.3 digits of its scale, ")


def test_a_run_without_gradients_says_so():
    verdict = verdict_of([r for r in PASSING if r["campaign"] == "studies"])
    assert verdict.sentence == "No nonzero gradient was compared. All 2 other numbers are within their bounds."
    assert [line.name for line in verdict.lines] == ["Nonzero gradients", "Spikes", "Studies", "Reference"]


def test_the_first_failures_name_one_number_of_each_case_and_the_command_that_computes_it_again():
    failures = verdict_of(PASSING + FAILING).failures
    told = {line.name: (line.note, line.command) for line in failures}
    assert list(told) == ["random-0004", "losses-0017", "sparse-0005", "extremes"]  # a study after all others
    kinds = [field.name[2:].replace("_", "-") for field in fields(Plan) if field.name.startswith("n_")]
    none = " ".join(f"--{kind} 0" for kind in kinds)
    for case, note, options in (
        ("random-0004", "spike counts, sample 1, a[0]: 1 for 4. 2 more of its numbers failed.",
         f"{none.replace('random 0', 'random 1')} --no-cases --no-studies --seed 4"),
        ("losses-0017", "bias gradients, a[1].bias: NaN for 1.",
         f"{none.replace('losses 0', 'losses 1')} --no-cases --no-studies --seed 17"),
        ("sparse-0005", "spike counts, engine raised X: NaN for 6.",
         f"{none.replace('sparse 0', 'sparse 1')} --no-cases --no-studies --seed 5"),
        ("extremes", "weight gradients, a->a[0, 1]: 8 for 7, 1.41\N{MULTIPLICATION SIGN}10¹⁴ of its bound.",
         f"{none} --no-cases --studies extremes"),
    ):  # fmt: skip
        assert told.pop(case) == (note, f"spikeproof verify --out again {options}")
    assert not told


def test_of_many_failed_cases_the_first_five_are_shown_and_the_others_counted():
    rows = [row(f"random-{n:04d}", "loss", "mean over the batch", 1.0, 2.0, 1.0 / EPS, "LOSS") for n in range(8)]
    names = [line.name for line in verdict_of(rows).failures]
    assert names == ["random-0000", "random-0001", "random-0002", "random-0003", "random-0004", "and"]
    assert verdict_of(rows).failures[-1].value == "3"


@pytest.mark.parametrize(
    ("campaign", "case", "number", "deep"),
    [("random", "random-0047", 47, False), ("losses", "losses-0017", 17, True), ("sparse", "sparse-0005", 5, False),
     ("yin_yang", "yin_yang-0002", 2, False), ("studies", "ode", 0, False), ("cases", "A01", 0, False)],
)  # fmt: skip
def test_the_command_computes_that_case_and_no_other_kind(campaign, case, number, deep, monkeypatch):
    plans = []

    def opened(_, plan, *__, **___):
        plans.append(plan)
        raise KeyboardInterrupt

    monkeypatch.setattr(spikeproof_verification, "open_store", opened)
    spikeproof(reproducer(campaign, case, deep=deep).split()[1:])
    tasks = plans[0].tasks()
    assert {task.campaign for task in tasks} == {campaign}
    assert number in [task.number for task in tasks]
    assert campaign in ("yin_yang", "cases") or len(tasks) == 1
    assert (plans[0].effort == spikeproof_verification.DEEP.effort) is deep


def test_what_has_no_command_gets_none():
    assert reproducer("random", "net") == reproducer("mine", "random-0001") == reproducer("random", "r-1", "mine") == ""


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("rows", [PASSING, PASSING + FAILING], ids=["clean", "failing"])
def test_every_document_says_it_before_anything_else(rows, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    run = run_of(rows)
    write_report(run, tmp_path)
    show_summary(run, tmp_path)
    verdict = content_of(run).verdict
    files = {name: (tmp_path / name).read_text(encoding="utf-8") for name in ("report.md", "tables.tex")}
    said = [
        verdict.sentence,
        *(text for line in (*verdict.lines, *verdict.failures) for text in (line.note, line.where)),
    ]
    said += [line.command for line in verdict.failures]
    heads = {
        "report.md": (files["report.md"].partition("## What was compared")[0], markdown_text),
        "tables.tex": (files["tables.tex"].partition("tab:spikeproof-summary")[0], latex_text),
        "terminal": (capsys.readouterr().out, str),
    }
    for name, (head, escaped) in heads.items():
        assert verdict.word in head, name
        for text in filter(None, said):
            assert escaped(text) in head or text in head, (name, text)
    page = (tmp_path / "report.html").read_text(encoding="utf-8").partition('<h2 id="subject">')[0]
    assert f'<span class="word">{verdict.word}</span>' in page
    assert page.count("<dt>") == len(verdict.lines)
    assert page.count("data:image/png") == 1
    table = (tmp_path / "tables" / "headline.csv").read_text(encoding="utf-8")
    assert f"Verdict,{verdict.word}," in table


def test_digits_are_rounded_down_and_shares_are_values_that_occur():
    assert [digits(x) for x in (14.99, 15.0, 0.0, np.inf, np.nan)] == ["14.9", "15.0", "0.0", "all", "NaN"]
    values = np.array([3.0, 1.0, 2.0, 4.0])
    assert [share(values, part) for part in (0.25, 0.5, 0.75, 0.99, 1.0)] == [4.0, 3.0, 2.0, 1.0, 1.0]
