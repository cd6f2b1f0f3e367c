"""Where commands write: foreign files are left alone, what cannot be written is found before anything is computed."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from bench_suites import REAL, make_suite
from few_cases import only
from problem_tree import good_problem
from report_runs import synthetic_run

from spikeproof import EventEngine, InvalidInput
from spikeproof_reports import save_run, write_report
from spikeproof_reports.cli import ledger, verify
from spikeproof_reports.cli.main import run
from spikeproof_reports.paper.folder import MANIFEST, claim, parts_of, renewed
from spikeproof_verification import Plan, open_store

FOLDERS = ["verify", "report", "ledger", "train", "bench"]


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def command(tmp_path, monkeypatch):
    """A function that runs a command with some --out, and fails the test if it computes anything."""

    def computing(*_, **__):
        pytest.fail("it computed before it knew where to write")

    monkeypatch.setattr(verify, "_with_progress", computing)
    monkeypatch.setattr(ledger, "_examined", computing)
    monkeypatch.setattr("spikeproof_reports.cli.unit_progress.collected", computing)
    monkeypatch.setattr("spikeproof_reports.cli.training_progress.watched_sweep", computing)
    monkeypatch.setattr("spikeproof_reports.verification.report.content.content_of", computing)
    monkeypatch.setattr(EventEngine, "solve", computing)

    def called(name, out):
        words = {"verify": ["verify"], "ledger": ["ledger"], "train": ["train", "yin-yang"]}
        if name == "report":
            save_run(synthetic_run(), tmp_path / "stored")
            words["report"] = ["report", str(tmp_path / "stored")]
        if name == "bench":
            if not REAL.exists():
                pytest.skip("the benchmarks folder is not beside the tests")
            words["bench"] = ["bench", "--benchmarks", str(make_suite(tmp_path / "suite"))]
        if name == "solve":
            (tmp_path / "problem.json").write_text(json.dumps(good_problem()))
            words["solve"] = ["solve", str(tmp_path / "problem.json")]
        return run([*words[name], "--out", str(out)])

    return called


def refused(status, capsys, words):
    message = capsys.readouterr().err
    assert status == 2
    assert message.startswith("spikeproof: ")
    assert message.count("\n") == 1
    assert words in message


@pytest.mark.parametrize("name", FOLDERS)
def test_a_foreign_folder_is_refused_and_left_as_it_was(name, command, tmp_path, capsys):
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.tex").write_text("mine")
    refused(command(name, foreign), capsys, "allowed: an empty folder, or one of an earlier")
    assert contents(foreign) == {"thesis.tex": b"mine"}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_another_command_is_refused(name, command, tmp_path, capsys):
    out = tmp_path / "out"
    claim(out, "train digits")
    before = contents(out)
    refused(command(name, out), capsys, "it holds a train digits run")
    assert contents(out) == before


@pytest.mark.parametrize("name", FOLDERS)
def test_a_damaged_manifest_is_refused(name, command, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / MANIFEST).write_text('{"format": "spikeproof-folder-1", "kind": "verify", "files": {"report": ["../x"]}}')
    refused(command(name, out), capsys, "--out: got ")


@pytest.mark.parametrize("name", [*FOLDERS, "solve"])
def test_a_place_below_a_file_is_refused_before_anything_is_computed(name, command, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    refused(command(name, tmp_path / "file" / "out"), capsys, "--out: got ")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", [*FOLDERS, "solve"])
def test_a_place_that_must_not_be_written_is_refused_before_anything_is_computed(name, command, tmp_path, capsys):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    for out in (closed, closed / "out") if name != "solve" else (closed / "out",):
        refused(command(name, out), capsys, "--out: got ")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder of Linux where nobody may write")
@pytest.mark.parametrize("name", [*FOLDERS, "solve"])
def test_a_place_where_nobody_may_write_is_refused_before_anything_is_computed(name, command, capsys):
    refused(command(name, "/proc/out"), capsys, "--out: got '/proc/out'")


@pytest.mark.parametrize("name", [*FOLDERS, "solve"])
def test_a_name_that_is_too_long_is_refused_before_anything_is_computed(name, command, tmp_path, capsys):
    refused(command(name, tmp_path / ("x" * 300)), capsys, "--out: got ")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_is_no_folder(name, command, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    refused(command(name, tmp_path / "file"), capsys, "'--out'")


@pytest.mark.parametrize("out", [".", "there-is-none/x.json"])
def test_solve_refuses_what_is_no_new_file_before_it_computes(out, command, tmp_path, capsys):
    refused(command("solve", tmp_path / out), capsys, "--out")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are not everywhere")
def test_solve_does_not_replace_what_is_no_file(command, tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")  # as /dev/null: replaced by a file, it would be gone for all
    refused(command("solve", tmp_path / "pipe"), capsys, "a new file, or a plain one to be replaced")


@pytest.mark.usefixtures("undrawn")
def test_a_report_over_an_older_one_removes_its_files_and_no_others(tmp_path):
    older = {"old": {"kept": synthetic_run().cases}, "both": {"kept": synthetic_run().cases}}
    for studies in (older, {"both": {"kept": older["both"]["kept"]}}):
        run_now = replace(synthetic_run(), studies=studies)
        save_run(run_now, tmp_path)
        write_report(run_now, tmp_path)
        (tmp_path / "pages" / "mine.html").write_text("mine")
    names = set(contents(tmp_path))
    assert {"pages/both.html", "studies/both/kept.parquet", "pages/mine.html"} <= names
    assert not [name for name in names if "old" in name]
    assert not (tmp_path / "studies/old").exists()
    listed = {name for files in parts_of(tmp_path, "verify").values() for name in files}
    assert names == {*listed, "pages/mine.html", MANIFEST}


def test_a_part_that_fails_leaves_all_as_it_was(tmp_path):
    with renewed(tmp_path, "verify", "report") as new:
        (new / "a.txt").write_text("old")
    before = contents(tmp_path)

    def failing():
        with renewed(tmp_path, "verify", "report") as new:
            (new / "a.txt").write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == 2


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    (tmp_path / ".unfinished-1" / "pages").mkdir(parents=True)
    with renewed(tmp_path, "verify", "report") as new:
        (new / "a.txt").write_text("new")
    assert set(contents(tmp_path)) == {"a.txt", MANIFEST}
    assert not (tmp_path / ".unfinished-1").exists()


def test_the_last_file_comes_when_all_others_are_there(tmp_path, monkeypatch):
    moved = []
    replacing = type(tmp_path).replace
    monkeypatch.setattr(type(tmp_path), "replace", lambda path, to: (moved.append(to.name), replacing(path, to))[1])
    with renewed(tmp_path, "verify", "run", last="a.json") as new:
        for name in ("a.json", "b.txt", "c.txt"):
            (new / name).write_text(name)
    assert moved == ["b.txt", "c.txt", "a.json"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--studies", "nonsense"], "studies: got 'nonsense'; allowed: each of these at most once: "),
        (["--studies", "grid", "--studies", "grid"], "studies: got 'grid'"),
        (["--studies", "grid", "--no-studies"], "cannot be given together"),
        (
            ["--no-studies", "--no-cases", *only()],
            "there is nothing to verify",
        ),
    ],
)
def test_a_wrong_choice_of_cases_is_refused_before_anything_is_written(options, words, tmp_path, capsys):
    out = tmp_path / "out"
    refused(run(["verify", *options, "--out", str(out)]), capsys, words)
    assert not out.exists()


def test_a_plan_with_an_unknown_study_does_not_exist():
    with pytest.raises(InvalidInput, match="studies: got 'nonsense'"):
        Plan(studies=("nonsense",))


def test_a_folder_without_a_finished_case_is_taken_over(tmp_path):
    open_store(tmp_path, Plan(n_random=1, studies=()), "event")
    store = open_store(tmp_path, Plan(n_random=2, studies=()), "event")
    index = json.loads((store.folder / "run.json").read_text())
    assert index["plan"]["n_random"] == 2


def test_finished_cases_without_their_index_are_taken_for_another_run(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "random-0000.json").write_text("{}")
    with pytest.raises(InvalidInput, match="finished cases of another run"):
        open_store(tmp_path, Plan(n_random=1, studies=()), "event")


def test_the_package_is_the_command_as_well():
    command = [sys.executable, "-m", "spikeproof", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("spikeproof, version 0.1.0")


def test_the_package_as_a_command_names_what_a_light_install_lacks():
    code = "import runpy, sys; sys.modules['click'] = None; runpy.run_module('spikeproof', run_name='__main__')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "spikeproof: the command line needs the package click: pip install 'spikeproof[verify]'\n"
