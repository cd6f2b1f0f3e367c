"""Accuracy against spikes per answer."""

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.lesson.claims.accuracies import largest_reservoirs
from spikeproof_reports.lesson.figures.looks import look
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import RC, WIDTH

NAME, TITLE = "lesson_spikes", "Accuracy and spikes"
WITHOUT_SPIKES = ("smoothed",)


def spike_picture(record: LessonRecord) -> Picture:
    """Accuracy against the number of spikes of an answer, for each task that conversions were made for."""
    tasks = list(dict.fromkeys(record["conversions"]["task"]))
    if not tasks:
        return Picture(NAME, TITLE, "There is no figure: nothing was converted.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
        axes = figure.subplots(1, len(tasks), squeeze=False)[0]
        for ax, task in zip(axes, tasks, strict=True):
            _points(ax, record, task)
            ax.set_title(task.partition(":")[0])
            ax.set(xscale="log", xlabel="spikes per answer")
            ax.grid(visible=True)
        axes[0].set_ylabel("accuracy, %")
        handles = {h.get_label(): h for ax in axes for h in ax.get_lines() if not str(h.get_label()).startswith("_")}
        figure.legend(handles.values(), handles.keys(), ncols=3, loc="outside lower center")
    caption = (
        "Test accuracy after equal epochs against the mean number of spikes of all neurons in a sample, mean over the "
        "seeds. The line is one converted network, read after 1, 2, 4, … steps. The smoothed step has no spikes."
    )
    rows = record["conversions"]
    alt = (
        f"A converted network needs {span(rows['spikes'])} spikes an answer for accuracies of "
        f"{span(100.0 * rows['accuracy'])} %; trained spiking networks are points with "
        f"{span(record['trained']['spikes'])} spikes."
    )
    return Picture(NAME, TITLE, caption, figure, alt)


def _points(axes: Axes, record: LessonRecord, task: str) -> None:
    own = record["conversions"]
    line = own[own["task"] == task].groupby("steps")[["spikes", "accuracy"]].mean()
    label, colour, style = look("conversion")
    axes.plot(line["spikes"], 100 * line["accuracy"], color=colour, linestyle=style, marker=".", label=label)
    rows = record["trained"]
    rows = rows[(rows["task"] == task) & ~rows["system"].isin(WITHOUT_SPIKES)]
    means = rows.groupby("system", sort=False)[["spikes", "accuracy_epochs"]].mean()
    for system, mean in means.iterrows():
        label, colour, _ = look(str(system))
        axes.plot(mean["spikes"], 100 * mean["accuracy_epochs"], color=colour, marker="o", linestyle="", label=label)
    pool = largest_reservoirs(record, task)[["spikes", "accuracy"]].mean()
    label, colour, _ = look("reservoir")
    axes.plot(pool["spikes"], 100 * pool["accuracy"], color=colour, marker="s", linestyle="", label=label)
