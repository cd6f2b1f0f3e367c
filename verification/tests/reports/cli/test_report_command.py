"""The command where something outside gives way: a closed pipe, too little memory, a missing package."""

import os
import subprocess
import sys

import pytest
from report_runs import synthetic_run

from spikeproof_reports import save_run
from spikeproof_reports.cli.main import cli, run
from spikeproof_verification.files import shipped_cases

COMMAND = (sys.executable, "-m", "spikeproof_reports")
CASE = str(next(path for path in shipped_cases() if path.stem == "P05_ring6"))


def with_closed_pipe(*arguments):
    """The process that has run the command after the reader of its output went away."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run([*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)


@pytest.mark.parametrize("arguments", [("solve", CASE), ("--help",), ("--version",), ()], ids=" ".join)
def test_a_closed_pipe_gives_status_1_and_no_text(arguments):
    result = with_closed_pipe(*arguments)
    assert (result.returncode, result.stderr) == (1, "")


def test_a_summary_into_a_closed_pipe_gives_status_1_and_no_text(tmp_path):
    save_run(synthetic_run(), tmp_path)
    result = with_closed_pipe("report", str(tmp_path))
    assert (result.returncode, result.stderr) == (1, "")
    assert (tmp_path / "report.html").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_device_gives_status_2_and_one_line():
    with open("/dev/full", "w") as full:
        result = subprocess.run([*COMMAND, "solve", CASE], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "None" not in result.stderr


def test_too_little_memory_gives_status_2_and_one_line(monkeypatch, capsys):
    def exhausted(*_, **__):
        raise MemoryError

    monkeypatch.setattr(cli, "main", exhausted)
    assert run(["solve", CASE]) == 2
    assert capsys.readouterr().err == "spikeproof: the problem needs more memory than there is\n"


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [
        ("click", ["--help"]),
        ("jsonschema", ["solve", CASE]),
        ("mpmath", ["solve", CASE, "--engine", "mp"]),
        ("pandas", ["report", "."]),
        ("rich", ["report", "."]),
    ],
)
def test_a_missing_package_is_named_with_what_to_install(missing, arguments):
    blocked = "import sys; sys.modules[sys.argv.pop(1)] = None; from spikeproof_reports.launcher import main"
    command = [sys.executable, "-c", f"{blocked}; sys.exit(main())", missing, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    text = f"the command line needs the package {missing}: pip install 'spikeproof[verify]'"
    assert result.stderr == f"spikeproof: {text}\n"
