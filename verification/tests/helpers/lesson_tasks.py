"""A small task in the place of those of the lesson, and a plan that takes seconds."""

import numpy as np

from spikeproof.training import Sets
from spikeproof_reports.lesson import tasks
from spikeproof_reports.lesson.plan import LessonPlan

SMALL = LessonPlan(
    seeds=2, epochs=1, seconds=0.01, search_epochs=1, stages=(0, 1), replicates=3, loop_points=5, tasks=("yin-yang",),
    recurrent=False, pools=(5,), depth=1, draws=(2, 3), hidden=(4, 8), systems=("exact", "surrogate"), largest=1,
    groups=("trainings", "loops", "conversions", "reservoirs"),
)  # fmt: skip


def small_task(n_hidden=6):
    """Yin-Yang with few samples and few neurons."""
    task, sets = tasks.yin_yang_task(n_hidden), tasks.yin_yang_sets()
    few = Sets(*(part.select(np.arange(30)) for part in (sets.train, sets.test, sets.validation)))
    return tasks.Task(task.name, task.title, few, task.classifier, 10)
