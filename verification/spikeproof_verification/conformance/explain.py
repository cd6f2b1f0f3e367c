"""A wrong answer in words: which number is worst, and what factor or sign would make it right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from spikeproof import Problem
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.reply import Answer

CLOSE = 1e-3  # relative scatter up to which all numbers count as wrong by one factor
SEVERAL = 4  # numbers from which on a factor without a name is no coincidence


def explained(case: Case, answer: Answer, numbers: list[Measurement], worst: Measurement) -> str:
    """The worst number of an answer that failed, and what is wrong with all of them, in one line."""
    failed = [m for m in numbers if m.verdict == "fail"]
    parts = [_worst(worst)]
    parts += [f"{len(failed)} of {len(numbers)} numbers"] if len(numbers) > 1 else []
    parts += _spikes(case, answer)
    named = factor_of(failed, case.model()) if len(failed) > 1 else ""
    return "; ".join([*parts, *([named] if named else [])])


def _worst(m: Measurement) -> str:
    if "missing in the reply" in m.component:
        return f"{m.quantity}: {m.component}"
    if m.bound == 0.0:
        return f"{m.quantity}, {m.component}: got {m.actual:.17g}, expected {m.expected:.17g}"
    times = f"{m.error / m.bound:.2g} times the bound" if math.isfinite(m.error) else "where it must be exact"
    return f"{m.quantity}, {m.component}: got {m.actual:.17g}, expected {m.expected:.17g}: {times}"


def _spikes(case: Case, answer: Answer) -> Iterator[str]:
    """Spikes that are missing or too many, which spoil everything else."""
    pairs = [
        (len(a), len(b))
        for ours, theirs in zip(answer["spike_times"], case.expected["spike_times"], strict=True)
        for a, b in zip(ours, theirs, strict=True)
    ]
    missed, surplus = sum(max(0, b - a) for a, b in pairs), sum(max(0, a - b) for a, b in pairs)
    yield from [f"{missed} of {sum(b for _, b in pairs)} spikes missing"] if missed else []
    yield from [f"{surplus} surplus spikes"] if surplus else []


def factor_of(failed: Iterable[Measurement], problem: Problem) -> str:
    """The one factor by which all of these numbers are wrong, by its name where it has one; "" if there is none."""
    pairs = [(m.actual, m.expected) for m in failed if m.quantity != "number of spikes"]
    return named_factor([a for a, _ in pairs], [b for _, b in pairs], constants(problem))


def constants(problem: Problem) -> dict[str, float]:
    """Numbers of a problem that are easily forgotten, or taken twice."""
    found = {"1000 (a unit of time)": 1000.0}
    given = problem.parameters.neurons.values()
    for name in ("tau_syn", "tau_mem", "v_th"):
        values = {float(x) for p in given if getattr(p, name) is not None for x in np.ravel(getattr(p, name))}
        found |= {name: values.pop()} if len(values) == 1 else {}
    found["batch size"] = float(problem.stimulus.n_samples)
    return {name: value for name, value in found.items() if value not in (0.0, 1.0)}


def named_factor(got: Iterable[Any], wanted: Iterable[Any], named: Mapping[str, float]) -> str:
    """The factor between two lists of numbers in words; "" if there is no one factor, or it is 1."""
    pairs = [(float(a), float(b)) for a, b in zip(got, wanted, strict=True) if float(b) != 0.0 and math.isfinite(a)]
    ratios = [a / b for a, b in pairs]
    if not ratios:
        return ""
    factor = float(np.median(ratios))
    if factor == 0.0 and not any(ratios):
        return "all of them are 0"
    if factor == 0.0 or max(abs(r / factor - 1.0) for r in ratios) > CLOSE or abs(factor - 1.0) <= CLOSE:
        return ""
    sign = "the sign is wrong" if factor < 0.0 else ""
    size = _size(abs(factor), named, several=len(ratios) >= SEVERAL)
    return "; ".join(x for x in (sign, size) if x)


def _size(factor: float, named: Mapping[str, float], *, several: bool) -> str:
    if abs(factor - 1.0) <= CLOSE:
        return ""
    for name, value in named.items():
        if abs(factor / value - 1.0) <= CLOSE:
            return f"all are too large by the factor {name}"
        if abs(factor * value - 1.0) <= CLOSE:
            return f"all lack the factor {name}"
    return f"all are wrong by a factor of {factor:.6g}" if several else ""
