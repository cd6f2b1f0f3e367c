"""Spiking networks by numerical integration, compared with the closed forms of the mp engine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from spikeproof import NeuronGradients, Solution
from spikeproof_reference import MpEngine
from spikeproof_reference.ode import OdeEngine
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measure import measure_counts
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import ODE_RUNGE_KUTTA, ODE_TAYLOR
from spikeproof_verification.experiments.studies.study import Row, subject
from spikeproof_verification.problems.loss_networks import loss_label, loss_problem, network_label

SEEDS = (0, 3, 6, 8, 14, 16)  # generated problems of at most 32 spikes, feed-forward to delayed loops, six losses


def network_checks(study: str, dps: int) -> tuple[list[Measurement], list[Row]]:
    """Measurements, and for each network a row of digits of agreement per kind of number."""
    measurements: list[Measurement] = []
    rows: list[Row] = []
    for seed in SEEDS:
        problem = loss_problem(seed)
        expected = MpEngine(dps + 10).solve(problem)
        for engine, tolerance in ((OdeEngine("taylor", dps), ODE_TAYLOR), (OdeEngine("scipy"), ODE_RUNGE_KUTTA)):
            actual = engine.solve(problem)
            who = subject(study, f"ode, {engine.method}", "mp")
            found = [*measure_counts(who, actual, expected)]
            worst = {name: _worst(a, b) for name, a, b in _numbers(actual, expected)}
            for name, (a, b, scale) in worst.items():
                found.append(judge(who, name, problem.name, a, b, scale, tolerance))
            measurements += found
            what = {"problem": problem.name, "network": network_label(seed), "what": loss_label(seed)}
            digits = {name: _digits(*numbers) for name, numbers in worst.items()}
            rows.append({**what, "method": engine.method, "spikes": len(expected.spikes), **digits})
    return measurements, rows


def _numbers(actual: Solution, expected: Solution) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Both solutions' numbers, one flat list for each kind."""
    a, b = actual.gradients, expected.gradients
    if not (a and b and a.delays and b.delays and a.neurons and b.neurons):
        raise ValueError("the gradient of every parameter is wanted")
    order = [np.lexsort((s.spikes.neurons, s.spikes.times, s.spikes.samples())) for s in (actual, expected)]
    yield "spike_time", list(actual.spikes.times[order[0]]), list(expected.spikes.times[order[1]])
    yield "loss", [actual.loss], [expected.loss]
    yield "end_state", _flat([actual.v_end, actual.i_end]), _flat([expected.v_end, expected.i_end])
    yield "weight_gradient", _flat(a.weights.values()), _flat(b.weights.values())
    yield "input_time_gradient", list(a.input_times), list(b.input_times)
    yield "delay_gradient", _flat(a.delays.values()), _flat(b.delays.values())
    for name in (f.name for f in fields(NeuronGradients)):
        mine, theirs = ([getattr(p, name) for p in g.neurons.values()] for g in (a, b))  # type: ignore[union-attr]
        yield f"{name}_gradient", _flat(mine), _flat(theirs)


def _flat(arrays: Any) -> list[Any]:
    return [x for array in arrays if array is not None for x in np.ravel(array)]


def _worst(actual: list[Any], expected: list[Any]) -> tuple[Any, Any, float]:
    """The pair that deviates most, and the largest of all expected numbers."""
    scale = float(max(map(abs, expected), default=0)) or 1.0
    if len(actual) != len(expected):
        return math.nan, 0.0, scale
    pairs = list(zip(actual, expected, strict=True))
    bad = [pair for pair in pairs if not math.isfinite(float(pair[0]))]
    a, b = bad[0] if bad else max(pairs, key=lambda pair: abs(pair[1] - pair[0]), default=(0.0, 0.0))
    return a, b, scale


def _digits(actual: Any, expected: Any, scale: float) -> float:
    deviation = abs(expected - actual) / scale
    return -math.log10(float(deviation)) if deviation else math.inf
