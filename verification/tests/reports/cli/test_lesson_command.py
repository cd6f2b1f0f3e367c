"""spikeproof lesson: a small run from end to end, its report and page, resuming, and what is refused."""

import re

import pandas as pd
import pytest
from lesson_tasks import SMALL, small_task
from places import ROOT

from spikeproof_reports.cli.main import run
from spikeproof_reports.lesson import plan, schedule, tasks, units
from spikeproof_reports.lesson.page import PAGE, for_docs, lesson_page
from spikeproof_reports.lesson.record import load_lesson
from spikeproof_reports.paper.folder import claim

pytestmark = pytest.mark.compiled
TIMES = {"seconds", "budget", "seconds_epochs", "accuracy_seconds"}  # columns that the clock has a part in


@pytest.fixture
def small(monkeypatch):
    """The default plan is small, and its task too."""
    monkeypatch.setattr(plan, "DEFAULT", SMALL)
    monkeypatch.setitem(tasks.TASKS, "yin-yang", small_task)
    tasks.task_of.cache_clear()
    yield
    tasks.task_of.cache_clear()


def lesson(out, *more):
    return run(["lesson", "--out", str(out), "--workers", "1", *more])


def test_a_small_run_leaves_measurements_a_report_and_the_page(small, tmp_path, capsys):
    out = tmp_path / "out"
    assert lesson(out) == 0
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {"lesson.json", "trained.parquet", "report.html", "report.md", "tables.tex", PAGE} <= names
    assert {"tables/lesson_claims.csv", "tables/lesson_yin_yang.csv", "figures/lesson_curves.png"} <= names
    assert not (out / "parts").exists()
    record = load_lesson(out)
    assert (out / PAGE).read_text(encoding="utf-8") == lesson_page(record)
    claims = pd.read_csv(out / "tables/lesson_claims.csv", comment="#")
    assert len(claims) >= 9
    assert set(claims["verdict"]) <= {"holds", "holds in part", "does not hold", "not decided"}
    printed = capsys.readouterr().out
    assert sum(line.startswith(tuple(claims["verdict"])) for line in printed.splitlines()) == len(claims)
    table = pd.read_csv(out / "tables/lesson_yin_yang.csv", comment="#")
    assert set(table["system"]) == {
        "exact gradient", "surrogate gradient", "reservoir, 5 neurons", "converted ReLU network",
    }  # fmt: skip
    assert len(record["search"]) == 2 * 6 + 6
    assert set(record["trained"]["seed"]) == {0.0, 1.0}


def test_a_stopped_run_goes_on_to_the_same_numbers(small, undrawn, tmp_path, monkeypatch, capsys):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert lesson(whole) == 0
    before, seen = units.Unit.rows, []

    def interrupted(unit):
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append(unit.name)
        return before(unit)

    monkeypatch.setattr(units.Unit, "rows", interrupted)
    assert lesson(stopped) == 130
    assert "5 of" in capsys.readouterr().err
    again = []
    monkeypatch.setattr(units.Unit, "rows", lambda unit: again.append(unit.name) or before(unit))
    assert lesson(stopped) == 0
    assert not set(seen) & set(again)
    assert len(seen) + len(again) == schedule.number_of_units(SMALL)
    for name, frame in load_lesson(whole).frames.items():
        kept = [column for column in frame if column not in TIMES]
        shared = frame[frame["epoch"] <= SMALL.epochs] if name == "history" else frame
        other = load_lesson(stopped)[name]
        other = other[other["epoch"] <= SMALL.epochs] if name == "history" else other
        if name != "trained":  # training goes on for as long as the clock says
            pd.testing.assert_frame_equal(shared[kept].reset_index(drop=True), other[kept].reset_index(drop=True))
        else:
            equal = [column for column in kept if column not in ("accuracy", "best", "steps") and "_own" not in column]
            equal = [column for column in equal if not re.search("hard|exact", column)]
            pd.testing.assert_frame_equal(frame[equal], other[equal])


def test_parts_of_another_plan_are_refused_unless_they_are_discarded(small, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"

    def interrupted(unit):
        if unit.name == "loops 1":
            raise KeyboardInterrupt
        return {}

    monkeypatch.setattr(units.Unit, "rows", interrupted)
    assert lesson(out) == 130
    assert lesson(out, "--seeds", "3") == 2
    assert "finished parts of another run" in capsys.readouterr().err
    assert lesson(out, "--seeds", "3", "--fresh") == 130


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (["--seeds", "1"], "--seeds"),
        (["--workers", "0"], "--workers"),
        (["--mnist", "/nowhere/at/all"], "--mnist"),
        (["--epochs", "3"], "--epochs"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options, field, tmp_path, capsys):
    assert lesson(tmp_path / "out", *options) == 2
    message = capsys.readouterr().err
    assert field in message
    assert message.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_without_images_is_refused_before_anything_is_written(small, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert lesson(tmp_path / "out", "--mnist", str(tmp_path / "empty")) == 2
    assert "train-images-idx3-ubyte" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_command_is_refused(small, tmp_path, capsys):
    claim(tmp_path / "out", "bench")
    assert lesson(tmp_path / "out") == 2
    assert "bench" in capsys.readouterr().err


def test_the_page_in_docs_is_the_published_one():
    published, ours = ROOT / "reports" / "published" / "lesson" / PAGE, ROOT / "docs" / PAGE
    if not published.exists():
        pytest.skip("no run of the lesson has been published")
    assert ours.read_text(encoding="utf-8") == for_docs(published.read_text(encoding="utf-8"))


def test_links_of_the_page_in_docs_lead_to_the_published_report():
    text = for_docs("![a](figures/a.png) and [report](report.md), [b](https://example.org)")
    assert text == (
        "![a](../reports/published/lesson/figures/a.png) and [report](../reports/published/lesson/report.md), "
        "[b](https://example.org)"
    )
