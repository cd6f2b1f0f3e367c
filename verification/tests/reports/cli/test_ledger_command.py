"""The ledger as a command, a study and a chapter; contradicted claims fail all three."""

import math

import pandas as pd
import pytest
from report_runs import FACTS

from spikeproof_reports.cli.main import run
from spikeproof_reports.ledger.content import ledger_content
from spikeproof_reports.studies.ledger import chapter as ledger
from spikeproof_verification.experiments.ledger import (
    Check,
    Equation,
    check_rows,
    equation_rows,
    examine,
    registry,
    verdict_rows,
)
from spikeproof_verification.experiments.studies.ledger import result


def equation(name, claim, printed, corrected=None):
    check = Check(
        claim, "by hand", lambda: [0], lambda _: printed, corrected and (lambda _: corrected), condition="if | so"
    )
    return Equation(name, "1", "a_1 = b^2 & c", "derived", (check,), "c for b" if corrected else "")


TRUE = (
    equation("paper 1", "holds", 1e-30),
    equation("paper 2", "corrected", 1.0, 1e-30),
    Equation("notes 1", "1", "c is a letter", "definition", note="Defines c."),
)
UNTRUE = (
    equation("notes 2", "holds", 1.0),
    equation("notes 3", "corrected", 1e-30, 1e-30),
    equation("notes 4", "corrected", 1.0, 1e-3),
    equation("notes 5", "holds", math.inf),
)


def frames(entries):
    return {
        "verdicts": pd.DataFrame(verdict_rows(entries)),
        "equations": pd.DataFrame(equation_rows(entries)),
        "checks": pd.DataFrame(check_rows(entries)),
    }


def test_one_equation_is_shown_with_its_residuals_and_verdict(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["ledger", "--only", "notes 46"]) == 0
    text = capsys.readouterr().out
    for word in ("notes 46", "3.0e-01", "holds when corrected", "correction: the inner derivative is -1/tau_mem"):
        assert word in text


@pytest.mark.parametrize("wrong", UNTRUE, ids=lambda e: e.id)
def test_a_contradicted_claim_gives_status_1_and_is_named(wrong, monkeypatch, capsys):
    monkeypatch.setattr(registry, "EQUATIONS", (*TRUE, wrong))
    assert run(["ledger"]) == 1
    assert f"{wrong.id}: the residuals contradict what is claimed" in capsys.readouterr().out


def test_an_unknown_equation_gives_status_2_and_one_line(capsys):
    assert run(["ledger", "--only", "paper 22"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("spikeproof: equation: got 'paper 22'; allowed: ")


def test_the_documents_have_every_equation(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "EQUATIONS", TRUE)
    assert run(["ledger", "--out", str(tmp_path)]) == 0
    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    tables = {f"tables/ledger_{name}.csv" for name in ("verdicts", "corrections", "equations", "checks")}
    figures = {f"figures/ledger_residuals{kind}" for kind in (".png", ".pdf", ".svg", "_column.pdf", "_column.svg")}
    assert names == {"ledger.md", "ledger.tex", "manifest.json"} | figures | tables
    stored = pd.read_csv(tmp_path / "tables/ledger_equations.csv", comment="#", keep_default_na=False)
    assert list(stored["id"]) == [e.id for e in TRUE]
    assert list(stored["verdict"]) == ["holds", "holds when corrected", "not checkable"]
    assert "a\\_1 = b^2 \\& c" in (tmp_path / "ledger.md").read_text()
    assert "a\\_\\allowbreak{}1 = b\\textasciicircum{}2 \\& c" in (tmp_path / "ledger.tex").read_text()


def test_definitions_alone_make_documents_too():
    content = ledger_content([examine(TRUE[2])], FACTS)
    assert content.verdict.clean
    assert [len(table.frame) for table in content.tables] == [6, 0, 1, 0]


@pytest.mark.parametrize("wrong", UNTRUE, ids=lambda e: e.id)
def test_a_contradicted_claim_fails_the_study_and_is_marked_in_the_chapter(wrong):
    entries = [examine(e) for e in (*TRUE, wrong)]
    failed = {m.component for m in result(entries).measurements if m.verdict == "fail"}
    assert failed == {f"{wrong.id}, if | so"}
    marked = {t.name: sum(t.alarmed(1)) for t in ledger(frames(entries)).tables}
    assert (marked["ledger_equations"], marked["ledger_checks"]) == (1, 1)
    assert not ledger_content(entries, FACTS).verdict.clean


def test_claims_that_are_true_pass_the_study():
    found = result([examine(e) for e in TRUE])
    assert [m.verdict for m in found.measurements] == ["pass"] * 4
    assert set(found.tables) == {"verdicts", "equations", "checks"}


def test_the_corrections_are_those_of_equations_that_have_one():
    corrections = ledger(frames([examine(e) for e in TRUE])).tables[1]
    assert list(corrections.frame["id"]) == ["paper 2"]
