"""Grazing: how spike times and derivatives behave on the way to the weight at which a spike vanishes.

V of a neuron at rest that receives a weight w once peaks at w k(t_c). The peak reaches the threshold at the critical
weight w_c = v_th / k(t_c). With w = w_c (1 + d), V'' = -v_th / (tau_mem tau_syn) at the peak gives

::

    t_c - t = sqrt(2 tau_mem tau_syn d)      dt/dw = -sqrt(tau_mem tau_syn / (2 d)) / w_c      for d -> 0+
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from mpmath import MPContext

from spikeproof import (
    EventEngine,
    GrazingSpike,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Solution,
    SpikeTimeSum,
    Stimulus,
)
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import EPS, SPIKE_COUNT, SQUARE_ROOT_LAW
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "grazing"
CTX = MPContext()
CTX.dps = 80
START = 1.0
FIT = -6  # the law is fitted to distances of 10**FIT and below
CERTAIN = 16  # units of roundoff of w from which on binary64 must know whether there is a spike


@dataclass(frozen=True)
class Family:
    """One pair of time constants."""

    tau_mem: float
    tau_syn: float

    @property
    def name(self) -> str:
        """The pair in words."""
        return f"τ_mem = {self.tau_mem:g}, τ_syn = {self.tau_syn:g}"

    def kernel(self, t: Any) -> Any:
        """V at `t` after a unit weight arrived."""
        a, b = CTX.mpf(self.tau_mem), CTX.mpf(self.tau_syn)
        if a == b:
            return t / a * CTX.exp(-t / a)
        return b / (a - b) * (CTX.exp(-t / a) - CTX.exp(-t / b))

    @property
    def peak(self) -> Any:
        """The time at which V is largest."""
        a, b = CTX.mpf(self.tau_mem), CTX.mpf(self.tau_syn)
        return a if a == b else CTX.log(a / b) * a * b / (a - b)

    @property
    def critical(self) -> Any:
        """The weight that just reaches the threshold 1."""
        return 1 / self.kernel(self.peak)

    def weight(self, distance: Decimal) -> Decimal:
        """The weight at a relative `distance` from the critical one, to 70 digits."""
        return Decimal(CTX.nstr(self.critical * (1 + CTX.mpf(str(distance))), 70))

    def problem(self, weight: Any) -> Problem:
        """One neuron, one input spike; the loss is the spike time."""
        network = Network((Input("in", 1),), (Population("n", 1),), (Projection("in", "n"),))
        neuron = NeuronParameters(self.tau_mem, self.tau_syn)
        parameters = Parameters({"in->n": np.array([[weight]])}, {"n": neuron})
        duration = START + 20 * max(self.tau_mem, self.tau_syn)
        return Problem(network, parameters, Stimulus.of_channels([[START]], duration), SpikeTimeSum("n"))

    def law(self, distance: Any) -> Any:
        """dt/dw close to the critical weight."""
        return -CTX.sqrt(CTX.mpf(self.tau_mem) * self.tau_syn / (2 * CTX.mpf(str(distance)))) / self.critical


FAMILIES = (Family(20.0, 5.0), Family(20.0, 10.0), Family(10.0, 10.0), Family(5.0, 20.0))
DISTANCES = tuple(Decimal(1).scaleb(-k) for k in range(1, 15))


def run() -> StudyResult:
    """The approach to the critical weight from both sides, the law fitted, the last units of roundoff, Figure 1."""
    measurements: list[Measurement] = []
    approach: list[Row] = []
    fits: list[Row] = []
    for family in FAMILIES:
        rows = [_approach(family, d, measurements) for d in DISTANCES]
        measurements += _below(family)
        fit = fitted(rows)
        measurements += _law(family, rows, fit)
        approach += rows
        fits.append({"family": family.name, **fit})
    edge = [_edge(FAMILIES[1], k) for k in _units()]
    measurements += [m for k in _units() if abs(k) >= CERTAIN for m in _existence(FAMILIES[1], k)]
    curve = list(_curve(FAMILIES[1]))
    return StudyResult(tuple(measurements), {"approach": approach, "fits": fits, "edge": edge, "curve": curve})


STUDY = Study(NAME, "Grazing spikes", run)


def fitted(rows: Sequence[Row]) -> dict[str, float]:
    """Least squares line through log10 abs(dt/dw) over log10 d: its slope, its largest residual, how many points."""
    near = [r for r in rows if float(r["distance"]) <= 10.0**FIT * 1.0001]
    x = np.log10([float(r["distance"]) for r in near])
    y = np.log10([-float(r["derivative"]) for r in near])
    slope, offset = np.polyfit(x, y, 1)
    return {"slope": float(slope), "residual": float(np.max(np.abs(y - slope * x - offset))), "points": len(near)}


def derivative_of(solution: Solution) -> Any:
    """dt/dw of a problem of this study."""
    assert solution.gradients is not None
    return solution.gradients.weights["in->n"][0, 0]


def _approach(family: Family, distance: Decimal, measurements: list[Measurement]) -> Row:
    """One distance above the critical weight; the event engine is measured on the problem rounded to binary64."""
    exact = MpEngine().solve(family.problem(family.weight(distance)))
    rounded = family.problem(float(family.weight(distance)))
    reference, found = MpEngine().solve(rounded), EventEngine().solve(rounded)
    conditioning = rounding_sensitivity(rounded)
    judged = measure(subject(NAME, "event", "mp"), found, reference, conditioning)
    label = f"{family.name}, d = 1e{distance.adjusted()}"
    measurements += [_labelled(m, label) for m in judged]
    return {
        "family": family.name,
        "distance": float(distance),
        "spike_time": float(exact.spikes.times[0]),
        "before_peak": float(START + family.peak - exact.spikes.times[0]),
        "vdot": float(exact.spikes.vdot[0]),
        "derivative": float(derivative_of(exact)),
        "law": float(family.law(distance)),
        "event_derivative": float(derivative_of(found)),
        "off_time": float(abs(found.spikes.times[0] - reference.spikes.times[0])) if len(found.spikes) else np.nan,
        "off_derivative": float(abs(derivative_of(found) / derivative_of(reference) - 1)),
        "eps_over_vdot": EPS / float(exact.spikes.vdot[0]),
    }


def _labelled(measurement: Measurement, label: str) -> Measurement:
    return replace(measurement, component=f"{label}: {measurement.component}")


def _below(family: Family) -> Iterator[Measurement]:
    """No spike at any distance below the critical weight."""
    for distance in DISTANCES:
        problem = family.problem(float(family.weight(-distance)))
        for engine in (EventEngine(), MpEngine()):
            who = subject(NAME, engine.name, "closed form")
            label = f"{family.name}, d = -1e{distance.adjusted()}"
            yield judge(who, "spike_count", label, len(engine.solve(problem).spikes), 0, 1.0, SPIKE_COUNT)


def _law(family: Family, rows: Sequence[Row], fit: dict[str, float]) -> Iterator[Measurement]:
    who = subject(NAME, "mp", "1/sqrt law")
    scale = float(np.sqrt(10.0**FIT))
    yield judge(who, "grazing_slope", f"{family.name}, fit", fit["slope"], -0.5, scale, SQUARE_ROOT_LAW)
    for row in rows:
        distance = float(row["distance"])
        label = f"{family.name}, d = {distance:.0e}"
        ratio = float(row["derivative"]) / float(row["law"])
        yield judge(who, "grazing_ratio", label, ratio, 1.0, float(np.sqrt(distance)), SQUARE_ROOT_LAW)


def _units() -> list[int]:
    """Distances of the critical weight 4 in units of its last place."""
    return [-256, -64, -CERTAIN, -8, -4, -2, -1, 0, 1, 2, 4, 8, CERTAIN, 64, 256]


def _weight(family: Family, units: int) -> float:
    return float(family.critical) * (1.0 + units * EPS)


def _edge(family: Family, units: int) -> Row:
    """The answers of both engines within a few units of roundoff of the critical weight."""
    problem = family.problem(_weight(family, units))
    return {
        "units": units,
        "distance": units * EPS,
        **{f"event_{k}": v for k, v in _said(EventEngine(), problem).items()},
        **{f"mp_{k}": v for k, v in _said(MpEngine(), problem).items()},
    }


def _said(engine: EventEngine | MpEngine, problem: Problem) -> dict[str, str | float]:
    try:
        solution = engine.solve(problem)
    except GrazingSpike as error:
        return {"says": str(error), "time": np.nan, "derivative": np.nan}
    if not len(solution.spikes):
        return {"says": "no spike", "time": np.nan, "derivative": np.nan}
    return {
        "says": "spike",
        "time": float(solution.spikes.times[0]),
        "derivative": float(derivative_of(solution)),
    }


def _existence(family: Family, units: int) -> Iterator[Measurement]:
    """Whether there is a spike, at distances that exceed the rounding of V."""
    problem = family.problem(_weight(family, units))
    for engine in (EventEngine(), MpEngine()):
        who = subject(NAME, engine.name, "closed form")
        label = f"{family.name}, {units} units of roundoff"
        found = len(engine.solve(problem).spikes)
        yield judge(who, "spike_count", label, found, int(units > 0), 1.0, SPIKE_COUNT)


def _curve(family: Family) -> Iterator[Row]:
    """The curve V(t, w) = v_th: w = v_th / k(t), on both sides of the peak, and the engine's spike times on it."""
    peak = float(family.peak)
    for t in np.concatenate([np.geomspace(0.08 * peak, peak, 80), np.linspace(peak, 4.2 * peak, 80)[1:]]):
        weight = float(1 / family.kernel(CTX.mpf(float(t))))
        branch = "critical" if t == peak else "spike" if t < peak else "falling"
        yield {"family": family.name, "branch": branch, "weight": weight, "time": float(t)}
    for weight in float(family.critical) * np.array([1.001, 1.02, 1.1, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5]):
        spikes = EventEngine().solve(family.problem(float(weight))).spikes
        yield {
            "family": family.name,
            "branch": "event engine",
            "weight": weight,
            "time": float(spikes.times[0]) - START,
        }
