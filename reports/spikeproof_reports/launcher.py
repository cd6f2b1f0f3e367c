"""Entry point of the ``spikeproof`` command; says what is missing where only the engines are installed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

INTERRUPTED = 130


def main() -> int:
    """Run the command line and return its exit status, deaf to interrupts from then on; a stopped one ends at once."""
    try:
        status = _run()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:  # before the command line could handle it
        sys.stderr.write("spikeproof: stopped\n")
        status = INTERRUPTED
    if status == INTERRUPTED:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)  # Python may end by the signal instead if it came within exec, where dataclasses are made
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
