"""The summary on the terminal says what the report says, and its exit status agrees."""

import numpy as np
import pandas as pd
import pytest
from report_runs import NASTY, agreement, cases, measurements, synthetic_run

from spikeproof_reports.cli.summary import show_summary
from spikeproof_reports.verification.content import content_of

BAD_AGREEMENT = pd.concat([agreement(), agreement().assign(worst=np.nan, digits=np.nan)])
LONG = "K02_inhibition_then_excitation"

NEVER_GREEN = {
    "a failed number": {"measurements": measurements(failing=True)},
    "a verdict that contradicts its numbers": {"measurements": measurements(failing=True).assign(verdict="pass")},
    "numbers that contradict their verdict": {"measurements": measurements().assign(verdict="fail")},
    "an error that is no number": {"measurements": measurements().assign(error=np.nan, verdict="pass")},
    "nothing compared": {"measurements": measurements().head(0)},
    "a case that broke off": {"cases": cases().assign(status=["failed"] + ["done"] * 19)},
    "references that disagree": {"agreement": BAD_AGREEMENT},
    "references recorded as disagreeing": {"agreement": agreement().assign(verdict="fail")},
}


@pytest.fixture
def colours(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def plain(monkeypatch):
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("changes", NEVER_GREEN.values(), ids=NEVER_GREEN)
def test_what_is_not_clean_is_never_green_and_has_status_1(changes, colours, tmp_path, capsys):
    run = synthetic_run(**changes)
    assert not content_of(run).verdict.clean
    assert show_summary(run, tmp_path) == 1
    text = capsys.readouterr().out
    assert "\x1b[1;32m" not in text
    assert "\x1b[1;31m" in text


def test_a_clean_run_is_green_and_has_status_0(colours, tmp_path, capsys):
    assert show_summary(synthetic_run(), tmp_path) == 0
    text = capsys.readouterr().out
    assert "\x1b[1;32m" in text
    assert "\x1b[1;31m" not in text


def test_refused_cases_are_named_but_do_not_fail(plain, tmp_path, capsys):
    run = synthetic_run(cases=cases().assign(status=["refused"] + ["done"] * 19))
    assert show_summary(run, tmp_path) == 0
    assert "refused for a stated reason: 1 of 20" in capsys.readouterr().out


def test_the_verdict_is_the_sentence_of_the_report(plain, tmp_path, capsys):
    run = synthetic_run(failing=True)
    show_summary(run, tmp_path)
    text = " ".join(capsys.readouterr().out.split())
    verdict = content_of(run).verdict
    for sentence in (verdict.sentence, *verdict.remarks):
        assert sentence in text


def test_nothing_is_cut_at_80_columns(plain, tmp_path, capsys):
    rows = pd.concat([measurements(400)] * 40).assign(case=LONG, campaign="yin_yang", verdict="pass")
    rows.loc[rows["quantity"] == "loss", "quantity"] = "spike_time_jacobian"
    rows.loc[rows["quantity"] == "spike_time", "quantity"] = "input_time_gradient"
    show_summary(synthetic_run(measurements=rows), tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert not any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines)
    table = lines[: next(n for n, line in enumerate(lines) if line.startswith("PASS"))]
    assert all(len(line.rstrip()) <= 80 for line in table)
    for name in ("input time gradients", "spike time Jacobians", "weight gradients"):
        assert any(line.startswith(name) and line.rstrip().endswith(LONG) for line in table)
    assert table[0].split() == ["quantity", "nonzero", "zeros", "failed", "/bound", "worst", "case"]


def test_names_and_messages_are_printed_as_they_are(plain, tmp_path, capsys):
    named = cases(failing=True)
    named.loc[7, "note"] = "[red]:warning: " + NASTY
    show_summary(synthetic_run(cases=named), tmp_path)
    assert f"[red]:warning: {NASTY}" in " ".join(capsys.readouterr().out.split())


def test_a_terminal_of_few_letters_gets_question_marks(plain, tmp_path, monkeypatch):
    import io
    import sys

    rows = measurements(failing=True).assign(case="\u96ea")
    with io.TextIOWrapper(io.BytesIO(), encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert show_summary(synthetic_run(measurements=rows), tmp_path) == 1
        out.flush()
        assert b"?" in out.buffer.getvalue()
