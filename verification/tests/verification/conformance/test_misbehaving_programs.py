"""Programs that hang, die, print, or break the protocol: one clear line each, and the next case goes on."""

import sys

import pytest
from places import ROOT

from spikeproof import InvalidInput
from spikeproof_verification.conformance import Session, shipped
from spikeproof_verification.conformance.case import cases_folder
from spikeproof_verification.conformance.connectors import Command, Serve, python_engine

PROGRAM = ROOT / "verification" / "tests" / "helpers" / "misbehaving.py"
KEYS = ("spikes-26", "grazing-above-1e-3", "grazing-above-1e-6", "grazing-below-1e-3")
CASES = [case for case in shipped() if case.key in KEYS]
WRONG = {
    "hang": ("timeout", "no reply within"),
    "crash": ("crashed", "status 7: out of luck"),
    "print": ("error", "'solving ...' stands on standard output"),
    "no JSON": ("error", "'spikes: 3' stands on standard output"),
    "strings": ("error", "allowed: a JSON number: the engine does not declare decimals"),
    "schema": ("error", "format: got 'missing'; allowed: 'spikeproof-solution-1'"),
    "field": ("error", "voltages"),
    "other problem": ("error", "the problem that was asked"),
    "other number": ("error", "stands on standard output"),
    "other network": ("error", "one for each neuron of the problem"),
    "late": ("error", "times from 0 to the duration"),
    "falling": ("error", "allowed: ascending times"),
    "shape": ("error", "in the shape of the weights"),
    "two answers": ("error", "allowed: id and one of"),
    "NaN": ("error", "allowed: a finite number"),
}


def run_of(how, timeout=4.0):
    command = [sys.executable, str(PROGRAM), how, str(cases_folder())]
    return Session(lambda: Serve(command, timeout), CASES).run()


def test_the_program_that_they_are_made_of_passes():
    assert run_of("right").headline.clean


@pytest.mark.parametrize("how", WRONG)
def test_a_program_that_misbehaves_gets_its_verdict_and_one_clear_line(how):
    verdict, message = WRONG[how]
    wrong = [v for v in run_of(how).verdicts if v.verdict != "pass"]
    assert wrong
    assert {v.verdict for v in wrong} == {verdict}
    assert any(message in v.message for v in wrong)
    assert all("\n" not in v.message for v in wrong)


def test_a_dead_or_hanging_program_is_started_again():
    # the smoke test asks twice, and the second question kills it; after each new start the second one does
    for how in ("crash", "hang"):
        assert {v.verdict for v in run_of(how).verdicts} == {"pass", WRONG[how][0]}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere_at_all:Engine", "No module named 'nowhere_at_all'"),
        ("spikeproof:Nothing", "has no attribute 'Nothing'"),
        ("spikeproof:chain", "TypeError"),
        ("spikeproof", "allowed: MODULE:ATTRIBUTE"),
    ],
)
def test_an_engine_that_does_not_start_is_one_line(name, words):
    with pytest.raises(InvalidInput) as error:
        Session(lambda: python_engine(name, 10.0), CASES)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/nowhere/at/all"], "No such file"),
        (["echo", "hello"], "one line of JSON"),
        (["true"], "ended with status 0"),
        ([sys.executable, "-c", "print('{}')"], "engine: got 'missing'"),
        ([sys.executable, "-c", "while True: print('solving ...')"], "one line of JSON"),
    ],
)
def test_a_program_that_is_no_engine_is_one_line(command, words):
    with pytest.raises(InvalidInput) as error:
        Session(lambda: Serve(command, 10.0), CASES)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("prog {problem}", r"\{solution\}"),
        ("'prog {problem} {solution}", "no closing quotation"),
        ("", "a command line"),
    ],
)
def test_a_command_is_one_that_can_be_run_and_has_its_two_files(command, words):
    with pytest.raises(InvalidInput, match=words):
        Command(command, 1.0)


PROGRAMS = {
    "import sys; sys.exit(3)": "unsupported",
    "import sys; sys.exit('v_reset must be 0')": "refused",
    "raise SystemError('nothing')": "error",
    "import os; os.kill(os.getpid(), 9)": "crashed",
    "import time; time.sleep(60)": "timeout",
    "pass": "error",
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_exit_status_of_a_program_is_its_verdict(text):
    command = f'"{sys.executable}" -c "{text}" {{problem}} {{solution}}'
    run = Session(lambda: Command(command, 2.0), CASES[:1]).run()
    assert [v.verdict for v in run.verdicts] == [PROGRAMS[text]]
