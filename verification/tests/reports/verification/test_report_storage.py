"""A run on disk: what is saved is loaded bit for bit, what is damaged is refused by name."""

import json
import os
from datetime import UTC, datetime
from importlib import metadata

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from report_runs import cases, example, measurements, synthetic_run

from spikeproof import InvalidInput
from spikeproof_reports import load_run, save_run
from spikeproof_reports.paper.provenance import commented, processors, provenance
from spikeproof_reports.verification.run import FRAMES


@pytest.fixture
def folder(tmp_path):
    save_run(synthetic_run(failing=True), tmp_path / "run")
    return tmp_path / "run"


def test_saved_run_is_loaded_bit_for_bit(folder):
    run, loaded = synthetic_run(failing=True), load_run(folder)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(run, name), check_exact=True)
    assert loaded.provenance == run.provenance
    assert loaded.example.keys() == run.example.keys()
    for key, value in run.example.items():
        assert np.array_equal(loaded.example[key], value)
        assert type(loaded.example[key]) is type(value)
        assert getattr(loaded.example[key], "dtype", None) == getattr(value, "dtype", None)


def test_every_parquet_file_carries_the_provenance_of_the_run(folder):
    for name in FRAMES:
        metadata = pq.read_schema(folder / f"{name}.parquet").metadata
        assert json.loads(metadata[b"spikeproof"]) == synthetic_run().provenance


def test_saving_again_replaces_the_run_and_leaves_no_temporary_file(folder):
    save_run(synthetic_run(), folder)
    assert {path.name for path in folder.iterdir()} == {
        *(f"{name}.parquet" for name in FRAMES),
        "run.json",
        "manifest.json",
    }
    assert (load_run(folder).measurements["verdict"] == "pass").all()


@pytest.mark.parametrize("name", [*(f"{name}.parquet" for name in FRAMES), "run.json"])
def test_missing_file_is_refused_by_name(folder, name):
    (folder / name).unlink()
    with pytest.raises(InvalidInput, match=f"{name}: got 'no such file'"):
        load_run(folder)


@pytest.mark.parametrize("name", ["measurements.parquet", "run.json"])
def test_damaged_file_is_refused_by_name(folder, name):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidInput, match=name):
        load_run(folder)


def test_file_of_another_run_is_refused(folder, tmp_path):
    save_run(synthetic_run(), tmp_path / "other")
    (folder / "cases.parquet").write_bytes((tmp_path / "other" / "cases.parquet").read_bytes())
    with pytest.raises(InvalidInput, match=r"cases.parquet: got 'another file'"):
        load_run(folder)


def test_missing_column_is_refused_by_file_and_column(folder):
    path = folder / "measurements.parquet"
    pd.read_parquet(path).drop(columns="vdot").to_parquet(path)
    with pytest.raises(InvalidInput, match=r"measurements.parquet: vdot"):
        load_run(folder)


@pytest.mark.parametrize(("key", "value"), [("version", 2), ("format", "other"), ("provenance", None), ("sha256", [])])
def test_other_format_or_version_is_refused(folder, key, value):
    content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(content | {key: value}), encoding="utf-8")
    with pytest.raises(InvalidInput, match=f"run.json: {key}"):
        load_run(folder)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"measurements": measurements().drop(columns="error")}, "measurements: error"),
        ({"measurements": measurements().assign(error="large")}, "measurements: error"),
        ({"measurements": measurements().assign(verdict="maybe")}, "measurements: verdict"),
        ({"cases": cases().drop(columns="flavour")}, "cases: flavour"),
        ({"cases": cases().assign(status="lost")}, "cases: status"),
        ({"example": {k: v for k, v in example().items() if k != "lambda_i"}}, "example: lambda_i"),
    ],
)
def test_wrong_record_is_refused_by_field(changes, field):
    with pytest.raises(InvalidInput, match=field):
        synthetic_run(**changes)


def test_provenance_names_versions_and_seed_but_no_folder_of_this_machine():
    started = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    command = (
        "/opt/venv/bin/spikeproof verify --out=/home/zoe/runs/one ~/two C:\\Users\\zoe\\three --ratio 1/2 reports/x"
    )
    facts = provenance(command, 11, started, duration=3.25)
    assert facts["command"] == ".../spikeproof verify --out=.../one .../two .../three --ratio 1/2 reports/x"
    assert (facts["seed"], facts["started"], facts["duration"]) == ("11", "2026-03-04T05:06:07+00:00", "3.2 s")
    for key in (
        "spikeproof",
        "python",
        "numpy",
        "numba",
        "mpmath",
        "gmpy2",
        "pandas",
        "platform",
        "processor",
        "cores",
        "commit",
    ):
        assert facts[key]
    assert all("zoe" not in value and "/home" not in value for value in facts.values())


def test_a_package_that_is_absent_is_named_as_not_installed(monkeypatch):
    def version(name):
        if name == "gmpy2":
            raise metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(metadata, "version", version)
    facts = provenance("x", 0, datetime(2026, 1, 1, tzinfo=UTC))
    assert (facts["gmpy2"], facts["mpmath"]) == ("not installed", "1.0")


def test_at_least_one_processor_is_counted_where_the_system_does_not_say(monkeypatch):
    assert processors() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors() == 1


def test_provenance_without_git_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance("x", 0, datetime(2026, 1, 1, tzinfo=UTC))["commit"] == "unknown (not a checkout)"


def test_line_break_in_provenance_cannot_leave_its_comment():
    assert commented({"command": "a\n\\input{b}"}, "% ") == "% command: a \\input{b}\n"
