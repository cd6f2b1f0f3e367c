"""The chapter on events that happen at the same time."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, RC, RED, WIDTH
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.coincidence import STUDY

_TIE = Column("tie", "which events coincide", "name", width=0.2)
_PARAGRAPHS = (
    "Two events that happen at the same moment are where the order of events changes, and with it the formula of "
    "the gradient. A step in one direction makes the first of the two come first, a step against it the second. So "
    "there are two derivatives, one on each side, and an engine that returns one number returns one of them at best.",
    "Three regimes exist when neurons a and b spike together. If neither acts on the other the loss is smooth and "
    "every order gives the exact gradient. If a acts on b and b still rises after a’s spike has arrived, "
    "V̇ + w/τ > 0, the loss is continuous with a kink: the spike of b moves by 1 − V̇/(V̇ + w/τ) per unit of the time "
    "of a where a is first, and not at all where b is. If inhibition is so strong that V̇ + w/τ ≤ 0, the spike of b "
    "is cancelled on one side and the loss jumps. An arrival exactly at a crossing is of the same kind, and so is "
    "a spike exactly at the end, which one side does not have; and two maxima of V of the same height, of which one "
    "side takes the first and the other the second.",
    "Each tie is taken apart by moving one input spike. The derivative on a side is the exact one, by the adjoint, a "
    "step of 10⁻⁴⁰ off the tie; how far it can be from the limit is stated with it. It is compared with a closed "
    "form, which must lie within the stated error, and with a difference formula that uses losses of one side alone.",
    "At the tie itself all engines follow one convention: neurons that cross together all reset before anything "
    "arrives. What they return is then the derivative on the side where the spike that acts on the other does not "
    "come first. Where the two neurons act on each other there is no such side, and the number that a backward "
    "pass returns is none of the one-sided derivatives: it belongs to an order in which no neuron acts on another. "
    "The central difference is refused wherever the sides differ. A time that binary64 cannot hold exactly (an "
    "arrival at a crossing, a spike at the end) is no tie for the event engine: rounding decides on the side.",
)


def chapter(frames: Frames) -> Chapter:
    """The chapter on derivatives where two events coincide."""
    return Chapter(
        STUDY.name, STUDY.title, _PARAGRAPHS, (_sides(frames["sides"]), _engines(frames["engines"])),
        (_curves(frames["curves"]),),
    )  # fmt: skip


def _sides(frame: pd.DataFrame) -> Table:
    columns = {
        "tie": _TIE,
        "kind": Column("kind", "smooth, kink or jump"),
        "left": Column("left", "derivative of the loss where the moved input comes earlier", "number"),
        "right": Column("right", "derivative where it comes later", "number"),
        "off_closed": Column("off closed form", "largest distance of the two to their closed forms", "number"),
        "stated_error": Column("stated error", "how far the derivatives may be off the limits", "number"),
        "off_difference": Column("off difference", "largest distance to one-sided differences", "number", PAGE),
        "jump": Column("jump", "right limit of the loss minus the left one", "number"),
        "spikes_left": Column("spikes left", "number of spikes on the left", "count"),
        "spikes_right": Column("spikes right", "and on the right", "count"),
    }
    worst = {name: frame[[f"left_{name}", f"right_{name}"]].max(axis=1) for name in ("off_closed", "off_difference")}
    return Table(
        name="coincidence_sides",
        title="One-sided derivatives at ties",
        note="τ_mem = 20 = 2 τ_syn, threshold 1; the parameter is the time of one input spike.",
        frame=frame.assign(**worst)[list(columns)],
        columns=columns,
        empty="No tie was studied.",
    )


def _engines(frame: pd.DataFrame) -> Table:
    columns = {
        "tie": _TIE,
        "left": Column("left", "one-sided derivative, closed form", "number"),
        "right": Column("right", "one-sided derivative, closed form", "number"),
        "event": Column("event", "what the event engine returns", "number"),
        "mp_adjoint": Column("mp, adjoint", "what the reference returns by its adjoint", "number"),
        "mp_sensitivity": Column("mp, sensitivity", "and by its forward sensitivities", "number"),
        "central_difference": Column("central difference", "the guarded difference quotient of the reference"),
        "event_is": Column("event is", "which of the two sides that is"),
        "mp_is": Column("mp is", "the same for the reference"),
    }
    return Table(
        name="coincidence_engines",
        title="What the engines return at the tie",
        note="One number cannot be two derivatives.",
        frame=frame,
        columns=columns,
        empty="No tie was studied.",
    )


def _curves(frame: pd.DataFrame) -> Picture:
    regimes = list(dict.fromkeys(frame["regime"]))
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.3), layout="constrained")
        axes = figure.subplots(2, len(regimes), sharex=True, squeeze=False)
        for column, name in enumerate(regimes):
            rows = frame[frame["regime"] == name].sort_values("shift")
            _panel(axes[0, column], rows, "t_b")
            _panel(axes[1, column], rows, "derivative")
            axes[0, column].set_title(f"{name}\n$w_{{ba}} = {rows['w'].iloc[0]:g}$", linespacing=1.3)
            axes[1, column].set_ylim(-0.6, 0.7)
        axes[0, 0].set_ylabel("$t_b$")
        axes[1, 0].set_ylabel(r"$\mathrm{d}t_b/\mathrm{d}t_a$")
        figure.supxlabel("$t_a - t_b$ without coupling  (unit of the time constants)", fontsize=RC["axes.labelsize"])
    caption = (
        "First spike time of neuron b, and its derivative, while neuron a moves past it; a acts on b with the weight "
        "w_ba. Lines: event engine on either side of the tie. Dots: the tie itself, where it returns the derivative of "
        "the right side. Uncoupled neurons do not notice; excitation and weak inhibition make a kink; strong "
        "inhibition cancels the spike of b where a is first, and b spikes much later."
    )
    parts = []
    for name, rows in frame.groupby("regime", sort=False):
        sides = (rows.loc[rows["shift"] < 0, "derivative"], rows.loc[rows["shift"] > 0, "derivative"])
        parts.append(f"{name!s}: {span(sides[0])} before the tie, {span(sides[1])} after it")
    alt = f"The derivative of the spike time of b, by regime: {'; '.join(parts)}.".replace("\n", " ")
    return Picture("coincidence_curves", "The three regimes of coincident spikes", caption, figure, alt)


def _panel(ax: Axes, rows: pd.DataFrame, name: str) -> None:
    """Draw both sides of a curve as separate lines, and the tie as a dot."""
    ax.axvline(0.0, color=GREY, linewidth=0.6, linestyle=(0, (1, 1.5)))
    for side in (rows[rows["shift"] < 0], rows[rows["shift"] > 0]):
        ax.plot(side["shift"], side[name], color=BLUE)
    tie = rows[rows["shift"] == 0]
    ax.plot(tie["shift"], tie[name], "o", color=RED, markersize=3.5)
