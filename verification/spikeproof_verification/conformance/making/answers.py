"""From a draft to a case: the reference's answer, and the size that each of its numbers is held to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from spikeproof import InvalidInput, Problem, Solution, Spikes
from spikeproof_reference import RoundingSensitivity
from spikeproof_reference.mp.precision import working_context
from spikeproof_verification.checks.reference import Effort, reference_judgement
from spikeproof_verification.checks.tied_reference import tied_judgement
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.compare import spoiled
from spikeproof_verification.conformance.making.draft import Draft, in_single
from spikeproof_verification.conformance.reply import tree_of
from spikeproof_verification.experiments.faults import faulty_engine
from spikeproof_verification.files import problem_to_dict, solution_to_dict

EFFORT = Effort(coordinates=2, directions=1, probes=4)
DIGITS, SCALE_DIGITS = 25, 4
SPREAD = 1e-2  # of a float32 error bound to the duration: beyond it an engine cannot be told from a wrong one


def made(draft: Draft) -> Case:
    """The case of a draft.

    Raises
    ------
    ArithmeticError
        If the reference's gradients disagree among themselves.
    """
    problem = in_single(draft.problem, draft.key)
    case = answered(draft, problem, EFFORT)
    return case if draft.steps or _in_single(case) else replace(case, levels=("exact64",))


def answered(draft: Draft, problem: Problem, effort: Effort) -> Case:
    """The case of a draft, whose problem stands in for its own.

    Raises
    ------
    ArithmeticError
        If the reference's gradients disagree among themselves.
    """
    judgement = (tied_judgement if draft.tied else reference_judgement)("conformance", problem, effort, 0)
    if not judgement.trusted:
        raise ArithmeticError(f"{draft.key}: the reference's gradients disagree among themselves")
    expected, scale = numbers_of(judgement.solution, judgement.conditioning, draft.judged)
    shown = replace(problem, loss=None) if draft.judged == ("spike_times",) else problem
    return Case(
        draft.key, draft.family, ("grid",) if draft.steps else ("exact64", "float32"), draft.judged,
        problem_to_dict(shown), expected, scale, "", draft.steps, draft.orders,
    )  # fmt: skip


def _in_single(case: Case) -> bool:
    """Whether an engine that rounds V, I and the adjoint to binary32 keeps the spikes, and what is judged, there."""
    problem = case.model()
    try:
        answer = tree_of(faulty_engine("single precision").solve(problem), problem)
    except InvalidInput:  # binary32 does not hold a number
        return False
    return not spoiled(case, answer, "float32")


def numbers_of(
    solution: Solution, conditioning: RoundingSensitivity, judged: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The numbers that are judged, in decimal strings of many digits, and the scales, of few."""
    scales = _scales(solution, conditioning)
    return _kept(solution_to_dict(solution, DIGITS), judged), _kept(solution_to_dict(scales, SCALE_DIGITS), judged)


def _kept(tree: dict[str, Any], judged: tuple[str, ...]) -> dict[str, Any]:
    trains = [tree["spike_times"]] if "spike_times" in tree else [s["spike_times"] for s in tree["samples"]]
    found: dict[str, Any] = {"spike_times": trains}
    if "loss" in judged:
        found["loss"] = tree["loss"]
    given = tree["gradients"]
    for name in judged:
        if name in given:
            found[name] = given[name]
        elif name not in found:
            found[name] = {group: columns[name] for group, columns in given["neurons"].items() if name in columns}
    return found


def _scales(solution: Solution, conditioning: RoundingSensitivity) -> Solution:
    """A solution with the size of each number in its place: its own and its conditioning, as in the campaign."""
    ctx = working_context(20)

    def sized(numbers: Any, condition: Any) -> Any:
        flat = [
            ctx.mpf(abs(x)) + ctx.mpf(float(c)) for x, c in zip(np.ravel(numbers), np.ravel(condition), strict=True)
        ]
        found = np.empty(len(flat), dtype=object)
        found[:] = flat
        return found.reshape(np.shape(numbers))

    s, g = solution.spikes, solution.gradients
    assert g is not None
    assert g.delays is not None
    assert g.neurons is not None
    steep = np.array([float(t) + 1.0 / float(v) for t, v in zip(s.times, s.vdot, strict=True)])
    times = sized(steep, conditioning.spike_times)
    gradients = replace(
        g,
        weights={name: sized(w, conditioning.weights[name]) for name, w in g.weights.items()},
        input_times=sized(g.input_times, conditioning.input_times),
        delays={name: sized(d, conditioning.delays[name]) for name, d in g.delays.items()},
        neurons={name: _of_neurons(p, conditioning.neurons[name], sized) for name, p in g.neurons.items()},
    )
    loss = sized([solution.loss], [conditioning.loss])[0]
    spikes = Spikes(times, s.neurons, s.offsets, s.vdot)
    return replace(solution, spikes=spikes, loss=loss, gradients=gradients, sample_losses=None)


def _of_neurons(given: Any, condition: Any, sized: Callable[[Any, Any], Any]) -> Any:
    names = [f.name for f in fields(given) if getattr(given, f.name) is not None]
    return replace(given, **{n: sized(getattr(given, n), getattr(condition, n)) for n in names})
