"""The mutation score: what it counts, and that it can be less than 100 %."""

import math

import numpy as np
import pandas as pd
import pytest

from spikeproof import InvalidInput
from spikeproof_reference import MpEngine, SequenceChanged
from spikeproof_reference.analysis import differences
from spikeproof_reference.mp import adjoint, crossing, sensitivity
from spikeproof_reference.mp.losses import evaluate
from spikeproof_reports.studies.mutation import chapter
from spikeproof_verification.checks.reference import flat_gradient
from spikeproof_verification.experiments.faults import (
    FAULTS,
    REFERENCE_FAULTS,
    Failure,
    Fault,
    injected,
    reference_failures,
)
from spikeproof_verification.experiments.faults import reference_faults as seeded
from spikeproof_verification.experiments.faults.problems import recurrent
from spikeproof_verification.experiments.studies import mutation

PLACES = ("forward", "adjoint", "loss", "reference")
OWNERS = (adjoint._Replay, sensitivity._Replay, differences._Quotient, crossing.Search, differences, evaluate)


def test_there_are_faults_of_every_place_each_with_a_name_of_its_own_and_words():
    assert len(FAULTS) >= 60
    assert len({f.name for f in FAULTS}) == len(FAULTS)
    assert {f.place for f in FAULTS} == set(PLACES)
    assert all(f.wrong and f.quantities for f in FAULTS)


def test_the_gradients_of_the_unharmed_reference_agree():
    assert reference_failures("") == []


@pytest.mark.parametrize("fault", REFERENCE_FAULTS, ids=lambda f: f.name)
def test_a_fault_of_the_reference_is_noticed_by_the_pairs_of_gradients_that_it_separates(fault):
    assert {f.quantity for f in reference_failures(fault.name)} == fault.quantities


def test_the_reference_is_as_it_was_after_a_fault():
    kept = [dict(vars(owner)) for owner in OWNERS]
    before = flat_gradient(MpEngine(dps=20).solve(recurrent()))
    for fault in REFERENCE_FAULTS:
        with injected(fault.name):
            assert [dict(vars(owner)) for owner in OWNERS] != kept
    assert [dict(vars(owner)) for owner in OWNERS] == kept
    assert flat_gradient(MpEngine(dps=20).solve(recurrent())) == before


def test_the_coarse_step_of_unguarded_differences_does_change_the_sequence(monkeypatch):
    monkeypatch.setattr(differences._Quotient, "__init__", seeded._coarse(differences._Quotient.__init__))
    with pytest.raises(SequenceChanged):
        differences.central_differences(recurrent())


def test_an_unknown_fault_of_the_reference_is_refused():
    with pytest.raises(InvalidInput, match="fault: got 'no rest term'"), injected("no rest term"):
        pass


A, B = (Fault(name, "adjoint", "wrong", frozenset({"loss", "spike_time"})) for name in "ab")
TIME, LOSS = Failure("p", "spike_time", "SPIKE_TIME", 7.0), Failure("q", "loss", "LOSS", math.inf)


def result_with(monkeypatch, of_a, of_b, unharmed=()):
    found = {A.name: list(of_a), B.name: list(of_b)}
    monkeypatch.setattr(mutation, "FAULTS", (A, B))
    monkeypatch.setattr(mutation, "failures", lambda fault: found[fault.name])
    monkeypatch.setattr(mutation, "engine_failures", lambda _name: list(unharmed))
    monkeypatch.setattr(mutation, "reference_failures", lambda _name: [])
    return mutation.run()


def failed(result):
    return [(m.quantity, m.component, m.actual) for m in result.measurements if m.verdict == "fail"]


def test_all_caught_and_nothing_else_rejected_passes(monkeypatch):
    result = result_with(monkeypatch, (TIME, LOSS), (LOSS, TIME))
    assert failed(result) == []
    assert len(result.measurements) == 5


def test_a_fault_that_nothing_catches_fails_by_name_and_in_the_score(monkeypatch):
    result = result_with(monkeypatch, (TIME, LOSS), ())
    assert failed(result) == [("fault_caught", "b", 0.0), ("mutation_score", "caught / all", 0.5)]
    assert [row["caught"] for row in result.tables["faults"]] == [True, False]


def test_a_fault_that_is_caught_in_part_fails_by_name(monkeypatch):
    assert failed(result_with(monkeypatch, (TIME, LOSS), (LOSS,))) == [("fault_caught", "b", 1.0)]


def test_an_unharmed_engine_that_is_rejected_fails(monkeypatch):
    result = result_with(monkeypatch, (TIME, LOSS), (TIME, LOSS), (LOSS,))
    assert failed(result) == [("unharmed_engine", "numbers that fail", 1.0)]


def test_the_row_of_a_fault_names_checks_problems_and_the_largest_finite_error(monkeypatch):
    row = result_with(monkeypatch, (TIME, LOSS, LOSS), (LOSS,)).tables["faults"][0]
    assert row["checks"] == "spike_time (SPIKE_TIME); loss (LOSS)"
    assert (row["problems"], row["failed"], row["worst"]) == ("p, q", 3, 7.0)


def test_the_chapter_counts_what_was_caught_by_place(monkeypatch):
    rows = result_with(monkeypatch, (TIME, LOSS), ()).tables["faults"]
    scores, faults = chapter({"faults": pd.DataFrame(rows)}).tables
    assert scores.frame.set_index("place").loc["adjoint", ["faults", "caught", "score"]].tolist() == [2, 1, 50.0]
    assert np.isnan(scores.frame.set_index("place").loc["loss", "score"])
    assert faults.frame["caught"].tolist() == ["yes", "no"]
