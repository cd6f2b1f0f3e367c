"""The chapter on spikes that are about to vanish."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import number, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, INK, RC, RED, WIDTH, series
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.grazing import STUDY

_PARAGRAPHS = (
    "A neuron at rest that receives one input of weight w spikes if w k(t), its potential, reaches the threshold. The "
    "spike time is an implicit function of the weight along the curve V(t, w) = ϑ. At the critical weight the curve "
    "turns: the peak of V just touches the threshold, V̇ = 0, and dt/dw = −(∂V/∂w)/V̇ diverges. Below it there is no "
    "spike at all, and the loss may jump.",
    "At a relative distance d above the critical weight, V̇ = √(2d/(τ_mem τ_syn)) ϑ to leading order, and so "
    "dt/dw = −√(τ_mem τ_syn/(2d))/w_c: a power −1/2 of the distance with a known factor. Both are measured here from "
    "a tenth down to 10⁻¹⁴, in high precision at exactly these distances. The event engine is measured against the "
    "reference on the same problems rounded to binary64.",
    "Rounding V by ε moves a spike by ε/V̇: that is what any algorithm in binary64 must be expected to lose. Within a "
    "few units of roundoff of the critical weight binary64 can no longer tell whether there is a spike; the last "
    "table shows what the engines say there. A spike with V̇ = 0 to rounding is refused by name, "
    "never smoothed.",
)


def chapter(frames: Frames) -> Chapter:
    """The critical point, the law of the approach, and the end of binary64."""
    return Chapter(
        STUDY.name, STUDY.title, _PARAGRAPHS,
        (_fits(frames["fits"]), _approach(frames["approach"]), _edge(frames["edge"])),
        (_curve(frames["curve"]), _law(frames["approach"])),
    )  # fmt: skip


def _fits(frame: pd.DataFrame) -> Table:
    columns = {
        "family": Column("time constants", "of the neuron", "name"),
        "slope": Column("slope", "of log|dt/dw| over log d, least squares for d ≤ 10⁻⁶", "exact"),
        "residual": Column("largest residual", "of the fit, in decades of dt/dw", "number"),
        "points": Column("points", "how many distances were fitted", "count"),
    }
    note = "The next term of the expansion is smaller by √d: it bends the line by about as much as the residual says."
    return Table("grazing_fits", "The exponent, fitted", note, frame, columns, "Nothing was fitted.")


def _approach(frame: pd.DataFrame) -> Table:
    columns = {
        "family": Column("time constants", "of the neuron", "name"),
        "distance": Column("d", "relative distance of the weight from the critical one", "number"),
        "spike_time": Column("spike time", "in high precision", "number", PAGE),
        "before_peak": Column("before peak", "how long before the peak of V that is", "number"),
        "vdot": Column("V̇", "slope at the spike", "number"),
        "derivative": Column("dt/dw", "in high precision", "number"),
        "law": Column("law", "the leading term, −√(τ_mem τ_syn/(2d))/w_c", "number"),
        "event_derivative": Column("event dt/dw", "by the event engine, of the rounded problem", "number", PAGE),
        "off_time": Column("event off by", "error of its spike time", "number"),
        "eps_over_vdot": Column("ε/V̇", "least error from rounding V", "number"),
        "off_derivative": Column("dt/dw off by", "relative error of its derivative", "number"),
    }
    return Table(
        name="grazing_approach",
        title="Approach to the critical weight",
        note="Threshold 1, reset 0, one input spike at t = 1.",
        frame=frame,
        columns=columns,
        empty="No distance was measured.",
        limits=(56, 200),
    )


def _edge(frame: pd.DataFrame) -> Table:
    columns = {
        "units": Column("units", "distance from the critical weight 4 in units of ε", "count"),
        "distance": Column("d", "the same as a number", "number", PAGE),
        "event_says": Column("event says", "spike, no spike, or the message of the error that it raises", width=0.25),
        "event_derivative": Column("dt/dw", "of the event engine", "optional"),
        "mp_says": Column("mp says", "the same for the reference", width=0.25),
        "mp_derivative": Column("dt/dw (mp)", "of the reference", "optional"),
    }
    return Table(
        name="grazing_edge",
        title="Within units of roundoff of the critical weight",
        note="τ_mem = 20 = 2 τ_syn, where the critical weight is exactly 4 and V can peak at exactly 1.",
        frame=frame,
        columns=columns,
        empty="Nothing was tried.",
    )


def _curve(frame: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
        ax = figure.subplots()
        every = frame[frame["branch"] != "event engine"].sort_values("time")
        critical = frame[frame["branch"] == "critical"].iloc[0]
        for rows, style in ((every[every["time"] <= critical["time"]], "-"), (every, (0, (4, 2)))):
            ax.plot(rows["weight"], rows["time"], color=INK, linestyle=style, linewidth=1.2 if style == "-" else 0.9)
        ax.axvline(critical["weight"], color=GREY, linewidth=0.6, linestyle=(0, (1, 1.5)))
        found = frame[frame["branch"] == "event engine"]
        ax.plot(found["weight"], found["time"], "o", color=BLUE, markersize=4, label="spikes of the event engine")
        ax.plot(critical["weight"], critical["time"], "o", color=RED, markersize=6, label="critical point")
        ax.annotate(r"$V(t, w) = \vartheta$", (7.6, 34), color=INK)
        ax.annotate("no spike", (1.4, 7.5), color=GREY)
        ax.set(xlim=(0, 11), ylim=(0, 62), xlabel="weight $w$  (unit of the threshold)")
        ax.set_ylabel("time $t$ since the input\n(unit of the time constants)")
        ax.legend(loc="upper right")
    caption = (
        "The curve on which the potential equals the threshold, V(t, w) = ϑ, for τ_mem = 20 = 2 τ_syn. Solid: V "
        "rises, the neuron spikes; dashed: where V would fall through the threshold if it had not been reset. At the "
        "critical point (red) the curve is vertical: the spike time has no derivative there, and to the left of it "
        "there is no spike."
    )
    alt = (
        f"A curve of spike time over weight that turns at the critical weight {number(critical['weight'])}, at time "
        f"{number(critical['time'])}, where it is vertical; {len(found)} spikes of the event engine, at weights of "
        f"{span(found['weight'])} and times of {span(found['time'])}."
    )
    return Picture("grazing_curve", "The spike time as an implicit function of the weight", caption, figure, alt)


def _law(frame: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        for name, (colour, marker) in series(frame["family"]).items():
            rows = frame[frame["family"] == name]
            left.loglog(rows["distance"], -rows["law"], color=colour, linewidth=0.8)
            left.loglog(rows["distance"], -rows["derivative"], marker, color=colour, markersize=3.5, label=_math(name))
            off = rows[rows["off_time"] > 0]
            right.loglog(off["eps_over_vdot"], off["off_time"], marker, color=colour, markersize=3.5)
        _diagonal(right, frame)
        left.set(xlabel="relative distance $d$ from the critical weight", ylabel=r"$|\mathrm{d}t/\mathrm{d}w|$")
        right.set(xlabel=r"$\epsilon/\dot V$  (unit of time)", ylabel="error of the event engine's spike time")
        left.legend(loc="upper right", handletextpad=0.2)
        for ax in (left, right):
            ax.grid(color=GREY, alpha=0.15)
    caption = (
        "Left: derivative of the spike time in high precision (dots) and the law −√(τ_mem τ_syn/(2d))/w_c (lines). "
        "Right: how far the event engine's spike times are off those of the reference, over ε/V̇, for the same "
        "weights rounded to binary64; the line is ε/V̇ itself. Spike times without any error are not drawn."
    )
    alt = (
        f"Derivatives of the spike time grow along the law, as the inverse root of the distance, "
        f"{span(frame['derivative'].abs())}; errors of spike times grow "
        f"along roundoff over the slope, up to {number(frame['off_time'].max())}."
    )
    return Picture("grazing_law", "The approach to the critical point", caption, figure, alt)


def _diagonal(ax: Axes, frame: pd.DataFrame) -> None:
    ends = np.array([frame["eps_over_vdot"].min(), frame["eps_over_vdot"].max()])
    ax.loglog(ends, ends, color=INK, linewidth=0.8, label=r"$\epsilon/\dot V$")
    ax.legend(loc="upper left")


def _math(name: str) -> str:
    return name.replace("τ_mem", r"$\tau_\mathrm{mem}$").replace("τ_syn", r"$\tau_\mathrm{syn}$")
