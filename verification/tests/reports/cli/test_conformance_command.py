"""The conformance command: its files, its exit status, and what is known to fail."""

import json
import sys

import jsonschema
import pytest
import wrong_engines as w
from places import ROOT

from spikeproof import InvalidInput
from spikeproof_reports.cli.main import run
from spikeproof_verification.conformance import Session, judge_engine, load_results, shipped
from spikeproof_verification.conformance.case import cases_folder
from spikeproof_verification.conformance.connectors import InProcess
from spikeproof_verification.conformance.expected_failures import as_file, read_expected, unexpected
from spikeproof_verification.conformance.schemas import load

PROGRAM = [sys.executable, str(ROOT / "verification" / "tests" / "helpers" / "misbehaving.py")]
CASES = ["--case", "spikes-26", "--case", "grazing-above-1e-3", "--case", "grazing-below-1e-3"]


def command(how, out, *more):
    serve = " ".join([*PROGRAM, f"'{how}'", str(cases_folder())])
    return run(["conformance", "--serve", serve, *CASES, "--workers", "1", "--shrink", "0", "--out", str(out), *more])


def test_a_right_engine_leaves_its_files_and_status_0(tmp_path, capsys):
    assert command("right", tmp_path) == 0
    assert "3 passed / 3 supported / 3 cases" in capsys.readouterr().out
    names = {"results.jsonl", "summary.md", "badge.json", "report.html", "expected-failures.txt", "manifest.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    badge = json.loads((tmp_path / "badge.json").read_text())
    assert (badge["message"], badge["color"]) == ("3 / 3 / 3", "brightgreen")
    for n, line in enumerate((tmp_path / "results.jsonl").read_text().splitlines()):
        schema = load("results")
        jsonschema.validate(json.loads(line), {**schema, "oneOf": [{"$ref": f"#/$defs/{'verdict' if n else 'run'}"}]})
    assert load_results(tmp_path / "results.jsonl").headline.clean
    assert load("results")["$id"] != load("protocol")["$id"]


def test_a_wrong_engine_has_status_1_and_its_failures_in_every_document(tmp_path, capsys):
    assert command("late", tmp_path) == 1
    assert "times from 0 to the duration" in capsys.readouterr().out
    for name in ("results.jsonl", "summary.md", "report.html"):
        assert "times from 0 to the duration" in (tmp_path / name).read_text(), name
    assert json.loads((tmp_path / "badge.json").read_text())["color"] == "red"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--timeout", "nan"], "no finite number"),
        (["--timeout", "inf"], "no finite number"),
        (["--shrink", "nan"], "no finite number"),
        (["--timeout", "0"], "not in the range"),
        (["--serve", "'unclosed"], "no closing quotation"),
    ],
)
def test_wrong_arguments_are_one_line(more, words, tmp_path, capsys):
    assert command("right", tmp_path, *more) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_known_failures_are_no_failures_and_unknown_ones_and_gone_ones_are(tmp_path, capsys):
    known = tmp_path / "known.txt"
    assert command("late", tmp_path / "first") == 1
    known.write_text((tmp_path / "first" / "expected-failures.txt").read_text() + "# all of them\n")
    assert command("late", tmp_path / "second", "--expected-failures", str(known)) == 0
    assert command("right", tmp_path / "third", "--expected-failures", str(known)) == 1
    assert "where the file says error" in capsys.readouterr().out
    known.write_text("exact64 spikes-26 error\n")
    assert command("late", tmp_path / "fourth", "--expected-failures", str(known)) == 1
    assert "which is not in the file" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["exact64 spikes-26", "exact64 spikes-27 fail", "exact64 spikes-26 pass", "exact64 spikes-26 fail\n" * 2]
)
def test_a_file_of_known_failures_that_makes_no_sense_is_refused(tmp_path, text):
    path = tmp_path / "known.txt"
    path.write_text(text)
    case = next(case for case in shipped() if case.key == "spikes-26")
    with pytest.raises(InvalidInput):
        read_expected(path, [(case, "exact64")])


def test_what_is_known_to_fail_must_fail_in_the_same_way():
    verdicts = judge_engine(w.Raising(), cases=[c for c in shipped() if c.key == "spikes-26"]).verdicts
    assert as_file(verdicts) == "exact64 spikes-26 error\n"
    assert not list(unexpected(verdicts, {("exact64", "spikes-26"): "error"}))
    assert len(list(unexpected(verdicts, {("exact64", "spikes-26"): "crashed"}))) == 1


def test_what_is_not_supported_is_not_green(tmp_path):
    supports = tmp_path / "supports.json"
    supports.write_text(json.dumps({"quantities": ["spike_times", "loss"], "losses": []}))
    assert command("right", tmp_path / "out", "--supports", str(supports)) == 0
    badge = json.loads((tmp_path / "out" / "badge.json").read_text())
    assert (badge["message"], badge["color"]) == ("1 / 1 / 3", "yellow")
    supports.write_text(json.dumps({"quantities": []}))
    assert command("right", tmp_path / "none", "--supports", str(supports)) == 1


@pytest.mark.parametrize("tree", [{"losses": "all"}, {"speed": []}, {"features": ["everything"]}, {"levels": []}])
def test_a_declaration_that_the_schema_does_not_know_is_refused(tmp_path, tree, capsys):
    (tmp_path / "supports.json").write_text(json.dumps(tree))
    assert command("right", tmp_path / "out", "--supports", str(tmp_path / "supports.json")) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [[], ["--engine", "a:b", "--serve", "c"], ["--engine", "spikeproof:EventEngine", "--case", "nothing"]]
)
def test_a_wrong_call_is_one_line(tmp_path, words, capsys):
    assert run(["conformance", *words, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_failing_problem_is_made_smaller_and_still_fails():
    cases = [c for c in shipped() if c.key == "ratio-double"]
    session = Session(lambda: InProcess(w.Wrong(w.without_last_spike)), cases)
    verdicts = session.run().verdicts
    ((small, verdict),) = session.smallest(verdicts, 60.0)
    assert verdict.verdict == "fail"
    assert "spikes missing" in verdict.message
    before, after = cases[0].model().stimulus, small.model().stimulus
    assert (before.n_samples, after.n_samples) == (2, 1)
    assert len(after.times) < 4


def test_all_verdicts_that_were_found_are_kept_when_a_run_is_stopped():
    seen = []

    def stop(done, total):
        seen.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    cases = [c for c in shipped() if c.key.startswith("grazing")]
    found = Session(lambda: InProcess(w.Wrong()), cases).run(seen=stop)
    assert not found.complete
    assert len(found.verdicts) == 2
    assert seen == [(1, len(cases)), (2, len(cases))]
