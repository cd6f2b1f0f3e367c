"""The chapter on equal, nearly equal and far apart time constants."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, INK, ORANGE, RC, RED, WIDTH
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.time_constants import STUDY

EPS = 2.0**-52
_PARAGRAPHS = (
    "The textbook writes the potential after an input as a difference of two exponentials over the difference of the "
    "time constants. At τ_mem = τ_syn it divides by zero; close to equality it subtracts two numbers that agree in "
    "most of their digits. The event engine uses one formula for every ratio, V = (t/τ_mem) exp(−t/τ_mem) φ(x) with "
    "φ(x) = (eˣ − 1)/x and x = t (1/τ_mem − 1/τ_syn), which has no special case and loses nothing.",
    "It is measured at ratios 1 ± 2⁻ᵏ for k from 1 to 52, at 1 itself, and at four ratios per decade from 10⁻⁴ to "
    "10⁴: a neuron with four inputs and up to a dozen spikes with resets, its spike times, its state at the end "
    "and the gradient of the sum of its spike times against the reference.",
    "At two ratios spike times have closed forms that need no search: τ_mem = 2 τ_syn makes the threshold condition a "
    "quadratic equation, τ_mem = τ_syn one that Lambert’s function W solves. Chained through the resets they check "
    "both engines independently of any root finder.",
)


def chapter(frames: Frames) -> Chapter:
    """One formula for every ratio of the time constants."""
    return Chapter(
        STUDY.name, STUDY.title, _PARAGRAPHS,
        (_closed(frames["closed"]), _ratios(frames["ratios"])), (_picture(frames["kernels"], frames["ratios"]),),
    )  # fmt: skip


def _closed(frame: pd.DataFrame) -> Table:
    columns = {
        "form": Column("closed form", "which one"),
        "spike": Column("spike", "its number", "count"),
        "closed": Column("time", "of the spike, in closed form", "name"),
        "off_mp": Column("mp off by", "distance of the reference, which promises 50 digits", "number"),
        "off_event": Column("event off by", "distance of the event engine", "number"),
        "vdot": Column("V̇", "slope at the spike", "number"),
    }
    note = "τ_mem = 16; every spike but the first starts from a reset."
    return Table("time_constants_closed", "Spike times in closed form", note, frame, columns, "No closed form.")


def _ratios(frame: pd.DataFrame) -> Table:
    columns = {
        "series": Column("series", "near 1, wide, or equal"),
        "ratio": Column("τ_syn/τ_mem", "ratio of the time constants", "number"),
        "off_one": Column("ratio − 1", "distance from equality", "number"),
        "spikes": Column("spikes", "of the neuron", "count"),
        "min_vdot": Column("smallest V̇", "among its spikes", "number", PAGE),
        "time_error": Column("spike times", "largest error in units of ε times the scale; 16 are allowed", "number"),
        "gradient_error": Column("gradient", "the same for the gradient; 32 are allowed", "number"),
    }
    return Table(
        name="time_constants_ratios",
        title="Every ratio",
        note="Errors of the event engine against the reference.",
        frame=frame,
        columns=columns,
        empty="No ratio was measured.",
        limits=(40, 200),
    )


def _picture(kernels: pd.DataFrame, ratios: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
        left, right = figure.subplots(1, 2)
        _near(left, kernels[(kernels["series"] == "near")])
        _wide(right, ratios)
        for ax in (left, right):
            ax.grid(color=GREY, alpha=0.15)
    caption = (
        "Left: relative error of the potential after one input, at three times, for time constants that differ by a "
        "part 2⁻ᵏ; crosses: the textbook’s difference of exponentials in binary64, which loses a factor of "
        "2ᵏ (line); dots: the event engine. Errors of exactly 0 are drawn at the bottom. Right: errors of the spike "
        "times (dots) and gradients (squares) of the event engine at all ratios, in units of ε times the scale of each "
        "number, with the largest errors accepted (lines)."
    )
    near = kernels[kernels["series"] == "near"]
    alt = (
        f"Near equal time constants the textbook formula has errors up to {number(near['textbook_error'].max())}, the "
        f"event engine {number(near['engine_error'].max())} at most. At all ratios its spike times are off by at most "
        f"{number(ratios['time_error'].max())} units, of 16 that are allowed."
    )
    return Picture("time_constants", "One formula for every ratio of the time constants", caption, figure, alt)


def _near(ax: Axes, rows: pd.DataFrame) -> None:
    x = rows["off_one"].abs().to_numpy()
    bottom = EPS / 64
    ends = np.array([x.min(), x.max()])
    ax.loglog(
        ends, EPS / ends, color=INK, linewidth=0.8, label=r"$\epsilon\, /\, |\tau_\mathrm{syn}/\tau_\mathrm{mem} - 1|$"
    )
    ax.loglog(
        x, np.maximum(rows["textbook_error"], bottom), "x", color=RED, markersize=3, linewidth=0.8, label="textbook"
    )
    ax.loglog(x, np.maximum(rows["engine_error"], bottom), "o", color=BLUE, markersize=2.5, label="event engine")
    ax.set(xlabel=r"$|\tau_\mathrm{syn}/\tau_\mathrm{mem} - 1|$", ylabel="relative error of $V$")
    ax.legend(loc="upper right", handletextpad=0.4)


def _wide(ax: Axes, rows: pd.DataFrame) -> None:
    for column, bound, colour, marker in (("time_error", 16, BLUE, "o"), ("gradient_error", 32, ORANGE, "s")):
        label = "spike times" if column == "time_error" else "gradients"
        ax.loglog(rows["ratio"], np.maximum(rows[column], 1e-3), marker, color=colour, markersize=2.8, label=label)
        ax.axhline(bound, color=colour, linewidth=0.9)
    ax.set(xlabel=r"$\tau_\mathrm{syn}/\tau_\mathrm{mem}$", ylabel="error / (unit × scale)", ylim=(1e-3, 1e3))
    ax.legend(loc="upper right", handletextpad=0.2, ncols=2)
