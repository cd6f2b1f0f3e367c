"""The properties as a suite for any engine: seeded, in words, and never passed by an engine that supports nothing."""

import json
import re
from functools import cache

import pytest
import wrong_engines as w

from spikeproof import EventEngine, InvalidInput
from spikeproof_reports.cli.main import run
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.properties import verify
from spikeproof_verification.properties.claims import PROPERTIES


def test_the_event_engine_has_all_properties_of_exact_engines():
    record = verify(EventEngine(), draws=1)
    assert record.clean
    assert len(record.rows) == sum("event" in p.engines for p in PROPERTIES)
    assert all(row.problems >= 1 for row in record.rows)


def test_an_engine_of_another_name_has_them_too():
    assert verify(w.Wrong(), draws=1, seed=3).clean


@cache
def record_of(fault):
    return verify(faulty_engine(fault), draws=1)


@pytest.mark.parametrize(
    "fault",
    [
        "mean over the batch missing",
        *(pytest.param(f, marks=pytest.mark.deep) for f in ("transposed weights", "reset to zero")),
    ],
)
def test_an_engine_with_a_fault_lacks_some_and_it_is_said_where_that_shows(fault):
    record = record_of(fault)
    failed = [row for row in record.rows if row.verdict == "fail"]
    assert failed
    assert all(row.draw.startswith("Draw(") and row.message and "\n" not in row.message for row in failed)
    assert not record.clean
    assert "43 properties" in str(record)


def test_what_has_failed_is_said_even_where_an_assertion_has_no_words():
    rows = record_of("mean over the batch missing").rows
    said = {row.claim: row.message for row in rows if row.verdict == "fail"}
    assert all(message[0] not in ": " for message in said.values())
    slope = said["the gradient is the slope of the loss along any direction"]
    assert re.fullmatch(r"assert .+ \(adjoint\.py, line \d+\)", slope)


def test_the_same_seed_gives_the_same_record():
    fault = "mean over the batch missing"
    assert verify(faulty_engine(fault), draws=1) == record_of(fault)


def test_an_engine_that_supports_nothing_is_not_clean_and_one_that_raises_is_in_error():
    assert not verify(w.Unable(), draws=1).clean
    assert {row.verdict for row in verify(w.Unable(), draws=1).rows} == {"unsupported"}
    assert {row.verdict for row in verify(w.Raising(), draws=1).rows} == {"error", "unsupported"}


@pytest.mark.parametrize("wrong", [{"kind": "exact"}, {"seed": -1}, {"draws": 0}])
def test_a_wrong_argument_is_refused(wrong):
    with pytest.raises(InvalidInput):
        verify(EventEngine(), **wrong)


def test_the_command_leaves_a_record(tmp_path, capsys):
    assert run(["verify", "--engine", "spikeproof:EventEngine", "--draws", "1", "--out", str(tmp_path)]) == 0
    assert "43 passed / 43 supported / 43 properties" in capsys.readouterr().out
    assert json.loads((tmp_path / "properties.json").read_text())["engine"] == "event"


@pytest.mark.parametrize("name", ["nowhere_at_all:X", "spikeproof:Nothing", "spikeproof:chain", "spikeproof"])
def test_an_engine_that_is_none_is_one_line(name, tmp_path, capsys):
    assert run(["verify", "--engine", name, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
