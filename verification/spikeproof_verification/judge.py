"""From a deviation to a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof_verification.measurement import Measurement
from spikeproof_verification.tolerances import EPS, UNDERFLOW, Tolerance


@dataclass(frozen=True)
class Subject:
    """Whom and what a measurement is about."""

    campaign: str
    case: str
    regime: str
    engine: str
    reference: str


def judge(
    subject: Subject,
    quantity: str,
    component: str,
    actual: Any,
    expected: Any,
    scale: float,
    tolerance: Tolerance,
    vdot: float = math.nan,
) -> Measurement:
    """The measurement of `actual` against `expected`, with its verdict.

    The difference is taken in the precision of the more precise of the two numbers. A number that is not finite
    fails whatever the scale.
    """
    deviation = _deviation(actual, expected)
    if tolerance.unit == EPS:
        scale = scale + UNDERFLOW
    error = _error(deviation, tolerance.unit * scale)
    return Measurement(
        campaign=subject.campaign,
        case=subject.case,
        regime=subject.regime,
        engine=subject.engine,
        reference=subject.reference,
        quantity=quantity,
        component=component,
        actual=float(actual),
        expected=float(expected),
        deviation=deviation,
        scale=float(scale),
        tolerance=tolerance.name,
        error=error,
        bound=tolerance.multiple,
        vdot=float(vdot),
        verdict="pass" if error <= tolerance.multiple else "fail",
    )


def _deviation(actual: Any, expected: Any) -> float:
    if not (_finite(actual) and _finite(expected)):
        return math.inf
    return float(abs(actual - expected) if _precise(actual) else abs(expected - actual))


def _error(deviation: float, unit: float) -> float:
    if deviation == 0.0:
        return 0.0
    error = deviation / unit if unit > 0.0 else math.inf
    return math.inf if math.isnan(error) else error


def _precise(number: Any) -> bool:
    return hasattr(number, "_mpf_")


def _finite(number: Any) -> bool:
    return bool(np.isfinite(float(number)))
