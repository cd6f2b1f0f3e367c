"""Long silence, bursts, networks that never spike, and networks without input."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof import (
    EventEngine,
    FirstSpikeCrossEntropy,
    Input,
    Loss,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Solution,
    SpikeTimeSum,
    SpikeTimeTarget,
    Stimulus,
)
from spikeproof_reference import MpEngine, RoundingSensitivity, rounding_sensitivity
from spikeproof_verification.checks.judge import judge
from spikeproof_verification.checks.measure import measure
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import EPS, EXACTLY_ZERO
from spikeproof_verification.experiments.studies.decay import with_exponents
from spikeproof_verification.experiments.studies.study import Row, Study, StudyResult, subject

NAME = "extremes"
TAU_MEM, TAU_SYN = 20.0, 5.0
SILENCES = tuple(10.0**k for k in range(8))  # in units of tau_mem
TRAIN = (0.0, 2.0, 4.0, 7.0)  # input spikes before and after the silence


@dataclass(frozen=True)
class Case:
    """A problem, what is extreme about it, and the number that says how much."""

    kind: str
    problem: Problem
    extent: float = 0.0


def run() -> StudyResult:
    """Every case against the reference; zeros must be zeros; errors after silences and along bursts."""
    measurements: list[Measurement] = []
    rows: list[Row] = []
    errors: list[Row] = []
    for case in cases():
        found, row, spikes = _measured(case)
        measurements += found
        rows.append(row)
        errors += spikes
    return StudyResult(tuple(measurements), {"cases": rows, "spikes": errors})


STUDY = Study(NAME, "Silence, bursts and networks that do nothing", run)


def cases() -> Iterator[Case]:
    """All cases."""
    for silence in SILENCES:
        yield Case("silence", silence_problem(silence), silence)
    for strength in (20.0, 100.0, 500.0):
        yield Case("burst", burst_problem(strength), strength)
    yield from (Case("silent", problem) for problem in silent_problems())
    yield from (Case("no input", problem) for problem in inputless_problems())


def silence_problem(silence: float) -> Problem:
    """Two layers that spike, rest for `silence` times tau_mem, and spike again."""
    later = TRAIN[-1] + silence * TAU_MEM
    times = [*TRAIN, *(later + t for t in TRAIN)]
    loss = SpikeTimeSum("b", [1.0, -0.5])
    return _layers([times, [t + 1.0 for t in times]], later + 4 * TAU_MEM, loss, f"silence of {silence:g} τ_mem")


def burst_problem(strength: float) -> Problem:
    """A neuron that a strong slow input drives to many spikes, and one that reads them."""
    network = Network(
        (Input("in", 1),), (Population("a", 1), Population("b", 1)), (Projection("in", "a"), Projection("a", "b"))
    )
    weights = {"in->a": [[strength]], "a->b": [[1.5]]}
    neurons = {"a": NeuronParameters(TAU_MEM, 3 * TAU_SYN), "b": NeuronParameters(TAU_MEM, TAU_SYN)}
    stimulus = Stimulus.of_channels([[1.0]], 60.0)
    return Problem(network, Parameters(weights, neurons), stimulus, SpikeTimeSum("b"), f"burst, w = {strength:g}")


def silent_problems() -> Iterator[Problem]:
    """Networks in which no neuron reaches its threshold."""
    trains = [[1.0, 3.0, 3.0], [2.0, 9.0]]
    target = SpikeTimeTarget("b", [[20.0], [30.0]])
    yield _layers(trains, 60.0, target, "weak input", scale=0.3)
    yield _layers(
        trains, 60.0, FirstSpikeCrossEntropy("b", [1], 2.0, 20.0, 0.01), "weak input, first spikes", scale=0.3
    )
    yield _layers(trains, 60.0, target, "inhibition alone", scale=-1.0)
    yield _layers(trains, 60.0, SpikeTimeSum("b"), "weights of zero", scale=0.0)


def inputless_problems() -> Iterator[Problem]:
    """Networks that nothing reaches, wholly or in one sample of three."""
    target = SpikeTimeTarget("b", [[20.0], [30.0]])
    yield _layers([[], []], 60.0, target, "no input spikes")
    yield _layers([[61.0], [70.0, 80.0]], 60.0, target, "input after the end")
    full = _layers([[1.0, 2.0, 3.0], [2.0, 2.5]], 60.0, target, "one sample of three without input")
    one = full.stimulus.sample(0)
    yield replace(full, stimulus=Stimulus.of_samples([one, (np.zeros(0), np.zeros(0, np.int64)), one], 60.0))
    alone = Network((), (Population("n", 3),), (Projection("n", "n"),))
    parameters = Parameters({"n->n": np.full((3, 3), 5.0)}, {"n": NeuronParameters(TAU_MEM, TAU_SYN)})
    yield Problem(alone, parameters, Stimulus.of_channels([], 60.0), SpikeTimeSum("n"), "a network without inputs")


def zeros(solution: Solution, name: str) -> Iterator[Measurement]:
    """Every gradient entry of a solution without spikes, which must be exactly 0."""
    assert solution.gradients is not None
    who = subject(NAME, solution.engine, "no spikes, no gradient")
    for projection, part in solution.gradients.weights.items():
        for i, j in np.ndindex(part.shape):
            label = f"{name}: {projection}[{i}, {j}]"
            yield judge(who, "weight_gradient", label, part[i, j], 0.0, 1.0, EXACTLY_ZERO)
    for k, g in enumerate(solution.gradients.input_times):
        yield judge(who, "input_time_gradient", f"{name}: input spike {k}", g, 0.0, 1.0, EXACTLY_ZERO)


def _layers(trains: Sequence[Sequence[float]], duration: float, loss: Loss, name: str, scale: float = 1.0) -> Problem:
    network = Network(
        (Input("in", 2),), (Population("a", 3), Population("b", 2)), (Projection("in", "a"), Projection("a", "b"))
    )
    into, out = np.array([[4.0, 5.0, 2.5], [3.0, -1.0, 5.5]]), np.array([[4.0, 2.0], [2.5, 5.0], [3.0, 4.5]])
    neuron = NeuronParameters(TAU_MEM, TAU_SYN)
    parameters = Parameters({"in->a": scale * into, "a->b": scale * out}, {"a": neuron, "b": neuron})
    return Problem(network, parameters, Stimulus.of_channels(trains, duration), loss, name)


def _measured(case: Case) -> tuple[list[Measurement], Row, list[Row]]:
    problem = case.problem
    event, reference = EventEngine().solve(problem), MpEngine().solve(problem)
    conditioning = with_exponents(rounding_sensitivity(problem), reference)
    found = measure(subject(NAME, "event", "mp"), event, reference, conditioning)
    found = [replace(m, component=f"{problem.name}: {m.component}") for m in found]
    if not len(reference.spikes):
        found += [*zeros(event, problem.name), *zeros(reference, problem.name)]
    row: Row = {
        "kind": case.kind,
        "case": problem.name,
        "spikes": len(reference.spikes),
        "found": len(event.spikes),
        "loss": math.nan if reference.loss is None else float(reference.loss),
        "compared": len(found),
        "time_error": _worst(found, "spike_time"),
        "gradient_error": _worst(found, "weight_gradient"),
        "input_gradient_error": _worst(found, "input_time_gradient"),
        "end_error": _worst(found, "end_state"),
    }
    return found, row, list(_spike_errors(case, event, reference, conditioning))


def _worst(found: Sequence[Measurement], quantity: str) -> float:
    return max((m.error for m in found if m.quantity == quantity), default=math.nan)


def _spike_errors(case: Case, event: Solution, reference: Solution, conditioning: RoundingSensitivity) -> Iterator[Row]:
    """Error of each spike of the first layer after a silence, or of each spike of a burst."""
    if case.kind not in ("silence", "burst"):
        return
    first = case.problem.network.neurons("a")
    mine, theirs = (_trains(s, first.stop) for s in (event, reference))
    order = {n: np.flatnonzero(reference.spikes.neurons == n) for n in first}
    for neuron in first:
        for rank, (got, wanted) in enumerate(zip(mine[neuron], theirs[neuron], strict=False)):
            k = order[neuron][rank]
            yield {
                "kind": case.kind,
                "case": case.problem.name,
                "extent": case.extent,
                "neuron": neuron,
                "rank": rank,
                "time": float(wanted),
                "error": float(abs(got - wanted)),
                "unit": EPS * (float(wanted) + 1.0 / float(reference.spikes.vdot[k]) + conditioning.spike_times[k]),
            }


def _trains(solution: Solution, size: int) -> list[Any]:
    return solution.spikes.sample(0).trains(range(size))
