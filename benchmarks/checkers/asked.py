"""A function whose values and gradients are asked for, line by line, of the process that started this one."""

from __future__ import annotations

import json
import sys


def ask(x) -> tuple[float, list[float]]:
    """Value and gradient at `x`, as the other process has them."""
    reply = _exchange({"ask": [float(t) for t in x]})
    return reply["value"], reply["gradient"]


def serve(passes) -> None:
    """Answer each line {"x": ..., "settings": [...]} with whether `passes(x, setting)`, setting by setting."""
    while line := sys.stdin.readline():
        question = json.loads(line)
        _tell({"passed": [bool(passes(question["x"], setting)) for setting in question["settings"]]})


def _exchange(message: dict) -> dict:
    _tell(message)
    return json.loads(sys.stdin.readline())


def _tell(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
