"""The command line as a user sees it: exit status, one line for bad input, files where they should be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from few_cases import only
from problem_tree import good_problem
from wrong_problems import WRONG_PROBLEMS, wrong_file

from spikeproof_reports.cli.main import run
from spikeproof_verification.checks.tolerances import RUN, SHORT_RUN
from spikeproof_verification.files import load_schema, shipped_cases

# a problem that says it is a case is read as a case by `solve`, and refused for a field that cases need
WRONG = [w for w in WRONG_PROBLEMS if w[0] != "format of a case"]
CASES = {path.stem: path for path in shipped_cases()}


@pytest.fixture
def problem_file(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(good_problem()))
    return path


def test_help_names_commands_exit_status_and_examples(capsys):
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for word in ("verify", "report", "solve", "Exit status", "Examples"):
        assert word in text


@pytest.mark.parametrize("command", ["verify", "report", "solve"])
def test_every_command_has_a_help_page(command, capsys):
    assert run([command, "--help"]) == 0
    assert "Usage: spikeproof " + command in capsys.readouterr().out


@pytest.mark.parametrize(("mutate", "field"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_problem_gives_status_2_and_one_line(mutate, field, tmp_path, capsys):
    path = tmp_path / "wrong.json"
    path.write_bytes(wrong_file(mutate))
    assert run(["solve", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert field in captured.err
    assert "allowed: " in captured.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve"], "Missing argument 'FILE'"),
        (["solve", "there-is-none.json"], "there-is-none.json"),
        (["solve", "."], "file: got"),
        (["solve", "x.json", "--engine", "jax"], "'jax' is not one of 'event', 'grid', 'mp', 'ode', 'textbook'"),
        (["solve", "x.json", "--engine", "mp", "--dps", "3"], "3 is not in the range"),
        (["solve", "x.json", "--engine", "grid"], "--engine grid needs --dt, and no other engine takes it"),
        (["solve", "x.json", "--dt", "0.1"], "--engine grid needs --dt, and no other engine takes it"),
        (["solve", "x.json", "--dps", "40"], "--dps is for --engine mp or ode; event computes in binary64"),
        (["solve", "x.json", "--dps", "many"], "'many' is not a valid integer"),
        (["verify", "--random", "-1"], "-1 is not in the range"),
        (["verify", "--workers", "0"], "0 is not in the range"),
        (["verify", "--sed", "3"], "No such option"),
        (["report", "there-is-none"], "there-is-none"),
        (
            ["conquer"],
            "No such command 'conquer'; there are: audit, bench, cite, conformance, ledger, lesson, publish, report,",
        ),
    ],
)
def test_wrong_arguments_give_status_2_and_one_line(arguments, words, capsys):
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert words in captured.err


def test_solve_lists_the_spike_times_of_a_case_in_its_order_of_neurons(capsys):
    assert run(["solve", str(CASES["P05_ring6"])]) == 0
    solution = json.loads(capsys.readouterr().out)
    expected = json.loads(CASES["P05_ring6"].read_text())["expected"]["spike_times_f64"]
    assert [len(t) for t in solution["spike_times"]] == [len(t) for t in expected]
    for ours, theirs in zip(solution["spike_times"], expected, strict=True):
        assert ours == pytest.approx(theirs, rel=SHORT_RUN, abs=0.0)


def test_solve_with_the_reference_gives_all_digits(capsys):
    assert run(["solve", str(CASES["A01_single_one_spike"]), "--engine", "mp", "--dps", "40"]) == 0
    solution = json.loads(capsys.readouterr().out)
    exact = json.loads(CASES["A01_single_one_spike"].read_text())["expected"]["spike_times"][0][0]
    assert solution["spike_times"][0][0][:38] == exact[:38]


@pytest.mark.parametrize("engine", ["event", "mp", "textbook"])
def test_solve_writes_a_solution_that_fits_its_schema(engine, problem_file, tmp_path):
    import jsonschema

    out = tmp_path / "solution.json"
    assert run(["solve", str(problem_file), "--engine", engine, "--out", str(out)]) == 0
    solution = json.loads(out.read_text())
    jsonschema.validate(solution, load_schema("solution"))
    assert {"loss", "gradients", "diagnostics"} <= set(solution)


def test_the_two_engines_agree_on_the_problem_file(problem_file, capsys):
    assert run(["solve", str(problem_file)]) == 0
    event = json.loads(capsys.readouterr().out)
    assert run(["solve", str(problem_file), "--engine", "mp"]) == 0
    mp = json.loads(capsys.readouterr().out)
    assert event["loss"] == pytest.approx(float(mp["loss"]), rel=RUN, abs=0.0)


def test_a_case_with_a_refractory_time_is_solved(capsys):
    assert run(["solve", str(CASES["Q01_tref_delay_recurrent1"]), "--engine", "mp"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnostics"]["n_spikes"] == 11


@pytest.mark.compiled
def test_a_runaway_network_gives_status_1_and_one_line(tmp_path, capsys):
    problem = {
        "format": "spikeproof-problem-1",
        "name": "runaway",
        "network": {
            "inputs": [{"name": "in", "size": 1}],
            "populations": [{"name": "n", "kind": "lif", "size": 2}],
            "projections": [{"pre": "in", "post": "n"}, {"pre": "n", "post": "n"}],
        },
        "parameters": {
            "weights": {"in->n": [[9.0, 9.0]], "n->n": [[9.0, 9.0], [9.0, 9.0]]},
            "neurons": {"n": {"tau_mem": 20.0, "tau_syn": 5.0}},
        },
        "stimulus": {"duration": 60.0, "samples": [{"times": [1.0], "channels": [0]}]},
    }
    path = tmp_path / "runaway.json"
    path.write_text(json.dumps(problem))
    assert run(["solve", str(path)]) == 1
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "events" in captured.err


@pytest.mark.compiled
def test_verify_writes_the_report_and_report_makes_it_again(tmp_path, capsys, monkeypatch, solved):
    monkeypatch.setattr("spikeproof_verification.campaign.workers.run_task", solved)
    first, second = tmp_path / "first", tmp_path / "second"
    few = [*only(n_random=3), "--no-studies"]
    with monkeypatch.context() as patch:  # figures are drawn once, by the second command
        patch.setattr("matplotlib.figure.Figure.savefig", lambda _, path, **__: path.write_bytes(b"not drawn"))
        assert run(["verify", *few, "--workers", "1", "--out", str(first)]) == 0
    assert "PASS: All " in capsys.readouterr().out
    assert run(["report", str(first), "--out", str(second)]) == 0
    for name in ("report.html", "report.md", "tables.tex", "tables/summary.csv", "figures/errors.png"):
        assert (first / name).stat().st_size > 0
        assert (second / name).stat().st_size > 0
    assert (first / "tables/summary.csv").read_text() == (second / "tables/summary.csv").read_text()
    assert not (first / "parts").exists()


def test_the_command_exists_and_says_its_version():
    result = subprocess.run(
        [sys.executable, "-m", "spikeproof_reports", "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("spikeproof, version 0.1.0")


@pytest.mark.parametrize(("typed", "offered"), [("ve", ["verify"]), ("verify --stu", ["--studies"]), ("tr", ["train"])])
def test_shells_complete_commands_and_options(typed, offered):
    words = f"spikeproof {typed}"
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_SPIKEPROOF_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [Path(sys.executable).with_name("spikeproof")], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == offered
