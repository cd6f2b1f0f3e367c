"""The stair and its limit: losses along a line of weights, and their difference quotients."""

# ruff: noqa: RUF001 -- minus signs are typographic on purpose

from __future__ import annotations

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, INK, ORANGE, PINK, RC, RED, SKY, WIDTH

COLOURS = (RED, ORANGE, GREEN, SKY, PINK, BLUE)
QUOTIENT_STEPS = (4.0, 1.0, 0.25, 0.0625, 0.03125)
NAME, TITLE = "lesson_stair", "The stair and its limit"


def stair_picture(record: LessonRecord) -> Picture:
    """Losses along a line, and quotients against the distance, for several steps."""
    rows = record["stair"]
    if rows.empty:
        return Picture(NAME, TITLE, "There is no figure: the stair was not measured.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        _losses(left, record)
        _quotients(right, record)
    caption = (
        "Left: the loss of five Yin-Yang samples along a line, on which all weights from the input grow by the same "
        "factor: a stair in time steps, a smooth curve between the appearances of spikes in continuous time. Right: "
        "difference quotients (L(h) − L(−h)) / 2h over the exact derivative, median over nine places. From right to "
        "left the distance h shrinks at a fixed step: every quotient ends at 0. From the coarse step to the fine one "
        "it comes to 1 where h is not too small: the limits do not commute."
    )
    return Picture(NAME, TITLE, caption, figure)


def _losses(axes: Axes, record: LessonRecord) -> None:
    rows = record["stair"][record["stair"]["kind"] == "loss"]
    steps = sorted(rows["dt"].unique(), reverse=True)
    for dt, colour in zip(steps, (*COLOURS[: len(steps) - 1], INK), strict=True):
        own = rows[rows["dt"] == dt].sort_values("x")
        label = "exact" if dt == 0 else f"{number(dt)} ms"
        axes.plot(1000.0 * own["x"], own["y"], color=colour, label=label, linewidth=1.6 if dt == 0 else 0.9)
    axes.set(xlabel="change of the weights, ‰", ylabel="loss")
    axes.legend(title="step")


def _quotients(axes: Axes, record: LessonRecord) -> None:
    rows = record["stair"][record["stair"]["kind"] == "quotient"]
    medians = rows.groupby(["dt", "x"])["y"].median().reset_index()
    shown = [dt for dt in QUOTIENT_STEPS if (medians["dt"] == dt).any()]
    for dt, colour in zip(shown, COLOURS, strict=False):
        own = medians[medians["dt"] == dt].sort_values("x")
        axes.plot(own["x"], own["y"], color=colour, marker="o", markersize=2.5, label=f"{number(dt)} ms")
    exact = medians[medians["dt"] == 0.0].sort_values("x")
    axes.plot(exact["x"], exact["y"], color=INK, linewidth=1.6, label="exact")
    axes.set(xscale="log", ylim=(-1.5, 3.5), xlabel="relative distance h", ylabel="quotient / derivative")
    axes.axhline(1.0, color="0.7", linewidth=0.6, zorder=0)
    axes.axhline(0.0, color="0.7", linewidth=0.6, zorder=0)
    axes.legend(title="step", loc="upper left")
