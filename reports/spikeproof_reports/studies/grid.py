"""The chapter on time-stepped gradients."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import number, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import GREY, INK, RC, RED, SERIES, WIDTH, literal
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.grid import STUDY

_NETWORK = Column("network", "eight samples each, random weights before any training", width=0.24)
_PANELS = (("spike_error", "spike times (ms)"), ("loss_error", "loss"), ("gradient_error", "gradient (relative)"))
_PARAGRAPHS = (
    "Most programs that train with exact gradients advance time in fixed steps. The grid engine is such a program at "
    "its best: between events it uses the closed-form solution, forward and backward, so that all of its error comes "
    "from moving events to points of the grid. A spike is found at the first grid point above the threshold, up to one "
    "step late; input spikes and delays are rounded to the nearest point. It is measured here against the event "
    "engine, whose errors are a few units of roundoff.",
    "Errors of spike times fall in proportion to dt. Those of a gradient do so once the grid resolves the sequence of "
    "events; before, it can be wrong by any factor, since a spike that barely happens contributes a large derivative, "
    "and on a coarse grid it is missed, or found after V has passed its maximum, where the formula divides by a "
    "negative number. Where nothing spikes and inputs lie on the grid, only the trapezoidal rule for integrals is "
    "left, of order dt².",
)


def chapter(frames: Frames) -> Chapter:
    """The chapter on the accuracy of time steps, and on the time that accuracy takes."""
    answers, precision = frames["answers"], frames["precision"]
    return Chapter(
        STUDY.name, STUDY.title, (*_PARAGRAPHS, *_sentences(answers), *_against_events(precision)),
        (_answers(answers), _orders(frames["orders"]), _convergence(frames["convergence"]), _work(precision)),
        (_errors(frames["convergence"]), _diagram(precision)),
    )  # fmt: skip


def _sentences(answers: pd.DataFrame) -> Sequence[str]:
    """How small dt must be, in words."""
    parts = [
        f"{name}: {_step(half)} for half of the samples, {_step(all_)} for all, {_step(most)} for 95 % of the single "
        "weights"
        for name, half, all_, most in zip(
            *(answers[c].tolist() for c in ("network", "half_of_samples", "all_samples", "most_weights")), strict=True
        )
    ]
    question = "How small must dt be for a gradient good to 1 %? Largest steps, with all smaller ones as good: "
    return (question + "; ".join(parts) + ".",) if parts else ()


def _step(dt: float) -> str:
    return f"{number(dt)} ms" if dt > 0.0 else "none of the steps tried"


def _against_events(precision: pd.DataFrame) -> Sequence[str]:
    """The time of the event engine beside that of the grid, in words."""
    parts = []
    for name, rows in precision.groupby("network", sort=False):
        event, steps = rows[rows["engine"] == "event"], rows[rows["engine"] == "grid"]
        good = steps[steps["error"] <= 0.01]
        if len(event) and len(good):
            ratio = float(good["seconds"].min() / event["seconds"].iloc[0])
            parts.append(f"{name}: {number(ratio)} times")
    text = "Time for a median error of 1 % on the grid, as a multiple of the event engine’s time for full accuracy: "
    return (text + "; ".join(parts) + ".",) if parts else ()


def _answers(frame: pd.DataFrame) -> Table:
    columns = {
        "network": _NETWORK,
        "half_of_samples": Column("half of samples", "largest dt (ms) for gradients of half of the samples", "number"),
        "all_samples": Column("all samples", "for those of all samples", "number"),
        "most_weights": Column("95 % of weights", "for 95 % of the single derivatives that are not 0", "number"),
        "same_counts": Column("right counts", "for the right number of spikes of every neuron", "number"),
    }
    return Table(
        name="grid_answers",
        title="Largest steps for gradients good to 1 %",
        note="At these steps and at all smaller ones that were tried; 0 if none was small enough. "
        "The error of a sample is that of its weight gradient in the Euclidean norm.",
        frame=frame,
        columns=columns,
        empty="No network was studied.",
    )


def _orders(frame: pd.DataFrame) -> Table:
    columns = {
        "network": _NETWORK,
        "quantity": Column("quantity", "mean over spikes; mean over samples; median over samples"),
        "order": Column("order", "slope of the error against dt, both in logarithms", "number"),
        "expected": Column("expected", "order of the method", "number"),
        "coarsest": Column("coarsest dt", "of the steps through which the slope is fitted, ms", "number", PAGE),
        "finest": Column("finest dt", "of these, ms", "number", PAGE),
    }
    return Table(
        name="grid_orders",
        title="Observed orders of convergence",
        note="Where a spike falls within its step is as good as random, so slopes of few numbers scatter.",
        frame=frame,
        columns=columns,
        empty="No network was studied.",
    )


def _convergence(frame: pd.DataFrame) -> Table:
    columns = {
        "network": _NETWORK,
        "dt": Column("dt", "step, ms", "number"),
        "loss_error": Column("loss", "mean error of the loss of a sample", "number"),
        "spike_error": Column("spikes", "mean error of spike times, ms, neurons with right counts", "number"),
        "gradient_error": Column("gradient", "relative error, median over samples", "number"),
        "worst_gradient_error": Column("worst gradient", "and of the worst sample", "number"),
        "samples_within": Column("samples ≤ 1 %", "fraction of the samples whose gradient is good to 1 %", "number"),
        "weights_within": Column("weights ≤ 1 %", "fraction of the single derivatives good to 1 %", "number"),
        "same_counts": Column("right counts", "fraction of the samples with the right number of all spikes", "number"),
        "late_spikes": Column("late", "spikes found after V had passed its maximum", "count"),
    }
    return Table(
        name="grid_convergence",
        title="Errors of the grid engine against the event engine",
        note="Every step that was tried.",
        frame=frame,
        columns=columns,
        empty="No network was studied.",
    )


def _work(frame: pd.DataFrame) -> Table:
    columns = {
        "network": _NETWORK,
        "engine": Column("engine", "mp: its stated error; event: error of the first sample against mp"),
        "dt": Column("dt", "step, ms; 0 for an engine without steps", "number"),
        "seconds": Column("time", "seconds per sample, forward and backward", "number"),
        "error": Column("error", "relative error of the weight gradient, median over samples", "number"),
    }
    return Table(
        name="grid_precision",
        title="Work and precision",
        note="One thread, a batch of 64; times are those of the machine that made this report, busy or not.",
        frame=frame,
        columns=columns,
        empty="No network was studied.",
    )


def _errors(frame: pd.DataFrame) -> Picture:
    names = list(dict.fromkeys(frame["network"]))
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
        axes = figure.subplots(1, len(_PANELS), sharex=True)
        for ax, (column, title) in zip(axes, _PANELS, strict=True):
            for name, (colour, marker) in zip(names, SERIES, strict=False):
                rows = frame[(frame["network"] == name) & (frame[column] > 0.0)]
                ax.plot(rows["dt"], rows[column], color=colour, marker=marker, markersize=3, label=literal(name))
            if np.any(frame[column] > 0.0):
                ax.set(xscale="log", yscale="log")
                _slope(ax, frame, column)
            ax.set_title(f"error of the {title}")
            ax.grid(axis="y")
        axes[1].set_xlabel("dt  (ms)")
        handles, labels = axes[-1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    caption = (
        "Errors of the grid engine against its step: mean over spikes of neurons with the right number of spikes, mean "
        "over samples, median over samples. Dashed: order one. Leaky integrators alone, with inputs on the grid, "
        "have no spikes and converge with order two."
    )
    fine, coarse = (frame[frame["dt"] == frame["dt"].agg(end)] for end in ("min", "max"))
    alt = (
        f"Errors fall with the step: median errors of gradients are {span(coarse['gradient_error'])} at "
        f"{span(coarse['dt'])} ms and {span(fine['gradient_error'])} at {span(fine['dt'])} ms."
    )
    return Picture("grid_errors", "Convergence in the time step", caption, figure, alt)


def _slope(ax: Axes, frame: pd.DataFrame, column: str) -> None:
    """A line of order one above the errors."""
    ends = np.array([frame["dt"].min(), frame["dt"].max()])
    top = float(frame[column].max())
    ax.plot(ends, 3.0 * top * ends / ends[-1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))


def _diagram(frame: pd.DataFrame) -> Picture:
    names = list(dict.fromkeys(frame["network"]))
    if not names:
        return Picture("grid_work", "Work and precision", "There is no figure: no network was studied.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.3 * -(-len(names) // 2)), layout="constrained")
        axes = figure.subplots(-(-len(names) // 2), 2, sharex=True, sharey=True, squeeze=False).ravel()
        for ax, name in zip(axes, names, strict=False):
            rows = frame[frame["network"] == name]
            _points(ax, rows)
            ax.set_title(literal(name))
        for ax in axes[len(names) :]:
            ax.set_visible(False)
        axes[0].legend(loc="center right")
        figure.supxlabel("time per sample  (s)", fontsize=RC["axes.labelsize"])
        figure.supylabel("relative error of the gradient", fontsize=RC["axes.labelsize"])
    caption = (
        "Error of the weight gradient against the time it takes. Circles: the grid engine, from 1 ms at the left to "
        "1/1024 ms, median over samples; the dotted line is 1 %. Square: the event engine, against the "
        "reference. Triangle: the reference in multiple precision, at the error it states."
    )
    event, grid = (frame[frame["engine"] == engine] for engine in ("event", "grid"))
    alt = (
        f"The event engine has errors of {span(event['error'])} in {span(event['seconds'])} seconds per sample, the "
        f"grid engine errors of {span(grid['error'])} in {span(grid['seconds'])} seconds."
    )
    return Picture("grid_work", "Work and precision", caption, figure, alt)


def _points(ax: Axes, rows: pd.DataFrame) -> None:
    ax.axhline(0.01, color=GREY, linewidth=0.6, linestyle=(0, (1, 1.5)))
    looks = {"grid": (SERIES[0][0], "o", "-"), "event": (RED, "s", ""), "mp": (INK, "^", "")}
    for engine, (colour, marker, line) in looks.items():
        own = rows[rows["engine"] == engine].sort_values("dt", ascending=False)
        ax.plot(own["seconds"], own["error"], color=colour, marker=marker, linestyle=line, markersize=4, label=engine)
    ax.set(xscale="log", yscale="log")
    ax.grid(axis="y")
