"""spikeproof bench: wrong engines look wrong, absent ones are skipped, crashes are reported, slower ones fail."""

import json
import sys

import pandas as pd
import pytest
from bench_suites import REAL, fake, make_suite

from spikeproof_reports.bench import BenchRecord, load_bench, save_bench, targets_met
from spikeproof_reports.bench import units as bench_units
from spikeproof_reports.cli.main import run
from spikeproof_reports.paper.folder import claim
from spikeproof_verification.checks.tolerances import RUN

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.skipif(not REAL.exists(), reason="the benchmarks folder is not beside the tests"),
]
QUICK = ["--rounds", "2", "--seconds", "0.01"]


def bench(suite, out, *more, python=()):
    pairs = [word for name in python for word in ("--python", f"{name}={sys.executable}")]
    return run(["bench", "--benchmarks", str(suite), "--out", str(out), *QUICK, *pairs, *more])


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A run of the event engine, a wrong peer, an absent one, one without its package, and three that crash."""
    folder = tmp_path_factory.mktemp("bench")
    suite = make_suite(
        folder / "suite",
        wrong=fake("wrong"),
        absent=fake("absent"),
        without=fake("without", top="import a_package_that_nobody_has"),
        killed=fake("killed", run="os.kill(os.getpid(), 9)"),
        raising=fake("raising", run="raise ArithmeticError('no\\nway')"),
        chatty=fake("chatty", run="print('not an answer')").replace('NAME = "chatty"', 'NAME = "chatty/1, 2"'),
    )
    names = ["wrong", "without", "killed", "raising", "chatty"]
    status = bench(suite, folder / "out", "--workloads", "tiny", python=names)
    return status, folder / "out", load_bench(folder / "out")


def row(record, engine):
    return record.engines.set_index("engine").loc[engine]


def test_the_event_engine_is_right_and_a_wrong_one_looks_wrong(measured):
    _, _, record = measured
    errors = record.gradients.groupby("engine")["error"].max()
    assert errors["event"] < RUN
    assert errors["wrong"] > 0.5
    accuracy = record.accuracy.set_index("engine")
    assert accuracy.loc["event", ["missed", "extra"]].tolist() == [0, 0]
    assert accuracy.loc["event", "max_time_error"] < RUN
    assert accuracy.loc["wrong", "missed"] > 0
    assert accuracy.loc["wrong", "loss_error"] > 1e-3


def test_an_absent_engine_is_skipped_with_the_way_to_get_it(measured):
    _, _, record = measured
    assert row(record, "absent")["status"] == "skipped"
    assert "tox run -e peer-absent" in row(record, "absent")["note"]
    assert row(record, "without")["status"] == "skipped"
    assert row(record, "without")["note"] == "its interpreter has no module a_package_that_nobody_has"


def test_a_crash_is_reported_and_loses_nobody_else(measured):
    status, _, record = measured
    assert status == 0
    assert row(record, "killed")["status"] == "failed"
    assert "status -9" in row(record, "killed")["note"]
    assert row(record, "raising")["note"] == "ArithmeticError: no way"
    assert set(record.times["engine"]) == {"event", "calibration", "wrong", "chatty/1, 2"}


def test_what_an_engine_prints_is_not_taken_for_an_answer(measured):
    _, _, record = measured
    assert row(record, "chatty/1, 2")["status"] == "measured"


def test_memory_first_call_and_type_are_recorded(measured):
    _, _, record = measured
    found = row(record, "event")
    assert found["memory"] > 1e7
    assert found["first_seconds"] > 0
    assert found["dtype"] == "float64"
    assert row(record, "wrong")["differs"] == "it only pretends"


def test_the_report_has_the_wrong_engine_and_its_error(measured):
    _, out, _ = measured
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    for name in ("report.html", "report.md", "tables.tex", "figures/bench_errors.png", "tables/bench_speed.csv"):
        assert name in names
    assert not (out / "parts").exists()
    speed = pd.read_csv(out / "tables/bench_speed.csv", comment="#").set_index("engine")
    assert speed.loc["wrong", "error"] > 0.5
    assert "no way" in (out / "report.html").read_text()
    assert "benchmark report" in (out / "report.html").read_text()


def test_targets_that_were_not_measured_say_so(measured):
    _, _, record = measured
    assert set(targets_met(record)["verdict"]) == {"not measured"}


def test_an_engine_that_became_slower_fails_the_comparison(tmp_path):
    suite, stored = tmp_path / "suite", tmp_path / "stored"
    make_suite(suite, engines=("calibration.py",), peer=fake("peer", seconds=0.02))
    assert bench(suite, stored, "--workloads", "tiny", python=["peer"]) == 0
    same = bench(suite, tmp_path / "same", "--compare", str(stored), "--factor", "3", "--workloads", "tiny",
                 python=["peer"])  # fmt: skip
    (suite / "peers" / "peer.py").write_text(fake("peer", seconds=0.2))
    slower = bench(suite, tmp_path / "slower", "--compare", str(stored), "--factor", "3", "--workloads", "tiny",
                   python=["peer"])  # fmt: skip
    assert (same, slower) == (0, 1)
    assert "Slower than the stored run by more than a factor of 3: peer on TINY" in (
        tmp_path / "slower" / "report.md"
    ).read_text().replace("\\", "")


def test_a_workload_has_no_more_rounds_than_it_takes_and_an_engine_that_compiles_nothing_no_first_step(tmp_path):
    steps = tmp_path / "steps"
    peer = fake("peer", run=f"open({str(steps)!r}, 'a').write('.')", seconds=0.02)
    peer = peer.replace('dtype, differs = "float64"', 'compiles, dtype, differs = False, "float64"')
    suite = make_suite(tmp_path / "suite", engines=("calibration.py",), peer=peer)
    assert bench(suite, tmp_path / "out", "--workloads", "slow", python=["peer"]) == 0
    record = load_bench(tmp_path / "out")
    assert record.times.groupby("engine").size().to_dict() == {"calibration": 1, "peer": 1}
    assert record.times.set_index("engine").loc["peer", "repeats"] == len(steps.read_text())
    assert pd.isna(row(record, "peer")["first_seconds"])
    assert row(record, "calibration")["first_seconds"] > 0.0


def test_an_own_engine_that_fails_gives_status_1(tmp_path):
    suite = make_suite(tmp_path / "suite", engines=("calibration.py",))
    broken = fake("event", run="raise ValueError('broken')").replace('ENVIRONMENT = "event"', "")
    (suite / "engines" / "event.py").write_text(broken)
    assert bench(suite, tmp_path / "out", "--workloads", "tiny") == 1


def test_a_stopped_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    suite, out = make_suite(tmp_path / "suite"), tmp_path / "out"

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_units, "startup", interrupted)
    parts = ["--workloads", "tiny", "--workloads", "startup"]
    assert bench(suite, out, *parts) == 130
    kept = json.loads((out / "parts/tiny.json").read_text())
    assert {r["engine"] for r in kept["times"]} == {"event", "calibration"}
    rows = [{"what": "import", "seconds": 0.25}]
    monkeypatch.setattr(bench_units, "startup", lambda *_: {"startup": rows})
    assert bench(suite, out, *parts) == 0
    record = load_bench(out)
    assert record.times.to_dict("records") == kept["times"]
    targets = targets_met(record).set_index("target")
    assert targets.loc["import", ["reached", "verdict"]].tolist() == [0.25, "reached"]


def test_parts_of_another_plan_are_refused(tmp_path, monkeypatch, capsys):
    suite, out = make_suite(tmp_path / "suite"), tmp_path / "out"
    claim(out, "bench")
    (out / "parts").mkdir()
    for name in ("plan", "tiny"):
        (out / f"parts/{name}.json").write_text("{}")
    assert bench(suite, out, "--workloads", "tiny") == 2
    assert "--fresh discards them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--workloads", "w9"], "--workloads: got 'w9'; allowed: one of tiny, slow, scaling, startup"),
        (["--engines", "brian"], "--engines: got 'brian'; allowed: one of calibration, event"),
        (["--python", "spyx=/nowhere"], "--python: got 'spyx=/nowhere'; allowed: NAME=PATH"),
        (["--factor", "0.5"], "--factor: got 0.5; allowed: a number above 1"),
        (["--cores", "a"], "--cores: got 'a'; allowed: numbers among "),
        (["--compare", "nowhere"], "folder: got 'nowhere'; allowed: a folder that `spikeproof bench` has written"),
    ],
)
def test_wrong_options_give_status_2_and_one_line(tmp_path, capsys, words, message):
    suite = make_suite(tmp_path / "suite")
    assert bench(suite, tmp_path / "out", *words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"spikeproof: {message}")
    assert error.count("\n") == 1


def test_a_comparison_with_nothing_in_common_is_refused_before_anything_is_measured(tmp_path, capsys):
    times = {"workload": "other", "engine": "event", "round": 0, "repeats": 1, "seconds": 1.0, "per_sample": 1.0}
    save_bench(BenchRecord.of([{"times": [times]}], {}), tmp_path / "stored")
    suite, out = make_suite(tmp_path / "suite"), tmp_path / "out"
    assert bench(suite, out, "--compare", str(tmp_path / "stored")) == 2
    assert capsys.readouterr().err.startswith("spikeproof: --compare: got 'nothing in common'")
    assert not out.exists()


def test_without_the_benchmarks_folder_one_line_says_what_to_do(tmp_path, capsys):
    assert bench(tmp_path / "nowhere", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert "the folder benchmarks of a clone of the repository" in error
    assert error.count("\n") == 1
