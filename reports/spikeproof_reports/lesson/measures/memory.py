"""Time and memory of one step of each system on the same task."""

from __future__ import annotations

from spikeproof import Problem
from spikeproof.lesson import GradientEstimator
from spikeproof_reports.lesson.measures.alone import alone
from spikeproof_reports.lesson.rows import Rows
from spikeproof_reports.lesson.systems import system_of
from spikeproof_reports.lesson.tasks import task_of


def steps(task: str, system: str) -> Rows:
    """Time and memory of the gradient of 200 samples, in the system's first setting.

    Parameters
    ----------
    task, system : names.

    Returns
    -------
    mapping from frame to rows
        ``steps``, see `alone`.
    """
    return {"steps": [{"task": task, "system": system, **alone(make, task=task, system=system)}]}


def make(task: str, system: str) -> tuple[GradientEstimator, Problem, Problem]:
    """The estimator of a system, the problem of one sample and that of 200."""
    known, work = system_of(system), task_of(task)
    classifier = known.classifier(work, 0)
    problem = classifier.problem(classifier.start(), work.judged)
    return known.estimator(known.settings[0], 0), problem.select(range(1)), problem
