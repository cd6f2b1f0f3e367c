"""The audit: peers' adapters speak the protocol, and what was found becomes a table."""

import json
import math
import os
import sys
from dataclasses import replace

import pytest
from places import ROOT

from spikeproof import InvalidInput
from spikeproof_reports.audit.audit import Audited, Auditor, cases_of
from spikeproof_reports.audit.content import audit_content, audit_verdict
from spikeproof_reports.audit.peers import PEERS, Peer, chosen, interpreter
from spikeproof_reports.audit.report import write_audit
from spikeproof_reports.audit.samples import (
    KINDS,
    SampleErrors,
    batch_problem,
    load_samples,
    sample_cases,
    sample_errors,
    save_samples,
)
from spikeproof_reports.audit.tables import engine_table, failure_table, family_table, gradient_table, left_out_table
from spikeproof_reports.cli.main import run
from spikeproof_reports.paper.provenance import without_folders
from spikeproof_verification.checks.tolerances import RUN
from spikeproof_verification.conformance import Session, judge_engine, shipped
from spikeproof_verification.conformance.connectors import InProcess, Serve
from spikeproof_verification.experiments.faults import faulty_engine

BENCHMARKS = ROOT / "benchmarks"

here = pytest.mark.skipif(not BENCHMARKS.exists(), reason="the benchmarks are not beside the tests")


def served(adapter):
    return Serve([sys.executable, str(BENCHMARKS / "judged.py"), adapter], 60.0, environment=dict(os.environ))


@here
def test_an_adapter_of_the_benchmarks_passes_what_it_can_say():
    cases = [
        c
        for c in shipped()
        if not c.malformed and c.family.split(",")[0] in ("spike times", "time constants", "silence")
    ]
    found = Session(lambda: served("engines/event"), cases, ["exact64"]).run()
    assert found.headline.clean
    assert found.headline.supported >= 15
    assert found.headline.supported < found.headline.total


@here
def test_every_peer_has_an_adapter():
    for peer in PEERS:
        assert (BENCHMARKS / f"{peer.adapter[0]}.py").exists()
    assert len({peer.key for peer in PEERS}) == len(PEERS)


def small_batch():
    """A batch like the Yin-Yang one, small enough for the reference to be fast."""
    problem = next(c for c in shipped() if c.key == "buffers-samples").model().select(range(3))
    return replace(problem, name="small")


def test_errors_are_given_sample_by_sample_and_for_the_batch(tmp_path):
    problem = small_batch()
    cases = sample_cases(problem, tmp_path)
    right, wrong = (
        sample_errors(connector, connector.start_engine, problem, cases, "exact64", "usual")
        for connector in map(_started, ("", "no reset term"))
    )
    assert len(right.errors) == len(wrong.errors) == len(cases) == 3
    assert max(right.worst, right.batch) < RUN
    assert right.beyond == 0.0
    assert abs(right.cosine - 1.0) < RUN
    assert wrong.worst > wrong.batch > 1e-3  # one sample of three has an output that spikes after a spike
    assert wrong.median < RUN
    assert wrong.beyond == 1.0 / 3.0


def test_the_answers_of_samples_are_computed_once(tmp_path):
    problem = small_batch()
    first = sample_cases(problem, tmp_path)
    changed = replace(problem, stimulus=replace(problem.stimulus, duration=48.0))
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert sample_cases(problem, tmp_path)[1].expected == first[1].expected
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps
    assert sample_cases(changed, tmp_path)[1].problem != first[1].problem


def test_errors_of_samples_are_kept_as_they_are(tmp_path):
    found = SampleErrors("half", (1e-9, math.inf), 0.5, math.nan, 0.25)
    save_samples(found, tmp_path / "samples.json")
    assert repr(load_samples(tmp_path / "samples.json")) == repr(found)
    save_samples(None, tmp_path / "samples.json")
    assert load_samples(tmp_path / "samples.json") is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_yin_yang_batch_has_numbers_that_single_precision_holds(kind):
    weights = batch_problem(kind, 2).parameters.weights
    assert all((w == w.astype("float32")).all() for w in weights.values())


def _started(fault):
    connector = InProcess(faulty_engine(fault))
    connector.start_engine = connector.start()
    return connector


