"""Variances of the estimates that draw numbers, against draws and against neurons."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from spikeproof_reports.lesson.claims.probabilistic import by_neurons
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import count, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, ORANGE, RC, WIDTH

LOOKS = {
    "score": ("score function, baseline", BLUE, "o"),
    "score without baseline": ("score function, none", ORANGE, "s"),
    "evolution": ("evolution strategy", GREEN, "^"),
}
NAME, TITLE = "lesson_variances", "Noise of the estimates"
HIDDEN, PUBLISHED = "input->hidden", 200


def variance_picture(record: LessonRecord) -> Picture:
    """Relative variance of the hidden gradient against draws and against hidden neurons."""
    rows = record["noise"][record["noise"]["projection"] == HIDDEN]
    if rows.empty:
        return Picture(NAME, TITLE, "There is no figure: no variance was measured.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        _lines(left, rows[rows["hidden"] == PUBLISHED], "passes", "forward passes of an estimate")
        own = pd.concat([by_neurons(rows, system) for system in LOOKS])
        _lines(right, own, "hidden", "hidden neurons")
        left.set_ylabel("variance / squared exact gradient")
        left.axhline(1.0, color="0.7", linewidth=0.6, zorder=0)
        right.axhline(1.0, color="0.7", linewidth=0.6, zorder=0)
        left.legend()
    caption = (
        "Variance of one estimate of the hidden gradient of Yin-Yang at initial weights, summed over all weights, "
        "over the squared norm of the exact gradient; mean over three draws of the weights, bars: their standard "
        f"deviation. Left: {PUBLISHED} hidden neurons; right: {count(own['draws'].max())} draws or pairs. Above 1 "
        "an estimate is more noise than gradient."
    )
    parts = []
    for system, (label, _, _) in LOOKS.items():
        found = rows.loc[rows["system"] == system, "variance"]
        parts += [f"{label} {span(found)}"] if len(found) else []
    alt = f"Variance over the squared gradient, over all sizes and draws: {'; '.join(parts)}."
    return Picture(NAME, TITLE, caption, figure, alt)


def _lines(axes: Axes, rows: pd.DataFrame, column: str, words: str) -> None:
    for system, (label, colour, marker) in LOOKS.items():
        own = rows[rows["system"] == system].groupby(column)["variance"].agg(["mean", "std"])
        axes.errorbar(
            own.index, own["mean"], own["std"], color=colour, marker=marker, markersize=3.5, label=label,
            elinewidth=0.6, capsize=1.5,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel=words)
    low, high = np.log2(rows[column].min()), np.log2(rows[column].max())
    places = rows[column].min() * 2.0 ** np.arange(np.floor(high - low) + 1)
    axes.set_xticks(places, [f"{x:g}" for x in places])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(visible=True)
