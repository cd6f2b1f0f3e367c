"""Checks of an engine, and of the reference, against the case files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath

from spikeproof import Engine, Problem, SpikeTimeFunction
from spikeproof.network import neuron_name
from spikeproof_reference import MpEngine, spike_time_jacobian
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measure import spikes_by_neuron
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import (
    CASE_JACOBIAN,
    CASE_TIME,
    REFERENCE_END_STATE,
    REFERENCE_JACOBIAN,
    REFERENCE_TIME,
    SPIKE_COUNT,
    Tolerance,
)
from spikeproof_verification.files import CaseFile, locate_parameter

DPS = 50
DECIMAL = mpmath.MPContext()
DECIMAL.dps = 60


@dataclass(frozen=True)
class Pick:
    """The time of spike `rank` of neuron `index` of a population, as a loss function."""

    index: int
    rank: int

    def __call__(self, trains: list[Any]) -> tuple[Any, Sequence[Sequence[Any]]]:
        """The spike time, and its derivative: 1 at that spike."""
        slopes = [[1.0 * (n == self.index and k == self.rank) for k in range(len(t))] for n, t in enumerate(trains)]
        return trains[self.index][self.rank], slopes


def measure_case(case: CaseFile, engine: Engine, regime: str) -> Iterator[Measurement]:
    """Measure an engine against a case file: counts, spike times, and the derivatives that the file holds."""
    subject = Subject("cases", case.name, regime, engine.name, "case file")
    yield from _spikes(subject, case, engine, CASE_TIME)
    if case.gradients is None:
        return
    found = spikes_by_neuron(engine.solve(case.problem).spikes)
    for column, (neuron, rank) in enumerate(case.gradients.spikes):
        if rank >= len(found.get((0, neuron), [])):
            continue  # the spike is missing: its count has failed
        problem = _with_loss(case.problem, neuron, rank)
        gradients = engine.solve(problem).gradients
        assert gradients is not None
        actual = []
        for parameter in case.gradients.params:
            projection, i, j = _located(problem, parameter)
            entry = gradients.weights[projection][i, j] if projection else gradients.input_times[i]
            actual.append(entry)
        yield from _row(subject, case, column, actual, CASE_JACOBIAN)


def measure_reference(case: CaseFile, regime: str) -> Iterator[Measurement]:
    """Measure the mp engine against a case file: counts, spike times, and the Jacobian by forward sensitivities."""
    subject = Subject("cases", case.name, regime, "mp", "case file")
    engine = MpEngine(dps=DPS)
    yield from _spikes(subject, case, engine, REFERENCE_TIME)
    yield from _end(subject, case, engine)
    if case.gradients is None:
        return
    jacobian = spike_time_jacobian(case.problem, dps=DPS)
    number = {(p.projection, p.i, p.j): k for k, p in enumerate(jacobian.parameters)}
    index = spikes_by_neuron(jacobian.spikes)
    columns = [number[_located(case.problem, parameter)] for parameter in case.gradients.params]
    for column, (neuron, rank) in enumerate(case.gradients.spikes):
        if rank >= len(index.get((0, neuron), [])):
            continue
        row = jacobian.values[index[0, neuron][rank]]
        yield from _row(subject, case, column, [row[k] for k in columns], REFERENCE_JACOBIAN)


def _spikes(subject: Subject, case: CaseFile, engine: Engine, tolerance: Tolerance) -> Iterator[Measurement]:
    solution = engine.solve(case.problem)
    network, found = case.problem.network, spikes_by_neuron(solution.spikes)
    for neuron, times in enumerate(case.spike_times):
        name, index = neuron_name(network, neuron), found.get((0, neuron), [])
        yield judge(subject, "spike_count", name, len(index), len(times), 1.0, SPIKE_COUNT)
        if len(index) != len(times):
            continue
        for rank, (k, time) in enumerate(zip(index, times, strict=True)):
            expected, vdot = DECIMAL.mpf(time), float(case.vdot[neuron][rank])
            scale = float(expected) + 1.0 / vdot
            component = f"{name}, spike {rank}"
            yield judge(
                subject,
                "spike_time",
                component,
                DECIMAL.mpf(solution.spikes.times[k]),
                expected,
                scale,
                tolerance,
                vdot,
            )


def _row(
    subject: Subject, case: CaseFile, column: int, actual: list[Any], tolerance: Tolerance
) -> Iterator[Measurement]:
    """All derivatives of one spike time: float64 on the scale of the largest, the reference each on its own."""
    assert case.gradients is not None
    neuron, rank = case.gradients.spikes[column]
    expected = [DECIMAL.mpf(row[column]) for row in case.gradients.jac]
    common = max(abs(float(x)) for x in expected) * _amplification(case, neuron, rank)
    spike = f"{neuron_name(case.problem.network, neuron)}, spike {rank}"
    for parameter, got, wanted in zip(case.gradients.params, actual, expected, strict=True):
        component = f"d({spike}) / d({parameter[0]}[{parameter[1]}, {parameter[2]}])"
        scale = common if tolerance is CASE_JACOBIAN else abs(float(wanted))
        yield judge(subject, "spike_time_jacobian", component, DECIMAL.mpf(got), wanted, scale, tolerance)


def _amplification(case: CaseFile, neuron: int, rank: int) -> float:
    """1 + v_th^2 / (tau_mem tau_syn Vdot^2) for the smallest Vdot up to a spike."""
    numbers = next(iter(case.problem.parameters.neurons.values()))  # the same for all neurons of a case
    until = float(case.spike_times[neuron][rank])
    spikes = (
        (float(t), float(v))
        for ts, vs in zip(case.spike_times, case.vdot, strict=True)
        for t, v in zip(ts, vs, strict=True)
    )
    vdot = min(v for t, v in spikes if t <= until)
    return float(1.0 + numbers.v_th**2 / (numbers.tau_mem * numbers.tau_syn * vdot**2))


def _end(subject: Subject, case: CaseFile, engine: MpEngine) -> Iterator[Measurement]:
    """V and I of every neuron at the end."""
    solution = engine.solve(case.problem)
    for name, got, wanted in (("V", solution.v_end, case.v_end), ("I", solution.i_end, case.i_end)):
        for neuron, text in enumerate(wanted):
            component = f"{neuron_name(case.problem.network, neuron)}, {name} at the end"
            expected = DECIMAL.mpf(text)
            actual = DECIMAL.mpf(got[0, neuron])
            yield judge(subject, "end_state", component, actual, expected, abs(float(text)), REFERENCE_END_STATE)


def _with_loss(problem: Problem, neuron: int, rank: int) -> Problem:
    for population in problem.network.populations:
        numbers = problem.network.neurons(population.name)
        if neuron in numbers:
            return replace(problem, loss=SpikeTimeFunction(population.name, Pick(neuron - numbers.start, rank)))
    raise IndexError(neuron)


def _located(problem: Problem, parameter: tuple[str, int, int]) -> tuple[str, int, int]:
    """(projection, i, j) of a weight, ("", k, 0) of input spike k."""
    where = locate_parameter(problem, parameter)
    return ("", int(where[1]), 0) if where[0] == "input_time" else where  # type: ignore[return-value]
