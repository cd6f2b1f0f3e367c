"""The audit: peers' adapters speak the protocol, and what was found becomes a table."""

import os
import sys

import pytest
from places import ROOT

from spikeproof import InvalidInput
from spikeproof_reports.audit.audit import audited
from spikeproof_reports.audit.peers import PEERS, Peer, chosen, interpreter
from spikeproof_reports.audit.samples import COUNT, sample_errors
from spikeproof_reports.audit.table import Audited, markdown
from spikeproof_reports.cli.main import run
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


def test_errors_are_given_sample_by_sample():
    case = next(c for c in shipped() if c.key == "buffers-samples")
    right, wrong = (
        sample_errors(connector, connector.start_engine, case, "exact64")
        for connector in map(_started, ("", "no reset term"))
    )
    assert len(right.errors) == len(wrong.errors) == COUNT
    assert right.worst < RUN
    assert right.beyond == 0.0
    assert wrong.median > 1e-3
    assert wrong.beyond > 0.5


def _started(fault):
    connector = InProcess(faulty_engine(fault))
    connector.start_engine = connector.start()
    return connector


def test_the_table_has_a_row_for_each_engine_and_its_failures_in_words():
    peer = Peer("mine", "torch", ("peers/mine",), "defaults | all")
    found = judge_engine(faulty_engine("no reset term"), cases=[c for c in shipped() if c.key.startswith("ratio-h")])
    text = markdown([Audited(peer, found), Audited(peer, None, note="not installed")], {"commit": "none"})
    assert "| mine |  | defaults \\| all | exact64 | 0 | 2 | 2 |" in text
    assert "- exact64 ratio-half: fail: gradient of weights" in text
    assert "smoke test: gradient of the weights of a layer: the reset term is missing" in text
    assert "not installed" in text


def test_a_peer_that_is_not_installed_is_said_to_be(tmp_path):
    peer = Peer("mine", "none-such", ("peers/mine",), "")
    assert interpreter(peer, tmp_path) is None
    assert "tox run -e peer-none-such" in audited(peer, tmp_path, tmp_path / "out", 1.0, 0.0, {}, print).note


def test_a_wrong_call_is_one_line(tmp_path, capsys):
    with pytest.raises(InvalidInput, match="jaxsnn"):
        chosen(["brian"])
    assert run(["audit", "--benchmarks", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
