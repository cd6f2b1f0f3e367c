"""The chapter on silence, bursts and networks that do nothing."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import count, number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, ORANGE, RC, WIDTH
from spikeproof_reports.paper.table import Column, Table
from spikeproof_verification.experiments.studies.extremes import STUDY

EPS = 2.0**-52
_PARAGRAPHS = (
    "An event-driven engine crosses a silence of any length in one step: it costs no work, but time is counted in "
    "binary64, and at a time t no spike can be known better than εt. Here two layers spike, rest for up to 10⁷ "
    "membrane time constants, and spike again. Their errors after the silence must be those of the time itself, and "
    "nothing of the first activity may be left over or lost in the gradient.",
    "A strong input drives a neuron to hundreds of spikes in a row. Each starts from the reset that the one before has "
    "left, so errors could pile up along the chain; what they may do is stated by the conditioning, which the "
    "reference measures by simulated rounding.",
    "Networks that never spike, that get no input, none before the end, none in one sample of a batch, or that have no "
    "inputs at all are ordinary problems: the loss is that of silent neurons, and every gradient is exactly 0.",
)


def chapter(frames: Frames) -> Chapter:
    """Long silence, bursts, silent networks, no input."""
    return Chapter(
        STUDY.name, STUDY.title, _PARAGRAPHS, (_cases(frames["cases"]),),
        (_picture(frames["spikes"]),),
    )  # fmt: skip


def _cases(frame: pd.DataFrame) -> Table:
    used = "largest error of the {} in units of ε times the scale"
    columns = {
        "kind": Column("kind", "what is extreme"),
        "case": Column("case", "which one", "name"),
        "spikes": Column("spikes", "of the reference", "count"),
        "found": Column("found", "spikes of the event engine", "count"),
        "loss": Column("loss", "of the reference", "number"),
        "compared": Column("compared", "how many numbers were compared", "count"),
        "time_error": Column("spike times", used.format("spike times"), "optional"),
        "gradient_error": Column("weight gradients", used.format("weight gradients"), "optional"),
        "input_gradient_error": Column("input times", used.format("gradients of input times"), "optional"),
        "end_error": Column("end states", used.format("states at the end"), "optional"),
    }
    note = "16 units are allowed for spike times and end states, 32 for gradients; – where there is nothing to compare."
    return Table("extremes_cases", "Event engine against the reference", note, frame, columns, "No case.")


def _picture(frame: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        _silences(left, frame[frame["kind"] == "silence"])
        _bursts(right, frame[frame["kind"] == "burst"])
        for ax in (left, right):
            ax.grid(color=GREY, alpha=0.15)
    caption = (
        "Left: error of every spike of the first layer before and after silences of 1 to 10⁷ membrane time constants, "
        "over its time; the line is εt. Right: error of every spike of a burst over its number, for three strengths "
        "of the input; lines: ε times the scale that the tolerance uses, of which it allows 16. Spikes without any "
        "error are not drawn."
    )
    silence, burst = (frame[frame["kind"] == kind] for kind in ("silence", "burst"))
    alt = (
        f"Errors of spike times up to {number(silence['error'].max())} after silences up to time "
        f"{number(silence['time'].max())}, along the line of roundoff of the time; up to "
        f"{number(burst['error'].max())} along bursts of {count(burst['rank'].max() + 1)} spikes."
    )
    return Picture("extremes", "Errors after long silence and along bursts", caption, figure, alt)


def _silences(ax: Axes, rows: pd.DataFrame) -> None:
    seen = rows[rows["error"] > 0]
    ends = np.array([rows["time"].min(), rows["time"].max()])
    ax.loglog(ends, EPS * ends, color=INK, linewidth=0.8, label=r"$\epsilon t$")
    ax.loglog(seen["time"], seen["error"], "o", color=BLUE, markersize=2.5, alpha=0.7)
    ax.set(xlabel="time of the spike  (unit of the time constants)", ylabel="error of the spike time")
    ax.legend(loc="upper left")


def _bursts(ax: Axes, rows: pd.DataFrame) -> None:
    for colour, marker, (extent, part) in zip((BLUE, ORANGE, GREEN), "os^", rows.groupby("extent"), strict=False):
        part = part.sort_values("rank")
        seen = part[part["error"] > 0]
        ax.semilogy(part["rank"] + 1, part["unit"], color=colour, linewidth=0.8)
        ax.semilogy(seen["rank"] + 1, seen["error"], marker, color=colour, markersize=2.2, label=f"$w = {extent:g}$")
    ax.set_xscale("log")
    ax.set(xlabel="number of the spike in the burst", ylabel="error of the spike time")
    ax.legend(loc="lower right", handletextpad=0.2)
