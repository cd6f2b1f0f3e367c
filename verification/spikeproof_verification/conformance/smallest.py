"""The smallest problem on which an engine still fails: samples and input spikes are taken away as long as it does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from spikeproof import Loss, Problem, SpikeTimeSum
from spikeproof_verification.checks.reference import Effort
from spikeproof_verification.conformance.case import Case
from spikeproof_verification.conformance.connectors import Connector
from spikeproof_verification.conformance.making.answers import answered
from spikeproof_verification.conformance.making.draft import Draft
from spikeproof_verification.conformance.run import Task, judged
from spikeproof_verification.conformance.support import Engine
from spikeproof_verification.conformance.verdict import Verdict

QUICK = Effort(coordinates=0, directions=0, probes=2)  # the reference is not questioned again


def smallest_of_each_family(tasks: Sequence[Task], verdicts: Sequence[Verdict]) -> list[tuple[Task, Verdict]]:
    """The smallest case of each family and level that fails."""
    found: dict[tuple[str, str], tuple[Task, Verdict]] = {}
    for task, verdict in zip(tasks, verdicts, strict=True):
        place = (verdict.family, verdict.level)
        if verdict.verdict == "fail" and (place not in found or task[0].size < found[place][0][0].size):
            found[place] = task, verdict
    return list(found.values())


def shrunk(connector: Connector, engine: Engine, task: Task, verdict: Verdict, seconds: float) -> tuple[Case, Verdict]:
    """A case as small as can be found in some seconds, and the verdict on it: a "fail" like the first one."""
    case, level = task
    if case.refuse or case.steps:
        return case, verdict
    stop = time.monotonic() + seconds
    changed = True
    while changed:
        changed = False
        for smaller in _smaller(case):
            if time.monotonic() > stop:
                return case, verdict
            try:
                tried = answered(smaller, smaller.problem, QUICK)
            except Exception:  # without an answer of the reference a problem is no case
                continue
            found = judged(connector, engine, tried, level)
            if found.verdict == "fail":
                case, verdict, changed = tried, found, True
                break
    return case, verdict


def _smaller(case: Case) -> Iterator[Draft]:
    """The case with one sample, and without each half and each one of its input spikes."""
    problem = case.model()
    problem = problem if problem.loss is not None else replace(problem, loss=_any_loss(problem))
    tied = case.family == "ties"
    for part in _parts(problem):
        yield Draft(case.key, case.family, part, case.judged, tied)


def _parts(problem: Problem) -> Iterator[Problem]:
    s = problem.stimulus
    if s.n_samples > 1:
        yield from (problem.select([n]) for n in range(s.n_samples))
        return
    n = len(s.times)
    if n > 3:
        yield from (_without(problem, range(*part)) for part in ((n // 2, n), (0, n // 2)))
    yield from (_without(problem, range(k, k + 1)) for k in reversed(range(n)))


def _without(problem: Problem, spikes: range) -> Problem:
    kept = ~np.isin(np.arange(len(problem.stimulus.times)), spikes)
    return replace(problem, stimulus=problem.stimulus.keep(kept))


def _any_loss(problem: Problem) -> Loss:
    """A loss for the reference, where an engine sees none."""
    return SpikeTimeSum(next(p.name for p in problem.network.populations if p.kind == "lif"))
