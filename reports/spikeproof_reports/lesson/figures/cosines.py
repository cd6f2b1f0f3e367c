"""Cosines with the exact gradient, against the step and the slope."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import count, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, ORANGE, PINK, RC, RED, SKY, WIDTH

LOOKS = {
    ("surrogate", "super_spike"): ("SuperSpike", BLUE, "o"),
    ("surrogate", "sigmoid"): ("sigmoid'", ORANGE, "s"),
    ("surrogate", "triangle"): ("triangle", GREEN, "^"),
    ("surrogate", "arctan"): ("arctan", PINK, "D"),
    ("smoothed", "sigmoid"): ("smoothed step", RED, "v"),
    ("e-prop", "random feedback"): ("e-prop, random", SKY, "x"),
}
NAME, TITLE = "lesson_cosines", "Agreement with the exact gradient"
HIDDEN = "input->hidden"


def cosine_picture(record: LessonRecord) -> Picture:
    """Cosine of the hidden gradient against step, slope, and epochs of training."""
    rows = record["gradients"]
    rows = rows[(rows["task"] == "yin-yang") & (rows["projection"] == HIDDEN)]
    if rows.empty:
        return Picture(NAME, TITLE, "There is no figure: no gradient was compared.", None)
    last = rows["stage"].max()
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 5.0), layout="constrained")
        axes = figure.subplots(2, 2, sharey=True)
        for column, stage in enumerate((0.0, last)):
            own = rows[rows["stage"] == stage]
            for row, (kind, words) in enumerate((("dt", "step, ms"), ("slope", "slope, 1/V"))):
                _lines(axes[row, column], own[own["kind"] == kind], kind, words)
            axes[0, column].set_title(f"after {count(stage)} epochs" if stage else "initial weights")
        for row in axes:
            row[0].set_ylabel("cosine")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, ncols=6, loc="outside upper center", columnspacing=1.0, handlelength=1.4)
    caption = (
        "Cosine of the angle between each estimate and the exact gradient by the hidden weights of Yin-Yang, mean "
        "and standard deviation over the seeds; top: against the time step, slope 10 per V; bottom: against the "
        f"slope, step 1 ms. Left: initial weights; right: after {count(last)} epochs of training by the exact "
        "gradient."
    )
    own = rows[rows["system"] == "surrogate"]
    first, final = (own.loc[own["stage"] == stage, "cosine"] for stage in (0.0, last))
    alt = (
        f"Cosines of surrogate and exact gradients are {span(first)} at initial weights and {span(final)} after "
        f"{count(last)} epochs of training."
    )
    return Picture(NAME, TITLE, caption, figure, alt)


def _lines(axes: Axes, rows: pd.DataFrame, kind: str, words: str) -> None:
    spread = np.linspace(-1.0, 1.0, len(LOOKS))  # side by side, so that bars do not hide each other
    for shift, ((system, shape), (label, colour, marker)) in zip(spread, LOOKS.items(), strict=True):
        own = rows[(rows["system"] == system) & (rows["shape"] == shape)].groupby(kind)["cosine"].agg(["mean", "std"])
        axes.errorbar(
            own.index * 1.06**shift, own["mean"], own["std"], color=colour, marker=marker, markersize=3.5, label=label,
            elinewidth=0.5, linewidth=0.9,
        )  # fmt: skip
    axes.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    axes.set(xscale="log", xlabel=words, ylim=(-0.4, 1.02))
    places = sorted(rows[kind].unique())
    axes.set_xticks(places, [f"{x:g}" for x in places])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(visible=True)
