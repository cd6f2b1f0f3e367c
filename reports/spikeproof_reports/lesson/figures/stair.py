"""The stair and its limit: losses along a line of weights, and their difference quotients."""

# ruff: noqa: RUF001 -- minus signs are typographic on purpose

from __future__ import annotations

import json

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, INK, ORANGE, PINK, RC, RED, SKY, WIDTH

COLOURS = (RED, ORANGE, GREEN, SKY, PINK, BLUE)
QUOTIENT_STEPS = (4.0, 1.0, 0.25, 0.0625)
ERROR_STEPS = (0.25, 0.0625, 0.015625, 0.00390625, 0.0009765625)
NAME, TITLE = "lesson_stair", "The stair and its limit"


def stair_picture(record: LessonRecord) -> Picture:
    """Losses along a line, quotients against the distance, and their errors, for several steps."""
    if record["stair"].empty:
        return Picture(NAME, TITLE, "There is no figure: the stair was not measured.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.7), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        _losses(left, record)
        _quotients(middle, record)
        _errors(right, record)
    caption = (
        "Left: change of the loss of five Yin-Yang samples where all weights from the input grow by the same factor; "
        "in time steps a stair, in continuous time smooth until a spike appears or vanishes. Middle: difference "
        "quotients (L(h) − L(−h)) / 2h of the same loss over its exact derivative, median over nine places: with a "
        "fixed step each of them ends at 0, without steps at 1. Right: root mean square error of such quotients for "
        "a network of a few neurons; a finer step brings the error down at each distance, a smaller distance brings "
        "it up at each step. The two limits do not commute."
    )
    quotients = record["stair"][record["stair"]["kind"] == "quotient"]
    nearest = quotients[quotients["x"] == quotients["x"].min()].groupby("dt")["y"].median()
    stepped = nearest[nearest.index > 0]
    alt = (
        f"In time steps the loss is a stair: at the smallest distance its quotients are {span(stepped)} of the "
        f"derivative, without steps {span(nearest[nearest.index == 0])}."
    )
    return Picture(NAME, TITLE, caption, figure, alt)


def _losses(axes: Axes, record: LessonRecord) -> None:
    rows = record["stair"][record["stair"]["kind"] == "loss"]
    steps = sorted(rows["dt"].unique(), reverse=True)
    for dt, colour in zip(steps, (*COLOURS[: len(steps) - 1], INK), strict=True):
        own = rows[rows["dt"] == dt].sort_values("x")
        label = "exact" if dt == 0 else f"{dt:g} ms"
        middle = float(own["y"].iloc[len(own) // 2])
        change, width = own["y"] - middle, 0.9 if dt else 1.6
        axes.plot(1000.0 * own["x"], 1000.0 * change, color=colour, label=label, linewidth=width)
    axes.set(xlabel="change of the weights, ‰", ylabel="change of the loss, ‰")
    axes.legend(title="step", fontsize=7.0, handlelength=1.2)


def _quotients(axes: Axes, record: LessonRecord) -> None:
    rows = record["stair"][record["stair"]["kind"] == "quotient"]
    medians = rows.groupby(["dt", "x"])["y"].median().reset_index()
    shown = [dt for dt in QUOTIENT_STEPS if (medians["dt"] == dt).any()]
    for dt, colour in zip((*shown, 0.0), (*COLOURS[: len(shown)], INK), strict=True):
        own = medians[medians["dt"] == dt].sort_values("x")
        label = "exact" if dt == 0 else f"{dt:g} ms"
        axes.plot(own["x"], own["y"], color=colour, marker="o", markersize=2.0, label=label)
    axes.set(xscale="log", ylim=(-1.5, 3.5), xlabel="relative distance h", ylabel="quotient / derivative")
    axes.legend(title="step", loc="upper left", fontsize=7.0, handlelength=1.2)


def _errors(axes: Axes, record: LessonRecord) -> None:
    rows = record["statements"][record["statements"]["statement"] == "stair"]
    if rows.empty:
        axes.set_axis_off()
        return
    found = json.loads(rows["numbers"].iloc[0])
    steps, h = np.array(found["steps"]), np.array(found["distances"])
    own = [dt for dt in ERROR_STEPS if np.any(steps == dt)]
    for dt, colour in zip(own, COLOURS, strict=False):
        errors = np.hypot(np.array(found["errors"])[list(steps).index(dt)], found["exact_errors"])
        axes.plot(h, errors, color=colour, marker="o", markersize=2.0, label=f"{1000 * dt:.3g} µs")
    axes.plot(h, found["exact_errors"], color=INK, label="exact")
    axes.set(xscale="log", yscale="log", ylim=(3e-6, 20.0), xlabel="distance h", ylabel="error of the quotient")
    axes.legend(title="step", loc="lower right", fontsize=7.0, handlelength=1.2, ncols=2, columnspacing=1.0)
