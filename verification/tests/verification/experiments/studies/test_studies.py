"""Studies run like any case of a campaign, are stored with the run, and become pages of the report."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from few_cases import small_plan
from report_runs import FACTS, NASTY, cases, measurements, synthetic_run

from spikeproof import InvalidInput
from spikeproof_reports import load_run, save_run, write_report
from spikeproof_reports.cli.main import run as command
from spikeproof_reports.cli.summary import show_summary
from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.studies.pages import chapters_of, maker_of
from spikeproof_reports.verification.content import content_of
from spikeproof_verification import CaseResult, Plan, Task, judge, open_store, run_campaign, run_task, verdicts
from spikeproof_verification.campaign.frames import case_frame, measurement_frame, study_frames
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.checks.tolerances import GRADIENT
from spikeproof_verification.experiments.studies import STUDIES, Study, StudyResult, registry, subject

ROWS = ({"k": 1, "x": 0.1, "name": NASTY, "ok": True}, {"k": 2, "x": math.nan, "name": "b", "ok": False})


def measured(error):
    who = subject("anything", "event", "mp")
    return judge(who, "weight_gradient", "w[0, 0]", 1.0 + error, 1.0, 1.0, GRADIENT)


def good():
    return StudyResult((measured(0.0), measured(1e-16)), {"first": ROWS, "empty": ()})


def bad():
    return StudyResult((measured(1.0),), {"first": ROWS})


def broken():
    raise ZeroDivisionError("inside a study")


MADE = (Study("good", "A good study", good), Study("bad", "A bad one", bad), Study("broken", "Breaks off", broken))


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(registry, "STUDIES", MADE)


@pytest.fixture
def results(made):
    return {s.name: run_task(Task("studies", n, s.name), Effort()) for n, s in enumerate(MADE)}


def of_studies(results, **changes):
    found = list(results)
    parts = {
        "measurements": measurement_frame(found),
        "cases": case_frame(found),
        "studies": study_frames(found),
    }
    return synthetic_run(**(parts | changes))


def test_the_measurements_of_a_study_are_those_of_its_own_case(results):
    result = results["good"]
    assert (result.case.campaign, result.case.case, result.case.status) == ("studies", "good", "done")
    assert {(m.campaign, m.case, m.regime) for m in result.measurements} == {("studies", "good", "study: good")}
    assert verdicts([result]) == (2, 0)


def test_a_failed_number_or_an_exception_of_a_study_fails_the_run(results):
    assert verdicts([results["bad"]]) == (1, 1)
    assert results["broken"].case.note == "ZeroDivisionError: inside a study"
    assert verdicts([results["broken"]]) == (0, 1)


def test_a_plan_runs_all_studies_unless_told_otherwise(made):
    rest = small_plan(cases=(), studies=None)
    assert [t.key for t in rest.tasks()] == ["studies-0000-good", "studies-0001-bad", "studies-0002-broken"]
    assert [t.source for t in replace(rest, studies=("bad",)).tasks()] == ["bad"]
    assert replace(rest, studies=()).tasks() == []


@pytest.mark.parametrize("names", [("nothing",), ("good", "good")])
def test_an_unknown_study_is_refused_by_name(names, made):
    with pytest.raises(InvalidInput, match=r"studies: got '(nothing|good)'; allowed: each of these at most once: good"):
        Plan(studies=names).tasks()
    with pytest.raises(InvalidInput, match="study: got 'nothing'"):
        registry.study("nothing")


def test_the_command_line_refuses_an_unknown_study_in_one_line(tmp_path, capsys):
    assert command(["verify", "--studies", "nothing", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("spikeproof: studies: got 'nothing'")


def test_a_study_survives_the_store_and_is_not_run_again(made, tmp_path, monkeypatch):
    plan = small_plan(cases=(), studies=("good",))
    [(task, first)] = run_campaign(plan, open_store(tmp_path, plan, "event"))
    monkeypatch.setattr(registry, "STUDIES", (Study("good", "", broken),))
    [(_, second)] = run_campaign(plan, open_store(tmp_path, plan, "event"))
    assert repr(second) == repr(first)
    assert repr(CaseResult.from_dict(json.loads(json.dumps(first.to_dict())))) == repr(first)
    assert math.isnan(second.tables["first"][1]["x"])
    assert task.key == "studies-0000-good"


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([{"a": 1}, {"b": 1}], "tables.t"),
        ([{"a": [1]}], "tables.t.a"),
        ([{"a": None}], "tables.t.a"),
    ],
)
def test_a_table_that_is_none_is_refused(rows, field):
    with pytest.raises(InvalidInput, match=f"{field}: got"):
        StudyResult((), {"t": rows})


def test_names_that_files_cannot_have_are_refused():
    with pytest.raises(InvalidInput, match=r"tables: got 'a/b'"):
        StudyResult((), {"a/b": ()})
    with pytest.raises(InvalidInput, match=r"study.name: got 'a b'"):
        Study("a b", "", good)


def test_numbers_of_numpy_become_plain_ones():
    [row] = StudyResult((), {"t": [{"x": np.float64(0.5), "k": np.int64(2), "ok": np.bool_(True)}]}).tables["t"]
    assert [type(x) for x in row.values()] == [float, int, bool]


def test_tables_of_studies_are_loaded_bit_for_bit(results, tmp_path):
    run = of_studies(results.values())
    save_run(run, tmp_path)
    loaded = load_run(tmp_path)
    assert {s: list(t) for s, t in loaded.studies.items()} == {"good": ["first", "empty"], "bad": ["first"]}
    for study, tables in run.studies.items():
        for name, frame in tables.items():
            pd.testing.assert_frame_equal(loaded.studies[study][name], frame, check_exact=True)


def test_a_run_from_before_there_were_studies_is_loaded(tmp_path):
    save_run(synthetic_run(), tmp_path)
    index = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    del index["studies"]
    (tmp_path / "run.json").write_text(json.dumps(index), encoding="utf-8")
    assert load_run(tmp_path).studies == {}


def test_a_missing_or_exchanged_table_of_a_study_is_refused_by_name(results, tmp_path):
    save_run(of_studies(results.values()), tmp_path)
    first = tmp_path / "studies/good/first.parquet"
    first.write_bytes((tmp_path / "studies/good/empty.parquet").read_bytes())
    with pytest.raises(InvalidInput, match=r"studies/good/first.parquet: got 'another file'"):
        load_run(tmp_path)
    first.unlink()
    with pytest.raises(InvalidInput, match=r"studies/good/first.parquet: got 'no such file'"):
        load_run(tmp_path)


def test_every_study_has_a_page_a_section_and_its_tables(results, tmp_path):
    run = of_studies(results.values())
    names = {path.relative_to(tmp_path).as_posix() for path in write_report(run, tmp_path)}
    assert {"pages/good.html", "pages/bad.html"} <= names
    assert {"tables/good_first.csv", "tables/good_judged.csv", "tables/studies.csv"} <= names
    front = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<a href="pages/good.html">good</a> <span class="good">2 numbers hold</span>' in front
    assert '<span class="bad">1 of 1 numbers FAIL</span>' in front
    for name in ("good", "bad"):
        page = (tmp_path / f"pages/{name}.html").read_text(encoding="utf-8")
        assert '<a href="../report.html">' in page
        assert "&lt;b&gt;" in page
        assert FACTS["commit"] in page
        assert not re.search(r"url\(|@import|<script [^>]|https?://", page)
        assert f"--no-cases --studies {name}</code>" in page
    brief = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "- [good](pages/good.html): 2 numbers hold (tables [good\\_first](tables/good_first.csv), " in brief
    assert r"\label{tab:spikeproof-bad-judged}" in (tmp_path / "tables.tex").read_text(encoding="utf-8")


def test_tables_of_a_page_are_numbered_in_the_order_in_which_they_stand(results, tmp_path):
    write_report(of_studies(results.values()), tmp_path)
    for name in ("report.html", "pages/good.html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        numbers = [int(n) for n in re.findall(r'<span class="number">Table (\d+)\.</span>', text)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 2


def test_the_verdict_counts_studies_and_the_front_page_does_not_mix_them_with_other_cases(results):
    both = pd.concat([measurements(), measurement_frame(results.values())])
    every = pd.concat([cases(), case_frame(results.values())])
    content = content_of(of_studies(results.values(), measurements=both, cases=every))
    assert not content.verdict.clean
    assert content.verdict.sentence == "1 of 3 numbers that must hold in the studies failed."
    by_name = {t.name: t.frame for t in content.summary}
    assert by_name["summary"]["compared"].sum() == 400
    assert len(by_name["failures"]) == 1
    rows = by_name["studies"].set_index("case")
    assert rows["compared"].to_dict() == {"bad": 1, "broken": 0, "good": 2}
    assert rows["wrong"].astype(int).to_dict() == {"bad": 1, "broken": 1, "good": 0}


def test_a_run_of_good_studies_alone_is_clean(results):
    content = content_of(of_studies([results["good"]]))
    assert content.verdict.clean
    assert [page.verdict.clean for page in content.pages] == [True]


def test_a_run_in_which_every_study_broke_off_is_no_pass(results, tmp_path):
    run = of_studies([results["broken"]])
    assert not content_of(run).verdict.clean
    assert write_report(run, tmp_path)


def test_the_terminal_names_each_study(results, tmp_path, capsys):
    assert show_summary(of_studies(results.values()), tmp_path) == 1
    text = capsys.readouterr().out
    assert re.search(r"good +2 +0 ", text)
    assert "broken (studies) broke off: ZeroDivisionError: inside a study" in text


def test_a_chapter_keeps_to_its_slug():
    [chapter] = chapters_of({"good": {"first": pd.DataFrame(ROWS)}}).values()
    with pytest.raises(InvalidInput, match=r"names of tables and pictures that begin with 'other'"):
        Chapter("other", "", (), chapter.tables)
    with pytest.raises(InvalidInput, match=r"chapter.slug"):
        Chapter("a b", "", ())


def test_every_study_of_the_package_has_a_chapter_of_its_name():
    assert all(maker_of(study.name) for study in STUDIES)
