"""An engine's answer against the right one: each number with the multiple of its bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from spikeproof_reference.mp.precision import working_context
from spikeproof_verification.checks.judge import Subject, judge
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.checks.tolerances import (
    EPS32,
    GRADIENT,
    GRADIENT_32,
    LOSS,
    LOSS_32,
    SPIKE_COUNT,
    SPIKE_TIME,
    SPIKE_TIME_32,
    UNDERFLOW_32,
    Tolerance,
)
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.reply import Answer

TOLERANCES = {
    "exact64": {"spike_times": SPIKE_TIME, "loss": LOSS, "gradient": GRADIENT},
    "float32": {"spike_times": SPIKE_TIME_32, "loss": LOSS_32, "gradient": GRADIENT_32},
}
Numbers = Iterator[tuple[str, Any, Any, Any]]  # component, got, expected, scale


def compared(case: Case, answer: Answer, level: str, engine: str = "") -> list[Measurement]:
    """Every judged number of an answer; a quantity that is missing is one that is not finite."""
    found: list[Measurement] = []
    for quantity in case.judged:
        tolerance = TOLERANCES[level]["gradient" if quantity not in ("spike_times", "loss") else quantity]
        found += _of_quantity(case, answer, quantity, tolerance, Subject("", case.key, level, engine, "mp"))
    return found


def spoiled(case: Case, answer: Answer, level: str) -> list[Measurement]:
    """The numbers of an answer that miss their bounds, worst first."""
    failed = [m for m in compared(case, answer, level) if m.verdict == "fail"]
    return sorted(failed, key=multiple, reverse=True)


def multiple(measured: Measurement) -> float:
    """By how many times its bound a number is wrong: above 1 it fails, infinite where it must be exact."""
    if measured.bound == 0.0:
        return 0.0 if measured.error == 0.0 else float("inf")
    return measured.error / measured.bound


def _of_quantity(
    case: Case, answer: Answer, quantity: str, tolerance: Tolerance, subject: Subject
) -> Iterator[Measurement]:
    name = quantity if quantity in ("spike_times", "loss") else f"gradient of {quantity}"
    if quantity not in answer:
        yield judge(subject, name, "missing in the reply", float("nan"), 0.0, 1.0, tolerance)
        return
    if quantity == "spike_times":
        yield from _counts(case, answer, subject)
    floor = UNDERFLOW_32 if tolerance.unit == EPS32 else 0.0
    for component, got, wanted, scale in _pairs(case, answer, quantity):
        yield judge(subject, name, component, got, wanted, float(scale) + floor, tolerance)


def _counts(case: Case, answer: Answer, subject: Subject) -> Iterator[Measurement]:
    for s, sample in enumerate(case.expected["spike_times"]):
        for n, train in enumerate(sample):
            got = len(answer["spike_times"][s][n])
            if got != len(train):
                where = f"sample {s}, neuron {n}: spikes"
                yield judge(replace(subject), "number of spikes", where, got, len(train), 1.0, SPIKE_COUNT)


def _pairs(case: Case, answer: Answer, quantity: str) -> Numbers:
    got, wanted, scale = answer[quantity], case.expected[quantity], case.scale[quantity]
    if quantity == "loss":
        yield "mean over the batch", _number(got), _number(wanted), scale
    elif quantity == "spike_times":
        for s, n in ((s, n) for s, sample in enumerate(wanted) for n in range(len(sample))):
            if len(got[s][n]) == len(wanted[s][n]):  # else the number of spikes has failed already
                yield from _row(f"sample {s}, neuron {n}, spike", got[s][n], wanted[s][n], scale[s][n])
    elif quantity == "input_times":
        for s, row in enumerate(wanted):
            yield from _row(f"sample {s}, input", got[s], row, scale[s])
    else:
        for group, entries in wanted.items():
            if group not in got:
                yield f"{group}: missing in the reply", float("nan"), 0.0, 1.0
                continue
            yield from _entries(group, got[group], entries, scale[group])


def _entries(group: str, got: Any, wanted: Any, scale: Any) -> Numbers:
    """Entries of a matrix, or of a list with a number for each synapse or neuron."""
    for n, entry in enumerate(wanted):
        if isinstance(entry, list):
            yield from _row(f"{group}[{n}]", got[n], entry, scale[n])
        else:
            yield f"{group}[{n}]", _number(got[n]), _number(entry), scale[n]


def _row(component: str, got: Any, wanted: Any, scale: Any) -> Numbers:
    for n, (a, b, c) in enumerate(zip(got, wanted, scale, strict=True)):
        yield f"{component}[{n}]", _number(a), _number(b), c


def _number(given: Any) -> Any:
    """Numbers keep all their digits until they have been subtracted."""
    return _context().mpf(given)


@cache
def _context() -> Any:
    return working_context(40)