def example():
    """A peer that fails two cases, one that is not installed, and what is seen of the first one's gradients."""
    peer = Peer("mine", "torch", ("peers/mine",), "defaults | all")
    found = judge_engine(faulty_engine("no reset term"), cases=[c for c in shipped() if c.key.startswith("ratio-h")])
    errors = SampleErrors("usual", (0.25, 0.5, math.inf), 0.75, 0.5, 1.0)
    return [Audited(peer, found, errors), Audited(replace(peer, key="other"), None, note="not installed")]


def test_tables_count_supported_passed_and_failed_cases():
    found = example()
    (row,) = engine_table(found).frame.to_dict("records")
    assert (row["engine"], row["level"]) == ("mine", "exact64")
    assert (row["cases"], row["supported"], row["passed"], row["failed"]) == (2, 2, 0, 2)
    assert row["worst"] > 1.0
    (family,) = family_table(found).frame.to_dict("records")
    assert (family["family"], family["failed"]) == ("time constants", 2)
    (gradient,) = gradient_table(found).frame.to_dict("records")
    assert (gradient["median"], gradient["worst"], gradient["beyond"]) == (0.5, math.inf, 100.0)
    assert list(failure_table(found).frame["case"]) == ["ratio-half", "ratio-hundredfold"]
    assert "the reset term is missing" in failure_table(found).frame["message"][0] or row["failed"] == 2
    assert list(left_out_table(found).frame["reason"]) == ["not installed"]
    assert audit_verdict(found).sentence.startswith("1 of 2 engines and settings were run; 0 pass")


@pytest.mark.usefixtures("undrawn")
def test_documents_and_problems_of_an_audit_are_written_together(tmp_path):
    (mine, other), problem = example(), tmp_path / "exact64-ratio-half.json"
    problem.write_text('{"key": "ratio-half"}')
    folder = tmp_path / "out"
    facts = {"commit": "0" * 40, "spikeproof": "1"}
    write_audit([replace(mine, files=(problem,)), other], None, folder, facts)
    assert "defaults" in (folder / "report.md").read_text()
    assert "ratio-hundredfold" in (folder / "report.html").read_text()
    written = json.loads((folder / "failures/mine/exact64-ratio-half.json").read_text())
    assert written["engine"]["settings"] == "defaults | all"
    assert written["key"] == "ratio-half"
    assert (folder / "tables/engines.csv").read_text().count("commit") == 1
    assert audit_content([mine], None, facts).pictures[0].name == "audit_families"


def auditor(out, **changes):
    given = {
        "benchmarks": BENCHMARKS,
        "out": out,
        "timeout": 60.0,
        "shrink": 0.0,
        "facts": {"commit": "x"},
        "say": print,
    }
    return Auditor(**{**given, **changes})


@here
def test_an_audited_engine_is_taken_up_again_where_cases_and_commit_are_the_same(tmp_path):
    peer = Peer("own", "", ("engines/event",), "defaults", ("exact64",), ("time constants",))
    first = auditor(tmp_path).audited(peer)
    assert first.run.headline.clean
    again = auditor(tmp_path, resume=True).audited(peer)
    assert again.run.seconds == first.run.seconds
    assert auditor(tmp_path, resume=True, facts={"commit": "y"}).audited(peer).run.seconds != first.run.seconds


def test_a_peer_that_is_not_installed_is_said_to_be(tmp_path):
    peer = Peer("mine", "none-such", ("peers/mine",), "")
    assert interpreter(peer, tmp_path) is None
    assert "tox run -e peer-none-such" in auditor(tmp_path / "out", benchmarks=tmp_path).audited(peer).note


def test_families_restrict_the_cases():
    peer = Peer("mine", "torch", (), "", families=("ties",))
    assert {case.family for case in cases_of(peer)} == {"ties"}
    assert not any(case.malformed for case in cases_of(replace(peer, families=())))


def test_a_wrong_call_is_one_line(tmp_path, capsys):
    with pytest.raises(InvalidInput, match="jaxsnn"):
        chosen(["brian"])
    assert run(["audit", "--benchmarks", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_messages_of_engines_tell_no_folders_of_the_machine():
    said = 'File "/home/someone/lib/engine.py", line 3, in run: 1/2 of 3 spikes'
    assert without_folders(said) == 'File ".../engine.py", line 3, in run: 1/2 of 3 spikes'
