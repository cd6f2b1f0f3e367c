"""``check_gradient``: what is wrong with a gradient, in words, by how much, and who could have seen it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof import InvalidInput, Problem
from spikeproof.arguments import instance
from spikeproof_reference import MpEngine, SequenceChanged, rounding_sensitivity
from spikeproof_verification.checks.measurement import Measurement
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.compare import compared, multiple
from spikeproof_verification.conformance.conventions import answers
from spikeproof_verification.conformance.explain import constants, named_factor
from spikeproof_verification.conformance.gradient.differences import visible
from spikeproof_verification.conformance.gradient.given import answer_from, array
from spikeproof_verification.conformance.gradient.kinks import kinks
from spikeproof_verification.conformance.making.answers import numbers_of
from spikeproof_verification.conformance.reply import Answer

CLOSE = 1e-3  # of a gradient's norm: to recognise what a known mistake would give
PRECISION = {"exact64": "binary64", "float32": "binary32"}


@dataclass(frozen=True)
class GradientCheck:
    """The findings on a gradient.

    Attributes
    ----------
    right : whether every number that was given is within its bound.
    multiple : the largest error as a multiple of its bound; NaN where nothing could be judged.
    lines : what is right and what is wrong, in words.
    measurements : every number that was compared.
    """

    right: bool
    multiple: float
    lines: tuple[str, ...]
    measurements: tuple[Measurement, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __bool__(self) -> bool:
        return self.right


def check_gradient(
    given: Any, problem: Problem, *, level: str | None = None, known: Mapping[str, float] | None = None
) -> GradientCheck:
    """The faults of the spike times, the loss and the gradient that someone has of a problem.

    Parameters
    ----------
    given : mapping, array, Solution, or function of the problem that returns one of them
        ``{"spike_times": ..., "loss": ..., "weights": {projection: array}, ...}``, all optional, as arrays of NumPy,
        PyTorch or JAX, or lists. An array by itself is the gradient of the weights of the only projection.
    problem : Problem
        With a loss; small, since a reference with 80 digits solves it several times.
    level : "exact64", "float32" or None
        In which precision it was computed; None takes that of the arrays.
    known : mapping from name to number, or None
        Further factors that may have been forgotten, such as ``{"dt": 0.1}``.

    Returns
    -------
    GradientCheck
        True where all is right. Numbers are held to the bounds of the conformance suite.

    Raises
    ------
    InvalidInput
        If the problem has no loss, or what is given does not fit it.
    """
    instance("problem", problem, Problem)
    if problem.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    if level is not None and level not in PRECISION:
        raise InvalidInput("level", level, f"one of {', '.join(PRECISION)}, or None")
    problem = problem.rounded()
    found = given(problem) if callable(given) and not hasattr(given, "__array__") else given
    found, turned = _turned(found, problem)
    answer, own = answer_from(found, problem)
    return _checked(answer, problem, level or own, {**constants(problem), **(known or {})}, turned)


def _turned(given: Any, problem: Problem) -> tuple[Any, list[str]]:
    """The given numbers with the gradients of the weights in the right shape, and those that had the shape of W^T."""
    weights = given.get("weights", given.get("gradient")) if isinstance(given, Mapping) else given
    if not isinstance(given, Mapping) or weights is None:
        named = not isinstance(given, Mapping) and hasattr(given, "shape") and len(problem.network.projections) == 1
        weights = {problem.network.projections[0].name: given} if named else given
    if not isinstance(weights, Mapping):
        return given, []
    shapes = {p.name: problem.network.weight_shape(p) for p in problem.network.projections}
    wrong = [n for n, w in weights.items() if n in shapes and np.shape(w) == shapes[n][::-1] != shapes[n]]
    if not wrong:
        return given, []
    right = {n: array(w).T if n in wrong else w for n, w in weights.items()}
    rest = (
        {k: v for k, v in given.items() if k not in ("weights", "gradient", *shapes)}
        if isinstance(given, Mapping)
        else {}
    )
    return {**rest, "weights": right}, wrong


def _checked(
    answer: Answer, problem: Problem, level: str, factors: Mapping[str, float], turned: list[str]
) -> GradientCheck:
    solution = MpEngine(dps=50).solve(problem)
    judged = tuple(answer)
    try:
        conditioning = rounding_sensitivity(problem)
    except SequenceChanged:
        return _at_kinks(answer, problem)
    expected, scale = numbers_of(solution, conditioning, judged)
    case = Case(problem.name, "", (level,), judged, {}, expected, scale)
    measurements = compared(case, answer, level)
    worst = max((multiple(m) for m in measurements), default=math.nan)
    lines = [f"the gradient of {name} has the shape of W^T" for name in turned]
    lines += _spikes(case, answer)
    for quantity in judged:
        lines += _words(case, answer, problem, quantity, measurements, factors, level)
    return GradientCheck(worst <= 1.0 and not turned, worst, tuple(lines), tuple(measurements))


def _spikes(case: Case, answer: Answer) -> Iterator[str]:
    """A line for each neuron with a wrong number of spikes, and where the missing or surplus one is."""
    if "spike_times" not in answer:
        return
    for s, (ours, theirs) in enumerate(zip(answer["spike_times"], case.expected["spike_times"], strict=True)):
        for n, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            if len(a) != len(b):
                few, many = sorted(([float(t) for t in a], [float(t) for t in b]), key=len)
                odd = _odd_one(few, many)
                word = "missing" if len(a) < len(b) else "surplus"
                yield f"sample {s}, neuron {n}: {len(a)} spikes, {len(b)} are right; the {word} one is at {odd:.9g}"


def _odd_one(few: list[float], many: list[float]) -> float:
    """The first time in the longer list that has none near it in the shorter one."""
    for k, t in enumerate(few):
        if abs(t - many[k]) > 1e-3 * abs(many[-1]):
            return many[k]
    return many[len(few)]


def _words(
    case: Case, answer: Answer, problem: Problem, quantity: str, measurements: list[Measurement],
    factors: Mapping[str, float], level: str,
) -> Iterator[str]:  # fmt: skip
    name = quantity if quantity in ("spike_times", "loss") else f"gradient of {quantity}"
    mine = [m for m in measurements if m.quantity == name]
    failed = [m for m in mine if m.verdict == "fail"]
    title = name.replace("_", " ")
    if not failed:
        largest = max((multiple(m) for m in mine), default=0.0)
        others = " of the other neurons" if any(m.quantity == "number of spikes" for m in measurements) else ""
        title += others if quantity == "spike_times" else ""
        yield f"{title}: right, {len(mine)} numbers, the largest error is {largest:.2g} of its bound"
        return
    worst = max(failed, key=multiple)
    size = f"{multiple(worst):.2g} times its bound" if math.isfinite(multiple(worst)) else "where it must be exact"
    yield (
        f"{title}: wrong, {len(failed)} of {len(mine)} numbers; worst is {worst.component}: {worst.actual:.9g} for "
        f"{worst.expected:.9g}, off by {worst.deviation:.2g}, {size}"
    )
    factor = named_factor([m.actual for m in mine], [m.expected for m in mine], factors)
    if factor:
        yield f"{title}: {factor}"
    elif name.startswith("gradient"):
        yield from (f"{title}, {words}" for words in _parts(mine, factors))
    if quantity == "weights":
        if not factor:
            yield from (f"{title}: {words}" for words in _conventions(case, answer, problem))
        yield from _seen(problem, failed, measurements, level)


def _parts(mine: list[Measurement], factors: Mapping[str, float]) -> Iterator[str]:
    """The factors of single projections, or parameters of a population, by which gradients are wrong."""
    parts: dict[str, list[Measurement]] = {}
    for m in mine:
        parts.setdefault(re.sub(r"(\[\d+\])+$", "", m.component), []).append(m)
    for name, numbers in parts.items():
        factor = named_factor([m.actual for m in numbers], [m.expected for m in numbers], factors)
        if factor and len(parts) > 1:
            yield f"{name}: {factor}"


def _conventions(case: Case, answer: Answer, problem: Problem) -> Iterator[str]:
    """The known mistakes that give these gradients."""
    given = _flat(answer["weights"], case.expected["weights"])
    right = _flat(case.expected["weights"], case.expected["weights"])
    for convention, theirs in answers(problem, "gradients"):
        wrong = _flat(theirs["weights"], case.expected["weights"])
        near = float(np.linalg.norm(given - wrong))
        if near <= CLOSE * float(np.linalg.norm(wrong)) and near < 0.1 * float(np.linalg.norm(given - right)):
            yield convention.words


def _flat(tree: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    rows = [row for name in names for row in tree[name]]
    return np.array([float(x) for row in rows for x in (row if isinstance(row, list) else [row])])


def _seen(problem: Problem, failed: list[Measurement], measurements: list[Measurement], level: str) -> Iterator[str]:
    """Up to which step a finite difference sees the largest error."""
    worst = max(failed, key=lambda m: m.deviation if math.isfinite(m.deviation) else -1.0)
    found = re.fullmatch(r"(.*?)((?:\[\d+\])+)", worst.component)
    if found is None or not math.isfinite(worst.deviation):
        return
    place = tuple(int(n) for n in re.findall(r"\d+", found[2]))
    loss = next((m.scale for m in measurements if m.quantity == "loss"), None)
    size = loss if loss is not None else abs(float(MpEngine(dps=30).solve(problem, gradients=None).loss or 0.0))
    seen = visible(problem, found[1], place, worst.expected, worst.deviation, size, level)
    yield f"gradient of weights, {worst.component}: {seen.words(PRECISION[level])}"


def _at_kinks(answer: Answer, problem: Problem) -> GradientCheck:
    """The gradient where events coincide: the slopes on both sides, as there may be no derivative, and which it has."""
    lines, right = ["events coincide: there the loss may have no derivative"], True
    for kink in kinks(problem):
        given = None
        if "weights" in answer:
            entry: Any = answer["weights"][kink.projection]
            for n in kink.place:
                entry = entry[n]
            given = float(entry)
        lines.append(kink.words(given))
        right = right and not kink.words(given).endswith("neither, nor between them")
    if len(lines) == 1:
        lines.append("along single weights its slopes agree on both sides")
    return GradientCheck(right, math.nan, tuple(lines), ())
