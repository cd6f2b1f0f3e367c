"""Entry point of the ``spikeproof`` command; where only the engines are installed, it says what is missing."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130


def main() -> int:
    """Run the command line and return its exit status; interrupts are ignored from then on."""
    try:
        status = _run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:  # before the command line could handle it
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.stderr.write("spikeproof: stopped\n")
        status = INTERRUPTED
    exec("")  # after an interrupt within an exec, as of a dataclass, Python would end by the signal
    return status


def _run() -> int:
    try:
        from spikeproof_reports.cli.main import run

        return run()  # commands import what they need when they are run
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package.startswith("spikeproof"):
            raise
        text = f"the command line needs the package {package}: pip install 'spikeproof[verify]'"
        sys.stderr.write(f"spikeproof: {text}\n")
        return 2
