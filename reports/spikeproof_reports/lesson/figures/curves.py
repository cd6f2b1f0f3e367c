"""Training curves of all systems, against epochs and against seconds."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spikeproof_reports.lesson.figures.looks import look
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import percent
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import RC, WIDTH

NAME, TITLE = "lesson_curves", "Training"


def curve_picture(record: LessonRecord) -> Picture:
    """Test accuracy of each system on each task, against epochs and against processor seconds."""
    rows = record["history"]
    tasks = list(dict.fromkeys(rows["task"]))
    if not tasks:
        return Picture(NAME, TITLE, "There is no figure: nothing was trained.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.5 + 2.3 * len(tasks)), layout="constrained")
        axes = figure.subplots(len(tasks), 2, sharey="row", squeeze=False)
        budgets = record["trained"].groupby("task")["epochs"].max()
        for pair, task in zip(axes, tasks, strict=True):
            own = rows[rows["task"] == task]
            _curves(pair[0], own[own["epoch"] <= budgets[task]], "epoch")
            _curves(pair[1], own, "seconds")
            pair[0].set_ylabel(f"{task.partition(':')[0]}: accuracy, %")
            pair[1].set_xscale("log")
            pair[0].xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[-1, 0].set_xlabel("epoch")
        axes[-1, 1].set_xlabel("processor seconds")
        handles = {h.get_label(): h for row in axes for h in row[0].get_lines()}
        figure.legend(handles.values(), handles.keys(), ncols=3, loc="outside lower center")
    caption = (
        "Test accuracy after each epoch, mean over the seeds; shaded: standard deviation. Left against epochs, right "
        "against processor seconds of training, evaluations not counted. Settings are those that the search has chosen."
    )
    parts = []
    for task, own in rows.groupby("task", sort=False):
        best = own.sort_values("epoch", kind="stable").groupby(["system", "seed"])["test_accuracy"].last()
        means = best.groupby("system").mean()
        parts.append(
            f"{str(task).partition(':')[0]}: {percent(means.max())} % ({look(str(means.idxmax()))[0]}) is the best"
        )
    alt = f"Curves of test accuracy. After the last epoch, on {'; on '.join(parts)}."
    return Picture(NAME, TITLE, caption, figure, alt)


def _curves(axes: Axes, rows: pd.DataFrame, against: str) -> None:
    for system, own in rows.groupby("system", sort=False):
        of_all = own.groupby("epoch")["seed"].transform("size") == own["seed"].nunique()
        by_epoch = own[of_all].groupby("epoch")
        mean, deviation = by_epoch["test_accuracy"].mean() * 100.0, by_epoch["test_accuracy"].std() * 100.0
        x, (label, colour, style) = by_epoch[against].mean(), look(str(system))
        shown = x > 0.0 if against == "seconds" else x >= 0.0
        axes.plot(x[shown], mean[shown], color=colour, linestyle=style, label=label)
        axes.fill_between(
            x[shown], (mean - deviation)[shown], (mean + deviation)[shown], color=colour, alpha=0.15, lw=0
        )
    axes.grid(visible=True)
