"""A case before its answer is known, and its problem in numbers that binary32 holds too."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spikeproof import Problem
from spikeproof_verification.files import problem_from_dict, problem_to_dict

WHOLE = frozenset({"size", "channels", "offsets", "targets", "labels", "order"})  # stay what they are


@dataclass(frozen=True)
class Draft:
    """A case to be made.

    Attributes
    ----------
    key, family : as of a `Case`.
    problem : with a loss, which an engine is not shown if only spike times are judged.
    judged : quantities.
    tied : whether events coincide on purpose.
    steps, orders : of the level "grid", which is the only one if they are there.
    """

    key: str
    family: str
    problem: Problem
    judged: tuple[str, ...]
    tied: bool = False
    steps: tuple[float, ...] = ()
    orders: dict[str, float] = field(default_factory=dict)


def in_single(problem: Problem, name: str) -> Problem:
    """The problem under another name, with every number rounded to binary32: float32 engines get it unrounded."""
    tree = _rounded(problem_to_dict(replace(problem, name=name)), "")
    return problem_from_dict(tree)


def _rounded(tree: Any, key: str) -> Any:
    if isinstance(tree, dict):
        return {k: _rounded(value, k) for k, value in tree.items()}
    if isinstance(tree, list):
        return [_rounded(value, key) for value in tree]
    if isinstance(tree, float) and key not in WHOLE:
        return float(np.float32(tree))
    return tree
