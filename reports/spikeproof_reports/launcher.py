"""Entry point of the ``spikeproof`` command; says what is missing where only the engines are installed."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status."""
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
