"""The statements of the lesson about its neuron, as the experiments of the verification find them."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module
from typing import Any

from spikeproof_reports.lesson.rows import Rows

ROOM = "spikeproof_verification.experiments.lesson"
STATEMENTS = ("zero_almost_everywhere", "stair", "which_synapse")  # modules with a function of the same name
SIZES = {"zero_almost_everywhere": {"n_lines": 6}, "stair": {"n_places": 12}, "which_synapse": {"n_networks": 2}}


def statement(name: str) -> Rows:
    """The record of one statement.

    Parameters
    ----------
    name : one of `STATEMENTS`.

    Returns
    -------
    mapping from frame to rows
        ``statements``: whether it ``holds``, its ``verdict`` in words, and its ``numbers`` as JSON.
    """
    found: Any = getattr(import_module(f"{ROOM}.{name}"), name)(**SIZES[name])
    row = {"statement": name, "holds": float(found.holds), "verdict": found.verdict}
    return {"statements": [{**row, "numbers": json.dumps(asdict(found), default=list)}]}
