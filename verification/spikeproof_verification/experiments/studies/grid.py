"""The accuracy of time steps: order of convergence, work and precision, and how small dt must be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof import Engine, EventEngine, Gradients, GridEngine, NeuronParameters, Problem, Solution
from spikeproof.numbers import Float64Array
from spikeproof_reference import MpEngine
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import GRID_ORDER, GRID_STATE, SAME_BITS
from spikeproof_verification.experiments.studies.grid_networks import (
    N_SAMPLES,
    Subnet,
    alone,
    networks,
    repeated,
    silent_problem,
)
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "grid"
STEPS = tuple(2.0**-k for k in range(14))  # in ms, the unit of the time constants
FITTED = 7  # number of finest steps through which the slope is fitted
GOOD = 0.01  # relative error of a gradient that is asked for
TIME_CONSTANTS = ((20.0, 5.0), (5.0, 20.0), (10.0, 10.0), (10.0, 10.0 * (1.0 + 1e-12)), (1.0, 1e3), (50.0, 0.05))
STATE_STEPS = (0.5, 2.0**-10)
DIGITS = 20  # of the reference, as a point in the diagram of work and precision
REPEATED, TIMED = 8, 2.0**-10  # how often the samples are repeated in a batch that is timed; the smallest step timed
QUANTITIES = {"spike_error": "spike times", "loss_error": "loss", "gradient_error": "gradient"}


@dataclass(frozen=True)
class Exact:
    """A network and the event engine's solutions of its samples, one by one."""

    subnet: Subnet
    samples: tuple[Problem, ...]
    solutions: tuple[Solution, ...]


def run() -> StudyResult:
    """Errors of the grid engine against the event engine, times of both, and what must hold exactly."""
    known = [_exact(subnet) for subnet in networks()]
    convergence = [_errors(exact, dt) for exact in known for dt in STEPS]
    orders = [row for exact in known for row in _orders(exact.subnet, convergence)]
    precision = [row for exact in known[:-1] for row in _work(exact, convergence)]
    answers = [_answer(exact.subnet, convergence) for exact in known]
    measurements = (*_judged_orders(known, orders), *_judged_states(), *_judged_bits(known[0].subnet.problem))
    tables: Mapping[str, Sequence[Row]] = {
        "convergence": convergence,
        "orders": orders,
        "answers": answers,
        "precision": precision,
    }
    return StudyResult(measurements, tables)


STUDY = Study(NAME, "Gradients in time steps", run)


def _exact(subnet: Subnet) -> Exact:
    samples = tuple(alone(subnet.problem, n) for n in range(N_SAMPLES))
    return Exact(subnet, samples, tuple(EventEngine().solve(problem, gradients="weights") for problem in samples))


def _flat(gradients: Gradients | None) -> Any:
    assert gradients is not None
    return np.concatenate([w.ravel() for w in gradients.weights.values()])


def _errors(exact: Exact, dt: float) -> dict[str, Any]:
    """One row: errors of all samples at one step."""
    found = [GridEngine(dt).solve(problem, gradients="weights") for problem in exact.samples]
    pairs = list(zip(found, exact.solutions, strict=True))
    relative, within = zip(*(_gradient_errors(_flat(a.gradients), _flat(b.gradients)) for a, b in pairs), strict=True)
    spikes = [_spike_errors(a, b) for a, b in pairs]
    return {
        "network": exact.subnet.name,
        "dt": dt,
        "loss_error": float(np.mean([abs(float(a.loss or 0.0) - float(b.loss or 0.0)) for a, b in pairs])),
        "spike_error": float(np.mean(np.concatenate(spikes))) if sum(map(len, spikes)) else 0.0,
        "gradient_error": float(np.median(relative)),
        "worst_gradient_error": float(np.max(relative)),
        "samples_within": float(np.mean(np.array(relative) <= GOOD)),
        "weights_within": float(np.mean(np.concatenate(within))),
        "same_counts": float(np.mean([_same_counts(a, b) for a, b in pairs])),
        "late_spikes": int(sum(np.sum(a.spikes.vdot <= 0.0) for a, _ in pairs)),
    }


def _gradient_errors(got: Float64Array, wanted: Float64Array) -> tuple[float, Any]:
    """Relative error of a gradient in the Euclidean norm, and which of its entries that are not 0 are good."""
    error = float(np.linalg.norm(got - wanted) / np.linalg.norm(wanted))
    there = wanted != 0.0
    return error, np.abs(got - wanted)[there] <= GOOD * np.abs(wanted[there])


def _trains(solution: Solution) -> list[Any]:
    return solution.spikes.trains(range(solution.problem.network.n_neurons))


def _same_counts(a: Solution, b: Solution) -> bool:
    return [len(t) for t in _trains(a)] == [len(t) for t in _trains(b)]


def _spike_errors(a: Solution, b: Solution) -> Any:
    """Errors of the spike times of neurons with the right number of spikes."""
    pairs = [(x, y) for x, y in zip(_trains(a), _trains(b), strict=True) if len(x) == len(y)]
    return np.abs(np.concatenate([x - y for x, y in pairs])) if pairs else np.zeros(0)


