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


def best_epochs(record: LessonRecord, system: str, task: str) -> pd.DataFrame:
    """The rows of all seeds, with the accuracy of the best epoch as ``accuracy``."""
    rows = trainings(record, system, task)
    return rows.assign(accuracy=rows["best"])


def largest_reservoirs(record: LessonRecord, task: str) -> pd.DataFrame:
    """The rows of the reservoirs with the most neurons."""
    rows = record["reservoirs"][record["reservoirs"]["task"] == task]
    largest: pd.DataFrame = rows[rows["size"] == rows["size"].max()]
    return largest


def gained(record: LessonRecord, system: str, task: str, column: str = "accuracy_epochs") -> Mean:
    """The gain of accuracy over chance as a share of that of the exact gradient, seed by seed."""
    return share_of_gain(trainings(record, system, task), trainings(record, "exact", task), task, column)


def share_of_gain(ours: pd.DataFrame, theirs: pd.DataFrame, task: str, column: str = "accuracy") -> Mean:
    """The gain of accuracy over chance as a share of another, over the seeds that both have.

    It is NaN if the other one gains nothing with one of the seeds.
    """
    a, b = (rows.set_index("seed")[column] - CHANCE[task.partition(":")[0]] for rows in (ours, theirs))
    both = a.index.intersection(b.index)
    return mean_of((a.loc[both] / b.loc[both].where(b.loc[both] > 0.0)).to_numpy())
