"""The chapter on how far a gradient can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, ORANGE, PINK, RC, RED, SKY, WIDTH
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.validity_radius import STUDY

_COLOURS = (BLUE, ORANGE, GREEN, PINK, SKY, INK)
JUMP = 0.5  # steps of a curve from which on its line is broken
_PARAGRAPHS = (
    "A gradient is exact at one point. How far does it say anything? As long as the sequence of events stays the same "
    "— every neuron spikes as often, and between the same arrivals — the loss is a smooth function. Where two events "
    "change order it may have a kink, and where a spike appears or vanishes it may jump; the gradient is blind to "
    "both. The validity radius is the distance along the negative gradient of the weights to the first such change, "
    "as a Euclidean length in the space of all weights.",
    "It is found by bisection on the sequence of events for generated networks and for the Yin-Yang network with its "
    "initial weights on single test samples. The reference confirms each: it sees the same sequence a millionth "
    "inside the radius and another one a millionth outside. The distance to the first spike that appears or vanishes "
    "is given as well. The largest learning rate of plain gradient descent that stays within the radius is the "
    "radius divided by the length of the gradient.",
    "Within the radius the change of the loss is compared with its linear prediction, the derivative times the "
    "distance. At a small fraction of the radius they must agree. How well they do at the whole of it depends on the "
    "case: where a spike is about to vanish its time moves with the square root of the distance that is left, and no "
    "line predicts that.",
)


def chapter(frames: Frames) -> Chapter:
    """The validity radius of generated networks and of the Yin-Yang network."""
    radii = frames["radii"]
    return Chapter(
        STUDY.name, STUDY.title, _PARAGRAPHS, (_radii(radii), _predictions(radii)),
        (_picture(frames["curves"], radii),),
    )  # fmt: skip


def _radii(frame: pd.DataFrame) -> Table:
    columns = {
        "case": Column("case", "name of the problem", "name"),
        "kind": Column("kind", "what kind of network it is", width=0.14),
        "size": Column("|w|", "length of the vector of all weights", "number", PAGE),
        "slope": Column("|gradient|", "length of the gradient", "number"),
        "radius": Column("radius", "distance to the first change of the event sequence", "number"),
        "relative": Column("radius/|w|", "the same relative to the weights", "number"),
        "rate": Column("rate", "largest learning rate of plain gradient descent that stays within", "number"),
        "change": Column("change", "what changes there", width=0.15),
        "spike_radius": Column("to a spike", "distance to the first spike that appears or vanishes", "number"),
        "spike_change": Column("which", "the spike that does", width=0.15),
    }
    note = "Along the negative gradient, or as far as all weights together are long."
    return Table("validity_radius_radii", "Validity radii", note, frame[list(columns)], columns, "No case.")


def _predictions(frame: pd.DataFrame) -> Table:
    columns = {
        "case": Column("case", "name of the problem", "name"),
        "loss": Column("loss", "where the gradient was taken", "number"),
        "predicted": Column("predicted", "linear prediction of the change of the loss at the radius", "number"),
        "actual": Column("actual", "the change a millionth before the radius", "number"),
        "ratio_hundredth": Column("at 1 %", "actual over predicted change at 1 % of the radius", "number", PAGE),
        "ratio_tenth": Column("at 10 %", "the same", "number"),
        "ratio_half": Column("at 50 %", "the same", "number"),
        "ratio_full": Column("at 100 %", "a millionth before the radius", "number"),
        "jump": Column("across", "change of the loss from a millionth before to a millionth behind", "number"),
    }
    return Table(
        name="validity_radius_predictions",
        title="Linear prediction and what the loss does",
        note="A number in the last column that is not far smaller than the others in its row is a jump.",
        frame=frame[list(columns)],
        columns=columns,
        empty="No case.",
    )


def _picture(curves: pd.DataFrame, radii: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        _losses(left, curves)
        _distances(right, radii)
    caption = (
        "Left: change of the loss along the negative gradient, in units of what the gradient predicts for the "
        "validity radius, over the distance in units of the radius (dotted); dashed: the prediction. Lines are broken "
        "where the loss jumps; one of them leaves the frame there. Right: distance to the first change of the event "
        "sequence (dots) and to the first spike that appears or vanishes (crosses), relative to the length of the "
        "weight vector."
    )
    alt = (
        f"Losses follow their linear prediction up to the first change of the sequence of events, then leave it; that "
        f"distance is {span(radii['relative'])} of the length of the weights, the distance to a spike "
        f"{span(radii['spike_relative'])}."
    )
    return Picture("validity_radius", "How far a gradient is valid", caption, figure, alt)


def _losses(ax: Axes, curves: pd.DataFrame) -> None:
    ax.axvline(1.0, color=GREY, linewidth=0.6, linestyle=(0, (1, 1.5)))
    ends = np.array([0.0, curves["fraction"].max()])
    for colour, (name, rows) in zip(_COLOURS, curves.groupby("case", sort=False), strict=False):
        ordered = rows.sort_values("fraction")
        parts = (ordered["actual"].diff().abs() > JUMP).cumsum()
        for number, (_, part) in enumerate(ordered.groupby(parts)):
            ax.plot(part["fraction"], part["actual"], color=colour, label=None if number else str(name))
    ax.plot(ends, -ends, color=INK, linestyle="--", linewidth=0.8)
    ax.set(ylim=(-4.2, 1.2), xlabel="distance / radius", ylabel="change of the loss / prediction at the radius")
    ax.legend(loc="lower left", handlelength=1.2)


def _distances(ax: Axes, radii: pd.DataFrame) -> None:
    rows = radii.iloc[::-1].reset_index(drop=True)
    at = np.arange(len(rows))
    ax.hlines(at, rows["relative"], rows["spike_relative"], color=GREY, linewidth=0.6)
    ax.semilogx(rows["spike_relative"], at, "x", color=RED, markersize=4.5, label="a spike")
    ax.semilogx(rows["relative"], at, "o", color=BLUE, markersize=3.5, label="any change")
    ax.set_yticks(at, list(rows["case"]))
    ax.set_xlabel("distance / length of the weight vector")
    ax.grid(axis="x", color=GREY, alpha=0.15)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, handletextpad=0.2, borderaxespad=0.1)
