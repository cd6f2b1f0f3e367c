"""Degenerate and extreme ratios of the time constants: equal, nearly equal, and far apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mpmath import MPContext

from spikeproof import (
    EventEngine,
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
from spikeproof_reference import MpEngine, RoundingSensitivity, rounding_sensitivity
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import (
    GRADIENT,
    KERNEL,
    REFERENCE_JACOBIAN,
    REFERENCE_TIME,
    SPIKE_TIME,
)
from spikeproof_verification.experiments.studies.closed_forms import ClosedNeuron
from spikeproof_verification.experiments.studies.decay import with_exponents
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "time_constants"
TAU_MEM = 16.0  # a power of two: 16 (1 +- 2**-k) is exact
TIMES = (1.0, 6.0, 12.0, 30.0)
STRENGTHS = (1.3, 0.8, 1.1, 1.7)  # in units of the weight that just makes a neuron at rest spike
DURATION = 60.0
PROBES = 3  # of the conditioning
NEAR = range(1, 53)
WIDE = range(-16, 17)  # quarters of a decade
CTX = MPContext()
CTX.dps = 120


@dataclass(frozen=True)
class Ratio:
    """tau_syn / tau_mem, and which series it belongs to."""

    series: str
    value: float

    @property
    def tau_syn(self) -> float:
        """The synaptic time constant."""
        return TAU_MEM * self.value

    @property
    def label(self) -> str:
        """Name of the ratio among the measurements."""
        off = self.value - 1.0
        if self.series == "near" and off:
            return f"τ_syn/τ_mem = 1 {'+' if off > 0 else '-'} 2^{round(math.log2(abs(off)))}"
        return f"τ_syn/τ_mem = {self.value:.4g}"


def ratios() -> tuple[Ratio, ...]:
    """All ratios: 1 +- 2**-k for k from 1 to 52, four per decade from 1e-4 to 1e4, and 1 itself."""
    near = [Ratio("near", 1.0 + sign * 2.0**-k) for k in NEAR for sign in (-1, 1)]
    return (*near, *(Ratio("wide", 10.0 ** (j / 4)) for j in WIDE if j), Ratio("equal", 1.0))


def run() -> StudyResult:
    """Measure both engines at every ratio, against each other and closed forms, and V(t) by the textbook formula."""
    measurements: list[Measurement] = []
    rows: list[Row] = []
    kernels: list[Row] = []
    for ratio in ratios():
        found, row = _measured(ratio)
        measurements += found
        rows.append(row)
        for kernel in _kernels(ratio):
            kernels.append(kernel)
            measurements.append(_judged_kernel(ratio, kernel))
    measurements += [m for n in (1, 2) for m in closed_form_checks(n)]
    closed = [row for n in (1, 2) for row in _closed_rows(n)]
    return StudyResult(tuple(measurements), {"ratios": rows, "kernels": kernels, "closed": closed})


STUDY = Study(NAME, "Degenerate and extreme time constants", run)


def problem_at(tau_syn: float) -> Problem:
    """One neuron, four inputs, a handful of spikes with resets; the loss is the sum of all spike times."""
    unit = 1.0 / peak(TAU_MEM, tau_syn)
    network = Network((Input("in", len(TIMES)),), (Population("n", 1),), (Projection("in", "n"),))
    weights = {"in->n": [[unit * s] for s in STRENGTHS]}
    parameters = Parameters(weights, {"n": NeuronParameters(TAU_MEM, tau_syn)})
    return Problem(network, parameters, Stimulus.of_channels([[t] for t in TIMES], DURATION), SpikeTimeSum("n"))


def peak(tau_mem: float, tau_syn: float) -> float:
    """Largest V after a unit weight: ``r**(r / (1 - r))`` with r = tau_syn / tau_mem, e**-1 at r = 1."""
    d = tau_syn / tau_mem - 1.0
    return math.exp(-math.log1p(d) / d) if abs(d) > 1e-300 else math.exp(-1.0)


def textbook(tau_mem: float, tau_syn: float, t: float) -> float:
    """V at `t` after a unit weight by the difference of two exponentials, in binary64; NaN where it divides by 0."""
    if tau_mem == tau_syn:
        return math.nan
    return tau_syn / (tau_mem - tau_syn) * (math.exp(-t / tau_mem) - math.exp(-t / tau_syn))


def exact_kernel(tau_mem: float, tau_syn: float, t: float) -> Any:
    """V at `t` after a unit weight arrived, to 120 digits."""
    a, b, time = CTX.mpf(tau_mem), CTX.mpf(tau_syn), CTX.mpf(t)
    if a == b:
        return time / a * CTX.exp(-time / a)
    return b / (a - b) * (CTX.exp(-time / a) - CTX.exp(-time / b))


def closed_form_checks(ratio: int) -> Iterator[Measurement]:
    """Spike times, and the gradient of their sum, against closed forms for tau_mem = `ratio` tau_syn."""
    problem = problem_at(TAU_MEM / ratio)
    times, gradient = closed_solution(problem, ratio)
    event, reference, conditioning = _solved(problem)
    for engine, solution in (("event", event), ("mp", reference)):
        who = subject(NAME, engine, "closed form")
        for k, (got, wanted) in enumerate(zip(solution.spikes.times, times, strict=True)):
            vdot = float(reference.spikes.vdot[k])
            scale = float(wanted) + 1.0 / vdot
            tolerance = REFERENCE_TIME
            if engine == "event":
                scale, tolerance = scale + float(conditioning.spike_times[k]), SPIKE_TIME
            yield judge(who, "spike_time", f"τ_mem = {ratio} τ_syn, spike {k}", got, wanted, scale, tolerance, vdot)
        for k, (got, wanted) in enumerate(zip(_gradient(solution), gradient, strict=True)):
            scale, tolerance = abs(float(wanted)), REFERENCE_JACOBIAN
            if engine == "event":
                scale, tolerance = scale + float(conditioning.weights["in->n"][k, 0]), GRADIENT
            yield judge(who, "weight_gradient", f"τ_mem = {ratio} τ_syn, weight {k}", got, wanted, scale, tolerance)


def closed_solution(problem: Problem, ratio: int) -> tuple[list[Any], list[Any]]:
    """All spike times in closed form, and the derivatives of their sum: differences in 120 digits."""
    neuron = ClosedNeuron(CTX, CTX.mpf(TAU_MEM), ratio)
    weights = [CTX.mpf(float(w)) for w in problem.parameters.weights["in->n"][:, 0]]
    h = CTX.mpf(10) ** -38

    def spikes(k: int = 0, step: Any = 0) -> list[Any]:
        moved = [w + step if j == k else w for j, w in enumerate(weights)]
        return neuron.spike_times(list(zip(map(CTX.mpf, TIMES), moved, strict=True)), CTX.mpf(DURATION))

    gradient = [(sum(spikes(k, h)) - sum(spikes(k, -h))) / (2 * h) for k in range(len(weights))]
    return spikes(), gradient


def _solved(problem: Problem) -> tuple[Solution, Solution, RoundingSensitivity]:
    reference = MpEngine().solve(problem)
    return (
        EventEngine().solve(problem),
        reference,
        with_exponents(rounding_sensitivity(problem, n_probes=PROBES), reference),
    )


def _gradient(solution: Solution) -> Any:
    assert solution.gradients is not None
    return solution.gradients.weights["in->n"][:, 0]


def _measured(ratio: Ratio) -> tuple[list[Measurement], Row]:
    event, reference, conditioning = _solved(problem_at(ratio.tau_syn))
    found = measure(subject(NAME, "event", "mp"), event, reference, conditioning)
    worst = {
        quantity: max((m.error for m in found if m.quantity == quantity), default=math.nan)
        for quantity in ("spike_time", "weight_gradient")
    }
    row: Row = {
        "series": ratio.series,
        "ratio": ratio.value,
        "off_one": ratio.value - 1.0,
        "spikes": len(reference.spikes),
        "min_vdot": float(min(reference.spikes.vdot)),
        "time_error": worst["spike_time"],
        "gradient_error": worst["weight_gradient"],
    }
    return [replace(m, component=f"{ratio.label}: {m.component}") for m in found], row


def _kernels(ratio: Ratio) -> Iterator[Row]:
    """V of a leaky integrator at three times after one input, by the engine and by the textbook formula."""
    network = Network((Input("in", 1),), (Population("n", 1, "li"),), (Projection("in", "n"),))
    parameters = Parameters({"in->n": [[1.0]]}, {"n": NeuronParameters(TAU_MEM, ratio.tau_syn)})
    for t in TAU_MEM * np.array([0.125, 1.0, 4.0]):
        exact = exact_kernel(TAU_MEM, ratio.tau_syn, float(t))
        problem = Problem(network, parameters, Stimulus.of_channels([[0.0]], float(t)))
        engine, plain = float(EventEngine().solve(problem).v_end[0, 0]), textbook(TAU_MEM, ratio.tau_syn, float(t))
        yield {
            "series": ratio.series,
            "off_one": ratio.value - 1.0,
            "ratio": ratio.value,
            "time": float(t),
            "exact": float(exact),
            "engine": engine,
            "engine_error": float(abs(engine / exact - 1)),
            "textbook_error": float(abs(plain / exact - 1)),
        }


def _judged_kernel(ratio: Ratio, row: Row) -> Measurement:
    who = subject(NAME, "event", "closed form")
    exact = exact_kernel(TAU_MEM, ratio.tau_syn, float(row["time"]))
    label = f"{ratio.label}, t = {row['time']:g}"
    return judge(who, "kernel", label, float(row["engine"]), exact, abs(float(exact)), KERNEL)


def _closed_rows(ratio: int) -> Iterator[Row]:
    problem = problem_at(TAU_MEM / ratio)
    times, _ = closed_solution(problem, ratio)
    event, reference, _ = _solved(problem)
    for k, time in enumerate(times):
        yield {
            "form": "Lambert W" if ratio == 1 else "quadratic",
            "spike": k,
            "closed": CTX.nstr(time, 30),
            "off_mp": float(abs(reference.spikes.times[k] - time)),
            "off_event": float(abs(float(event.spikes.times[k]) - time)),
            "vdot": float(reference.spikes.vdot[k]),
        }
