"""Numerical integration instead of closed forms: the adjoint of smooth systems, then of spiking networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof_reference.smooth import (
    LossGradient,
    RungeKutta,
    SmoothProblem,
    TaylorSeries,
    adjoint_gradient,
    closed_gradient,
    difference_gradient,
    forward_sensitivity,
    leaky_integrator,
    oscillator,
    van_der_pol,
)
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import SMOOTH_ORDER, SMOOTH_TAYLOR
from spikeproof_verification.experiments.studies.ode_networks import network_checks
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "ode"
RTOLS = {"DOP853": tuple(10.0**-k for k in range(3, 13)), "Radau": tuple(10.0**-k for k in range(3, 9))}
ORDERS = {"DOP853": 1.0, "Radau": 1.25}  # order of the error over that of its estimate: 8/8, 5/4
STEPS = (1e-2, 1e-3, 1e-4, 1e-5)
DPS = 30


@dataclass(frozen=True)
class Smooth:
    """A smooth problem with its truth, and where the truth is from."""

    problem: SmoothProblem
    truth: LossGradient
    source: str

    def error(self, found: LossGradient) -> float:
        """Largest deviation of loss and gradient, relative to the largest of them."""
        pairs = zip(self._numbers(found), self._numbers(self.truth), strict=True)
        return float(max(abs(a - b) for a, b in pairs) / self.scale)

    @property
    def scale(self) -> Any:
        """The largest of loss and gradient."""
        return max(map(abs, self._numbers(self.truth)))

    def measured(self, what: str, found: LossGradient) -> Iterator[Measurement]:
        """Each number of a gradient in high precision against the truth."""
        who = subject(NAME, what, self.source)
        names = ["loss", *(f"parameter {k}" for k in range(len(self.truth.gradient)))]
        for name, a, b in zip(names, self._numbers(found), self._numbers(self.truth), strict=True):
            component = f"{self.problem.name}, {name}"
            yield judge(who, "smooth_gradient", component, a, b, float(self.scale), SMOOTH_TAYLOR)

    @staticmethod
    def _numbers(found: LossGradient) -> list[Any]:
        return [found.loss, *found.gradient]


WAYS: dict[str, Callable[..., LossGradient]] = {"adjoint": adjoint_gradient, "sensitivity": forward_sensitivity}


def run() -> StudyResult:
    """Smooth systems by three gradients and two kinds of integrators; spiking networks, against the mp engine."""
    measurements: list[Measurement] = []
    smooth: list[Row] = []
    differences: list[Row] = []
    for case in smooth_cases():
        for name, way in WAYS.items():
            measurements += case.measured(f"Taylor, {name}", way(case.problem, TaylorSeries(DPS)))
        rows = [_integrated(case, RungeKutta(m, r, r / 100)) for m in RTOLS for r in RTOLS[m]]  # type: ignore[arg-type]
        measurements += [_order(case, method, rows) for method in RTOLS]
        smooth += rows
        differences += [_differenced(case, h) for h in STEPS]
    found, networks = network_checks(NAME, DPS)
    tables = {"smooth": smooth, "differences": differences, "networks": networks}
    return StudyResult((*measurements, *found), tables)


STUDY = Study(NAME, "Integrated, not solved", run)


def smooth_cases() -> tuple[Smooth, ...]:
    """Two linear systems with closed gradients, and Van der Pol's, whose truth is the sensitivity to 40 digits."""
    linear = [Smooth(p, closed_gradient(p, 40), "matrix exponential") for p in (oscillator(), leaky_integrator())]
    truth = forward_sensitivity(van_der_pol(), TaylorSeries(36))
    return (*linear, Smooth(van_der_pol(), truth, "sensitivity to 36 digits"))


def _integrated(case: Smooth, integrator: RungeKutta) -> Row:
    row: dict[str, Any] = {"problem": case.problem.name, "method": integrator.method, "rtol": integrator.rtol}
    return row | {name: case.error(way(case.problem, integrator)) for name, way in WAYS.items()}


def _differenced(case: Smooth, h: float) -> Row:
    return {
        "problem": case.problem.name,
        "h": h,
        "error": case.error(difference_gradient(case.problem, RungeKutta(), h)),
    }


def _order(case: Smooth, method: str, rows: list[Row]) -> Measurement:
    """The power of the tolerance with which the error of the adjoint falls."""
    mine = [row for row in rows if row["method"] == method]
    rtols, errors = (np.log([float(row[column]) for row in mine]) for column in ("rtol", "adjoint"))
    slope = np.polyfit(rtols, errors, 1)[0]
    who = subject(NAME, method, case.source)
    return judge(who, "tolerance_order", case.problem.name, float(slope), ORDERS[method], 1.0, SMOOTH_ORDER)
