"""The form of all docstrings, by numpydoc: the checks that pyproject.toml names."""

import sys
from pathlib import Path

from numpydoc.hooks.validate_docstrings import run_hook

ROOMS = ("src", "reference", "verification/spikeproof_verification", "reports/spikeproof_reports")

if __name__ == "__main__":
    sys.exit(run_hook([str(path) for room in ROOMS for path in sorted(Path(room).rglob("*.py"))], config="."))
