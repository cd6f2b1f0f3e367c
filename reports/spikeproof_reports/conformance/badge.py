"""The headline as the JSON of a badge, in the form that shields.io reads from an address."""

from __future__ import annotations

import json

from spikeproof_verification.conformance.record import Run


def badge(run: Run) -> str:
    """Passed of supported of all; green only if everything is supported and passed."""
    h = run.headline
    whole = h.clean and run.complete and all(f.fits for f in run.smoke)
    color = "red" if not whole else "brightgreen" if h.supported == h.total else "yellow"
    message = f"{h.passed} / {h.supported} / {h.total}"
    tree = {"schemaVersion": 1, "label": f"spikeproof {run.suite}", "message": message, "color": color}
    return json.dumps(tree) + "\n"
