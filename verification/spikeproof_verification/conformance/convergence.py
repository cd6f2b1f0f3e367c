"""Engines in time steps: the order in which their errors fall with the step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import GRID_ORDER
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.reply import Answer


def errors_of(case: Case, answer: Answer) -> dict[str, float]:
    """The error of each judged quantity: infinite if it is missing or not finite.

    Of spikes the mean error of the times of neurons with the right number of them; of the loss its error; of gradients
    the relative error in the Euclidean norm.
    """
    return {quantity: _worse(_error(case, answer, quantity)) for quantity in case.judged}


def orders_of(case: Case, errors: Mapping[float, Mapping[str, float]], engine: str) -> list[Measurement]:
    """The fitted order of each quantity against the expected one; more than that is right too."""
    steps, found = sorted(errors), []
    subject = Subject("", case.key, "grid", engine, "mp")
    for quantity, expected in case.orders.items():
        order = fitted(steps, [errors[dt][quantity] for dt in steps])
        name = f"order of {quantity}"
        component = f"dt from {steps[-1]:g} to {steps[0]:g}"
        found.append(judge(subject, name, component, min(order, expected), expected, 1.0, GRID_ORDER))
    return found


def fitted(steps: Sequence[float], errors: Sequence[float]) -> float:
    """The slope of the errors over the steps, both in logarithms; not a number if an error is not finite."""
    if not all(map(math.isfinite, errors)):
        return math.nan
    if not all(e > 0.0 for e in errors):
        return math.inf  # exact
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def _error(case: Case, answer: Answer, quantity: str) -> float:
    if quantity not in answer:
        return math.nan
    got, wanted = answer[quantity], case.expected[quantity]
    if quantity == "loss":
        return abs(float(got) - float(wanted))
    if quantity == "spike_times":
        trains = [(a, b) for x, y in zip(got, wanted, strict=True) for a, b in zip(x, y, strict=True)]
        apart = [abs(float(a) - float(b)) for x, y in trains if len(x) == len(y) for a, b in zip(x, y, strict=True)]
        return float(np.mean(apart)) if apart else math.nan
    a, b = (np.array(_flat([tree[name] for name in wanted])) for tree in (got, wanted))
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def _flat(tree: Any) -> list[float]:
    return [x for part in tree for x in _flat(part)] if isinstance(tree, list) else [float(tree)]


def _worse(error: float) -> float:
    return math.inf if math.isnan(error) else error
