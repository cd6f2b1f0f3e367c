"""Accuracies of trained networks, as the claims compare them."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.lesson.claims.statistics import Mean, mean_of
from spikeproof_reports.lesson.record import LessonRecord

CHANCE = {"yin-yang": 1 / 3, "digits": 0.1, "recurrent": 0.1, "mnist": 0.1}
NEARLY = 0.95  # share of another's gain over chance from which on something works as well


def trainings(record: LessonRecord, system: str, task: str) -> pd.DataFrame:
    """The rows of all seeds of a system on a task."""
    rows = record["trained"]
    return rows[(rows["system"] == system) & (rows["task"] == task)]


def trained_on(record: LessonRecord, system: str, task: str, column: str = "accuracy_epochs") -> Mean:
    """The accuracy of a system on a task, over the seeds."""
    return mean_of(trainings(record, system, task)[column])


def gained(record: LessonRecord, system: str, task: str, of: str = "exact", column: str = "accuracy_epochs") -> Mean:
    """The gain of accuracy over chance as a share of that of the system `of`, seed by seed."""
    chance = CHANCE[task.partition(":")[0]]
    ours, theirs = (trainings(record, name, task).set_index("seed")[column] - chance for name in (system, of))
    both = ours.index.intersection(theirs.index)
    return mean_of((ours.loc[both] / theirs.loc[both]).to_numpy())
