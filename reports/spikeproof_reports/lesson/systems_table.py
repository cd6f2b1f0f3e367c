"""The table of all systems: accuracy, and what it takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from spikeproof_reports.lesson.claims.accuracies import largest_reservoirs
from spikeproof_reports.lesson.claims.conversion import spikes_to_be_close
from spikeproof_reports.lesson.claims.statistics import mean_of
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.lesson.rows import Row
from spikeproof_reports.lesson.systems import SYSTEMS
from spikeproof_reports.paper.printed import MOST, NAME, Printed
from spikeproof_reports.paper.table import PAGE, Column, Table

MEGABYTE = 1e6
_COLUMNS: Mapping[str, Column] = {
    "system": Column("system", "the way to train", width=0.15),
    "solution": Column("lesson", "the heading under which the lesson has it", "text", PAGE),
    "differs": Column("differs", "how its network or loss differs from that of the exact gradient", "text", PAGE),
    "accuracy": Column("accuracy, %", "on the test set after equal epochs, mean over the seeds", "percent"),
    "deviation": Column("s.d., %", "its standard deviation over the seeds", "percent"),
    "timed": Column("in equal time, %", "accuracy of the last epoch within equal processor seconds", "percent"),
    "timed_deviation": Column("s.d. in equal time, %", "its standard deviation over the seeds", "percent", PAGE),
    "exact": Column(
        "exact spikes, %", "of the trained weights with exact spikes; none if those of a seed run away", "percent", PAGE
    ),
    "seconds": Column("seconds", "of one processor for these epochs, or for all of the training", "optional"),
    "passes": Column("passes", "forward passes of a batch in these epochs", "optional"),
    "memory": Column("memory, MB", "by which the peak grows in the gradient of 200 samples", "optional"),
    "trained": Column("trained", "numbers that are trained", "count"),
    "spikes": Column("spikes", "of all neurons in an answer, mean over the test samples", "optional"),
    "setting": Column("setting", "that the search has chosen", "text", PAGE),
    "notes": Column("ended", "seeds that ended with an error", "count", PAGE),
}


def systems_table(record: LessonRecord, task: str) -> Table:
    """All systems on one task."""
    rows = [_trained(record, task, key) for key in SYSTEMS if _has(record, task, key)]
    rows += [row for row in (_reservoir(record, task), _conversion(record, task)) if row]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    own = record["trained"][record["trained"]["task"] == task]
    epochs, seconds = (own[name].max() if len(own) else math.nan for name in ("epochs", "budget"))
    note = (
        f"After {epochs:g} epochs, and within {seconds:g} processor seconds. Every estimator starts from the same "
        "weights and sees the same batches; a reservoir and a converted network are trained until they are done. No "
        "epoch is selected."
    )
    name = task.partition(":")[0]
    slug = name.replace("-", "_")
    return Table(f"lesson_{slug}", f"All systems, {name}", note, frame, _COLUMNS, "Nothing was trained.")


def printed_accuracies(record: LessonRecord, tasks: Sequence[str]) -> Printed:
    """Accuracies of all systems on the first tasks, and what they take on the first, as a paper prints them."""
    shown = tasks[: MOST - 2]
    frames = {task: systems_table(record, task).frame.set_index("system") for task in shown}
    systems = list(dict.fromkeys(name for frame in frames.values() for name in frame.index))
    rows = pd.DataFrame({"system": systems})
    columns = {"system": replace(_COLUMNS["system"], width=0.3)}
    for n, (task, frame) in enumerate(frames.items()):
        rows[f"task{n}"] = rows["system"].map(frame["accuracy"])
        columns[f"task{n}"] = Column(f"{task.partition(':')[0]}, %", "test accuracy, mean over the seeds", "percent")
    first = next(iter(frames.values()), pd.DataFrame(columns=["seconds"]))
    rows["seconds"] = rows["system"].map(first["seconds"])
    columns["seconds"] = _COLUMNS["seconds"]
    where = f" of {shown[0].partition(':')[0]}" if shown else ""
    note = f"Test accuracy after equal epochs, mean over the seeds; processor seconds{where}."
    table = Table(NAME, "All systems", note, rows, columns, "Nothing was trained.")
    return Printed(table, tuple(columns)[: 1 + min(len(shown), 3)], width=0.32)


def in_words(setting: str) -> str:
    """A setting as it is stored, in words."""
    return ", ".join(f"{name} {value:g}" for name, value in json.loads(setting).items())


def _has(record: LessonRecord, task: str, system: str) -> bool:
    rows = record["trained"]
    return bool(((rows["task"] == task) & (rows["system"] == system)).any())


def _trained(record: LessonRecord, task: str, system: str) -> Row:
    rows, step = record["trained"], record["steps"]
    own = rows[(rows["task"] == task) & (rows["system"] == system)]
    memory = step[(step["system"] == system) & (step["task"] == task)]["memory"]
    accuracy, timed = mean_of(own["accuracy_epochs"]), mean_of(own["accuracy_seconds"])
    known = SYSTEMS[system]
    return {
        "system": known.title, "solution": known.solution, "differs": known.differs,
        "accuracy": accuracy.mean, "deviation": accuracy.deviation, "timed": timed.mean,
        "timed_deviation": timed.deviation, "exact": own["accuracy_exact"].mean(skipna=False),
        "seconds": own["seconds_epochs"].mean(), "passes": own["forward_passes"].mean(),
        "memory": float(memory.max()) / MEGABYTE if len(memory) else math.nan, "trained": own["weights"].mean(),
        "spikes": own["spikes"].mean(), "setting": in_words(own["setting"].iloc[0]),
        "notes": int((own["note"] != "").sum()),
    }  # fmt: skip


def _reservoir(record: LessonRecord, task: str) -> Row | None:
    rows = largest_reservoirs(record, task)
    if rows.empty:
        return None
    accuracy, weights = mean_of(rows["accuracy"]), rows["weights"].max()
    return {
        "system": f"reservoir, {rows['size'].max():g} neurons", "solution": "1. Don't use gradients",
        "differs": f"recurrent network of {weights:g} weights, readout by ridge regression",
        "accuracy": accuracy.mean, "deviation": accuracy.deviation, "seconds": rows["seconds"].mean(),
        "trained": rows["trained"].max(), "spikes": rows["spikes"].mean(), "setting": in_words(rows["setting"].iloc[0]),
        "notes": 0,
    }  # fmt: skip


def _conversion(record: LessonRecord, task: str) -> Row | None:
    rows = record["conversions"][record["conversions"]["task"] == task]
    if rows.empty:
        return None
    most = rows[rows["steps"] == rows["steps"].max()]
    accuracy = mean_of(most["accuracy"])
    return {
        "system": "converted ReLU network", "solution": "1. Don't use gradients",
        "differs": f"constant input currents, rates over {most['steps'].max():g} steps; spikes: with the fewest steps "
        "that lose 1 % at most",
        "accuracy": accuracy.mean, "deviation": accuracy.deviation, "seconds": most["seconds"].mean(),
        "trained": most["trained"].max(), "spikes": spikes_to_be_close(rows).mean,
        "setting": f"ReLU network: {most['ann'].mean():.4f}", "notes": 0,
    }  # fmt: skip
