"""The verdict on a deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import EPS, UNDERFLOW, Tolerance


@dataclass(frozen=True)
class Subject:
    """The subject of a measurement: which problem, which engine, and the reference it is compared with.

    Attributes
    ----------
    campaign, case, regime : of the problem, as in `Measurement`.
    engine, reference : the measured engine and the reference.
    """

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

    The difference is taken in high precision where one of the numbers has it. A number or a scale that is not finite
    fails.

    Parameters
    ----------
    subject : Subject
    quantity, component : str
        The kind of number, and which number of that kind.
    actual, expected : number
        In binary64 or mpmath.
    scale : float
        The size that the error is relative to.
    tolerance : Tolerance
    vdot : float
        dV/dt at the spike in question, NaN where there is none.

    Returns
    -------
    Measurement
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
    if deviation == 0.0 and unit < math.inf:
        return 0.0
    if not (0.0 < unit < math.inf):
        return math.inf
    return deviation / unit


def _precise(number: Any) -> bool:
    return hasattr(number, "_mpf_")


def _finite(number: Any) -> bool:
    return bool(np.isfinite(float(number)))