def _orders(subnet: Subnet, convergence: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Slopes of the errors over the finest steps, both in logarithms."""
    rows = [row for row in convergence if row["network"] == subnet.name][-FITTED:]
    for column, quantity in QUANTITIES.items():
        error, dt = (np.array([row[name] for row in rows]) for name in (column, "dt"))
        if np.all(error > 0.0):
            slope = float(np.polyfit(np.log(dt), np.log(error), 1)[0])
            yield {
                "network": subnet.name,
                "quantity": quantity,
                "order": slope,
                "expected": 1.0 if column == "spike_error" else subnet.order,
                "coarsest": float(dt[0]),
                "finest": float(dt[-1]),
            }


def _answer(subnet: Subnet, convergence: Sequence[Mapping[str, Any]]) -> Row:
    """The largest steps from which on, and at all smaller ones, gradients are good to 1 %."""
    rows = [row for row in convergence if row["network"] == subnet.name]

    def step(holds: Callable[[Mapping[str, Any]], bool]) -> float:
        good = np.cumprod([holds(row) for row in rows[::-1]])
        return float(rows[-int(np.sum(good))]["dt"]) if good[0] else 0.0

    return {
        "network": subnet.name,
        "half_of_samples": step(lambda row: row["gradient_error"] <= GOOD),
        "all_samples": step(lambda row: row["worst_gradient_error"] <= GOOD),
        "most_weights": step(lambda row: row["weights_within"] >= 0.95),
        "same_counts": step(lambda row: row["same_counts"] == 1.0),
    }


def _work(exact: Exact, convergence: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Time per sample and error of the gradient of all engines; the first sample tells that of the event engine."""
    batch, name = repeated(exact.subnet.problem, REPEATED), exact.subnet.name
    start = time.perf_counter()
    wanted = _flat(MpEngine(dps=DIGITS).solve(exact.samples[0]).gradients).astype(np.float64)
    yield {"network": name, "engine": "mp", "dt": 0.0, "seconds": time.perf_counter() - start, "error": 10.0**-DIGITS}
    error, _ = _gradient_errors(_flat(exact.solutions[0].gradients), wanted)
    seconds = _seconds(EventEngine(), batch)
    yield {"network": name, "engine": "event", "dt": 0.0, "seconds": seconds, "error": error}
    for row in convergence:
        if row["network"] == name and row["dt"] >= TIMED:
            seconds = _seconds(GridEngine(row["dt"]), batch)
            yield {
                "network": name,
                "engine": "grid",
                "dt": row["dt"],
                "seconds": seconds,
                "error": row["gradient_error"],
            }


def _seconds(engine: Engine, problem: Problem) -> float:
    """Time per sample of solving the whole batch; the shortest of three if it is short."""
    times: list[float] = []
    while len(times) < 3 and sum(times) < 0.3:
        start = time.perf_counter()
        engine.solve(problem, gradients="weights")
        times.append(time.perf_counter() - start)
    return min(times) / problem.stimulus.n_samples


def _judged_orders(known: Sequence[Exact], orders: Sequence[Row]) -> Iterator[Measurement]:
    """Spike times converge with order 1, and integrals of V without spikes with order 2."""
    second = {exact.subnet.name for exact in known if exact.subnet.order == 2.0}
    for row in orders:
        if row["quantity"] == "spike times" or row["network"] in second:
            who = subject(NAME, "grid", "order of the method")
            component = f"{row['network']}: {row['quantity']}"
            yield judge(who, "convergence_order", component, row["order"], row["expected"], 1.0, GRID_ORDER)


def _judged_states() -> Iterator[Measurement]:
    """V and I at the end where nothing is moved, against the reference."""
    for tau_mem, tau_syn in TIME_CONSTANTS:
        problem = alone(silent_problem(NeuronParameters(tau_mem, tau_syn)), 0)
        exact = MpEngine(dps=30).solve(problem)
        for dt in STATE_STEPS:
            got = GridEngine(dt).solve(problem)
            scale = problem.stimulus.duration / dt
            for name, mine, theirs in (("V", got.v_end, exact.v_end), ("I", got.i_end, exact.i_end)):
                size = float(np.max(np.abs(theirs.astype(np.float64))))
                for n in range(theirs.shape[1]):
                    component = f"tau_mem {tau_mem:g}, tau_syn {tau_syn:g}, dt {dt:g}: {name} of neuron {n}"
                    who = subject(NAME, "grid", "mp")
                    yield judge(who, "grid_state", component, mine[0, n], theirs[0, n], scale * size, GRID_STATE)


def _judged_bits(problem: Problem) -> Iterator[Measurement]:
    """Numbers that differ between one thread and several; there must be none."""
    one = _numbers(GridEngine(0.0625).solve(problem))
    for threads in (2, 3, 4):
        many = _numbers(GridEngine(0.0625, threads=threads).solve(problem))
        differing = int(np.sum(one != many)) if one.shape == many.shape else max(len(one), len(many))
        who = subject(NAME, "grid", "grid, one thread")
        yield judge(who, "differing_numbers", f"{threads} threads", differing, 0, 1.0, SAME_BITS)


def _numbers(solution: Solution) -> Any:
    """All spike times and gradients of weights and input times of a solution."""
    assert solution.gradients is not None
    return np.concatenate([solution.spikes.times, _flat(solution.gradients), solution.gradients.input_times])
