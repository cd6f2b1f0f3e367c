"""Checks of an engine, and of the reference, against problem files that come with a solution file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from spikeproof import Engine, Gradients, NeuronGradients, Problem, Solution
from spikeproof.numbers import Array
from spikeproof_reference import MpEngine, rounding_sensitivity
from spikeproof_verification.checks.case_files import DECIMAL, DPS
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measure import measure, spikes_by_neuron
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.reference import flat_gradient
from spikeproof_verification.checks.tied_reference import neighbour
from spikeproof_verification.checks.tolerances import REFERENCE_SOLUTION, SPIKE_COUNT
from spikeproof_verification.files import load_problem
from spikeproof_verification.files.json_file import read_json
from spikeproof_verification.files.schema import check
from spikeproof_verification.files.shipped import PROBLEM, SOLUTION

YOUNGER = {"t_ref"}  # parameters of which no derivative stands in files that were there before


@dataclass(frozen=True)
class Readout:
    """A problem with a loss, and the solution in its file: decimal strings of 45 digits."""

    problem: Problem
    solution: Mapping[str, Any]


def load_readout(path: str | Path) -> Readout:
    """The problem in ``NAME.problem.json`` and the solution in ``NAME.solution.json``.

    Raises
    ------
    InvalidInput
        If one of them cannot be read, or is not what its format says.
    """
    solution = read_json(str(path).removesuffix(PROBLEM) + SOLUTION)
    check(solution, "solution")
    return Readout(load_problem(path), solution)


def measure_readout(case: Readout, engine: Engine, regime: str) -> list[Measurement]:
    """Measure an engine and the reference against the file: spikes, the loss and all gradients."""
    problem, known = case.problem, MpEngine(dps=DPS).solve(case.problem)
    mine = Subject("cases", problem.name, regime, "mp", "case file")
    found = list(_of_reference(mine, known, case.solution))
    if any(m.tolerance == SPIKE_COUNT.name and m.verdict == "fail" for m in found):
        return found  # the file's spikes cannot be matched
    conditioning, expected = rounding_sensitivity(neighbour(problem)), _expected(known, case.solution)
    subject = replace(mine, engine=engine.name)
    return found + measure(subject, engine.solve(problem), expected, conditioning)


def _of_reference(subject: Subject, known: Solution, given: Mapping[str, Any]) -> Iterator[Measurement]:
    """The reference against the file, on the scale of the largest number of its kind."""
    trains = [(s, n, train) for s, sample in enumerate(_samples(given)) for n, train in enumerate(sample)]
    found, times, wanted = spikes_by_neuron(known.spikes), [], []
    for s, n, train in trains:
        own = found.get((s, n), [])
        yield judge(subject, "spike_count", f"sample {s}, neuron {n}", len(own), len(train), 1.0, SPIKE_COUNT)
        if len(own) == len(train):
            times += [known.spikes.times[k] for k in own]
            wanted += list(_numbers(train))
    gradients = flat_gradient(replace(known, gradients=_gradients(known, given)))
    for quantity, numbers, theirs in (
        ("spike_time", times, wanted),
        ("loss", [known.loss], [DECIMAL.mpf(given["loss"])]),
        ("gradient", flat_gradient(known), gradients),
    ):
        scale = max((abs(float(x)) for x in theirs), default=0.0)
        for k, (a, b) in enumerate(zip(numbers, theirs, strict=True)):
            yield judge(subject, quantity, f"number {k}", DECIMAL.mpf(a), b, scale, REFERENCE_SOLUTION)


def _expected(known: Solution, given: Mapping[str, Any]) -> Solution:
    """The reference's solution with the numbers of the file in place of its own."""
    times, found = known.spikes.times.copy(), spikes_by_neuron(known.spikes)
    for s, sample in enumerate(_samples(given)):
        for n, train in enumerate(sample):
            times[found.get((s, n), [])] = _numbers(train)
    spikes = replace(known.spikes, times=times)
    return replace(known, spikes=spikes, loss=DECIMAL.mpf(given["loss"]), gradients=_gradients(known, given))


def _samples(given: Mapping[str, Any]) -> list[Any]:
    return [sample["spike_times"] for sample in given["samples"]] if "samples" in given else [given["spike_times"]]


def _gradients(known: Solution, given: Mapping[str, Any]) -> Gradients:
    tree, mine = given["gradients"], known.gradients
    assert mine is not None
    assert mine.neurons is not None
    neurons = {name: _of_population(p, tree["neurons"][name]) for name, p in mine.neurons.items()}
    weights, delays = ({name: _numbers(x) for name, x in tree[kind].items()} for kind in ("weights", "delays"))
    return Gradients(weights, _numbers([x for part in tree["input_times"] for x in part]), delays, neurons)


def _of_population(mine: NeuronGradients, given: Mapping[str, Any]) -> NeuronGradients:
    """The derivatives that the file has in place of those of the reference."""
    own = [f.name for f in fields(mine) if getattr(mine, f.name) is not None and f.name not in YOUNGER - set(given)]
    return replace(mine, **{name: _numbers(given[name]) for name in own})


def _numbers(strings: Any) -> Array:
    """Decimal strings, in lists or lists of lists, as an array of mpmath numbers."""
    texts = np.array(strings, dtype=object)
    return np.array([DECIMAL.mpf(x) for x in texts.ravel()] + [None], dtype=object)[:-1].reshape(texts.shape)
