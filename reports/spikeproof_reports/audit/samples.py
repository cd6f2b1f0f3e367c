"""Errors sample by sample: those of a whole batch are dominated by its few samples that nearly graze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof import InvalidInput
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.compare import compared
from spikeproof_verification.conformance.connectors import Connector
from spikeproof_verification.conformance.making.answers import answered
from spikeproof_verification.conformance.making.draft import Draft
from spikeproof_verification.conformance.reply import answer_of
from spikeproof_verification.conformance.smallest import QUICK
from spikeproof_verification.conformance.support import Engine

KEY, COUNT = "buffers-samples", 12  # whose samples are looked at, and how many
STEP = 2.0**-6  # of engines in time steps


@dataclass(frozen=True)
class SampleErrors:
    """Relative errors of the weight gradient in the Euclidean norm, one for each sample; infinite without an answer.

    `beyond` is the part of the samples in which a number misses its bound, NaN for engines that have none.
    """

    errors: tuple[float, ...]
    beyond: float

    @property
    def median(self) -> float:
        """The median over samples."""
        return float(np.median(self.errors))

    @property
    def worst(self) -> float:
        """The largest."""
        return max(self.errors)


def sample_errors(connector: Connector, engine: Engine, case: Case, level: str) -> SampleErrors | None:
    """Errors of the first samples of a case, each alone; None if the engine does not support it."""
    errors, beyond = [], []
    for n in range(COUNT):
        problem = replace(case.model().select([n]), name=f"{case.key}-{n}")
        one = answered(Draft(problem.name, case.family, problem, ("loss", "weights")), problem, QUICK)
        outcome = connector.run(one.problem, "weights", STEP if level == "grid" else None)
        if outcome.kind == "unsupported":
            return None
        try:
            answer = answer_of(outcome.content, problem, decimals=engine.decimals) if outcome.kind == "solution" else {}
        except InvalidInput:
            answer = {}
        errors.append(_error(answer.get("weights"), one.expected["weights"]))
        if level != "grid":
            beyond.append(not answer or any(m.verdict == "fail" for m in compared(one, answer, level)))
    return SampleErrors(tuple(errors), float(np.mean(beyond)) if beyond else float("nan"))


def _error(got: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> float:
    if got is None:
        return float("inf")
    a, b = (np.concatenate([np.ravel(np.array(tree[n], dtype=float)) for n in wanted]) for tree in (got, wanted))
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))
