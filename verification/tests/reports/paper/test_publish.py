"""Publishing: all of one commit without changes, or nothing."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from places import ROOT
from report_runs import synthetic_run

from spikeproof_reports import save_run, write_report
from spikeproof_reports.audit.audit import Audited
from spikeproof_reports.audit.peers import Peer
from spikeproof_reports.audit.report import write_audit
from spikeproof_reports.bench import BenchRecord, bench_content, save_bench
from spikeproof_reports.cli.main import run
from spikeproof_reports.lesson.record import LessonRecord, save_lesson
from spikeproof_reports.lesson.report import write_lesson_report
from spikeproof_reports.paper.crate import CRATE
from spikeproof_reports.paper.folder import MANIFEST, claim, parts_of, renewed
from spikeproof_reports.paper.publish import KIND, STATED, check_commits, commits_in, group_of, renew_index
from spikeproof_reports.paper.together import write_all
from spikeproof_reports.training.outcome import Outcome, save_outcome
from spikeproof_reports.training.report import write_training_report

COMMIT, OTHER = "0123456789" * 4, "abcdef0123" * 4
PUBLISHED = ROOT / "reports" / "published"

pytestmark = pytest.mark.usefixtures("undrawn")


def verification(folder, commit=COMMIT, **changes):
    run_now = replace(synthetic_run(), **changes)
    run_now = replace(run_now, provenance={**run_now.provenance, "commit": commit})
    save_run(run_now, folder)
    write_report(run_now, folder)
    return str(folder)


def benchmark(folder, commit=COMMIT):
    record = BenchRecord.of([], {"commit": commit})
    save_bench(record, folder)
    with renewed(folder, "bench", "report") as new:
        write_all(bench_content(record), new)
    return str(folder)


def training(folder, commit=COMMIT):
    names = ["rate", "train_loss", "silent", "spikes", "seconds", "validation_loss", "validation_accuracy"]
    names += ["validation_unanswered", "test_loss", "test_accuracy", "test_unanswered", "test_tied", "train_accuracy"]
    numbers = dict.fromkeys(names, 0.5)
    history = pd.DataFrame([{"rule": "complete", "seed": 0, "epoch": n, **numbers, "idle": 0} for n in (0, 1)])
    settings = pd.DataFrame({"setting": ["epochs"], "value": ["1"]})
    outcome = Outcome("yin-yang", "Yin-Yang", (), None, False, False, history, settings, 1)
    facts = {"commit": commit}
    save_outcome(outcome, folder, facts)
    write_training_report(outcome, folder, facts)
    return str(folder)


def audit(folder, commit=COMMIT):
    problem = folder.parent / "exact64-some-case.json"
    problem.write_text("{}")
    found = Audited(Peer("mine", "torch", (), ""), None, files=(problem,))
    write_audit([found], None, folder, {"commit": commit})
    return str(folder)


def lesson(folder, commit=COMMIT):
    record = LessonRecord.of([], {"commit": commit})
    save_lesson(record, folder)
    write_lesson_report(record, folder)
    return str(folder)


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def runs(tmp_path):
    return [verification(tmp_path / "v"), benchmark(tmp_path / "b"), training(tmp_path / "t"), lesson(tmp_path / "l")]


def publish(runs, target):
    return run(["publish", *runs, "--to", str(target)])


def test_the_documents_of_all_runs_are_side_by_side_without_measurements(runs, tmp_path, capsys):
    target = tmp_path / "published"
    assert publish(runs, target) == 0
    names = set(contents(target))
    assert {"report.html", "tables/summary.csv", "bench/report.md", "training/yin_yang/history.csv"} <= names
    assert {"lesson/report.html", "lesson/lesson.md", "lesson/tables/lesson_claims.csv"} <= names
    assert not [name for name in names if name.endswith((".parquet", ".json")) and name not in (MANIFEST, CRATE)]
    assert CRATE in names
    assert {name for files in parts_of(target, KIND).values() for name in files} == names - {MANIFEST}
    assert f"{len(names) - 1} files" in capsys.readouterr().out
    assert (target / "bench/report.md").read_bytes() == (tmp_path / "b/report.md").read_bytes()


def test_an_audit_is_published_with_the_problems_that_fail(runs, tmp_path):
    target = tmp_path / "published"
    assert publish([*runs, audit(tmp_path / "a")], target) == 0
    assert {"audit/report.html", "audit/tables.tex", "audit/failures/mine/exact64-some-case.json"} <= set(
        contents(target)
    )


def test_lesson_and_audit_are_each_of_a_clean_commit_of_their_own(runs, tmp_path):
    target = tmp_path / "published"
    assert publish([*runs, audit(tmp_path / "a")], target) == 0
    assert publish([audit(tmp_path / "later", OTHER)], target) == 0
    assert publish([lesson(tmp_path / "changed", f"{OTHER}+dirty")], target) == 2
    assert publish([lesson(tmp_path / "clean", OTHER), benchmark(tmp_path / "other", OTHER)], target) == 2


@pytest.mark.parametrize("commit", [f"{COMMIT}+dirty", f"{COMMIT}, then {OTHER}", "unknown (not a checkout)", ""])
def test_a_run_of_no_one_clean_commit_is_refused_and_nothing_is_written(commit, tmp_path, capsys):
    assert publish([verification(tmp_path / "v", commit)], tmp_path / "published") == 2
    message = capsys.readouterr().err
    assert message.startswith("spikeproof: commit: got ")
    assert message.count("\n") == 1
    assert not (tmp_path / "published").exists()


def test_runs_of_several_commits_are_refused_also_one_after_the_other(runs, tmp_path, capsys):
    target = tmp_path / "published"
    later = benchmark(tmp_path / "later", OTHER)
    assert publish([runs[0], later], target) == 2
    assert "published together" in capsys.readouterr().err
    assert publish(runs[:2], target) == 0
    before = contents(target)
    assert publish([later], target) == 2
    assert contents(target) == before
    assert publish([verification(tmp_path / "v2", OTHER), later], target) == 0


def test_what_the_new_run_does_not_have_is_removed_and_other_runs_stay(runs, tmp_path):
    target, frame = tmp_path / "published", synthetic_run().cases
    assert publish([verification(tmp_path / "old", studies={"gone": {"a": frame}}), *runs[1:]], target) == 0
    assert (target / "pages/gone.html").exists()
    assert publish(runs[:1], target) == 0
    assert not (target / "pages").exists()
    assert {"bench/report.html", "training/yin_yang/report.html"} <= set(contents(target))


def test_documents_of_an_older_run_beside_newer_measurements_are_told_by_their_own_commit(tmp_path):
    folder = verification(tmp_path / "v", f"{COMMIT}+dirty")
    clean = synthetic_run()
    save_run(replace(clean, provenance={**clean.provenance, "commit": COMMIT}), folder)
    assert publish([folder], tmp_path / "published") == 2


@pytest.mark.parametrize("what", ["nothing", "foreign", "claimed", "ledger"])
def test_what_is_no_finished_run_is_refused(what, tmp_path, capsys):
    folder = tmp_path / "folder"
    if what != "nothing":
        folder.mkdir()
    if what == "foreign":
        (folder / "report.md").write_text("mine")
    if what in ("claimed", "ledger"):
        claim(folder, "verify" if what == "claimed" else "ledger")
    assert publish([str(folder)], tmp_path / "published") == 2
    message = capsys.readouterr().err
    assert message.startswith("spikeproof: folder: got ")
    assert message.count("\n") == 1


def test_a_run_is_published_once_and_only_to_where_runs_are_published(runs, tmp_path, capsys):
    assert publish([runs[0], runs[0]], tmp_path / "published") == 2
    assert publish([runs[0]], tmp_path / "b") == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    assert publish([runs[0]], tmp_path / "mine") == 2
    assert capsys.readouterr().err.count("\n") == 3
    assert set(contents(tmp_path / "mine")) == {"thesis.tex"}


def index(target):
    """The page over all runs, and the rows of its table in Markdown by their kinds."""
    rows = re.findall(r"^\| ([^|:]+): (.*) \|$", (target / "index.md").read_text(encoding="utf-8"), re.MULTILINE)
    return (target / "index.html").read_text(encoding="utf-8"), dict(rows)


def test_one_page_says_of_each_run_what_was_found_and_of_which_commit(runs, tmp_path):
    target = tmp_path / "published"
    assert publish([*runs, audit(tmp_path / "a", OTHER)], target) == 0
    page, rows = index(target)
    assert list(rows) == ["Verification", "Benchmark", "Training, yin-yang", "Lesson", "Audit"]
    found = {
        "Verification": ("PASS: All ", "2026-01-02", COMMIT),
        "Benchmark": ("No other engine was measured", "unknown", COMMIT),
        "Training, yin-yang": ("Test accuracy of spikeproof: 50.00 % (1 seed).", "unknown", COMMIT),
        "Lesson": ("claims", "unknown", COMMIT),
        "Audit": ("0 of 1 engines and settings were run", "unknown", OTHER),
    }
    for kind, (text, date, commit) in found.items():
        assert all(part in rows[kind] for part in (text, date, commit[:12])), kind
        assert text in page
    assert page.count(f"<code>{COMMIT}</code>") == 4
    assert page.count(f"<code>{OTHER}</code>") == 1
    for name in ("index.html", "index.md"):
        links = re.findall(r'href="([^"]+)"|\]\(([^)]+)\)', (target / name).read_text(encoding="utf-8"))
        targets = {a or b for a, b in links}
        assert {"report.html", "bench/report.md", "lesson/lesson.md", "bench/pages/work_precision.html"} <= targets
        assert all((target / link).is_file() for link in targets)


def test_the_page_is_made_anew_by_each_publication_and_keeps_the_runs_that_stay(runs, tmp_path):
    target = tmp_path / "published"
    assert publish([lesson(tmp_path / "alone", OTHER)], target) == 0
    assert list(index(target)[1]) == ["Lesson"]
    assert publish(runs[:2], target) == 0
    assert list(index(target)[1]) == ["Verification", "Benchmark", "Lesson"]
    assert OTHER[:12] in index(target)[1]["Lesson"]
    assert publish([lesson(tmp_path / "again", COMMIT)], target) == 0
    page, rows = index(target)
    assert COMMIT[:12] in rows["Lesson"]
    assert OTHER not in page
    assert parts_of(target, KIND)["index"] == ["index.html", "index.md"]


def test_what_a_report_says_is_escaped_on_the_page(tmp_path):
    target = tmp_path / "published"
    cases = synthetic_run().cases
    assert publish([verification(tmp_path / "v", studies={"odd": {"a_b": cases}})], target) == 0
    path = target / "report.md"
    path.write_text(path.read_text(encoding="utf-8").replace("# Verification", "# <b>\\_Verification", 1))
    renew_index(target)
    page, _ = index(target)
    assert "&lt;b&gt;_Verification" in page
    assert "<b>_" not in page
    assert '<a href="pages/odd.html">odd</a>' in page


def test_all_that_is_published_is_of_one_clean_commit_and_listed():
    names = set(contents(PUBLISHED)) - {MANIFEST}
    parts = parts_of(PUBLISHED, KIND)
    for group in {group_of(kind) for kind in parts}:
        of_group = sorted(name for kind, files in parts.items() if group_of(kind) == group for name in files)
        check_commits(dict(commits_in(PUBLISHED, of_group)))
        assert any(name.endswith(STATED) for name in of_group)
    assert {name for files in parts_of(PUBLISHED, KIND).values() for name in files} == names
