"""The chapter on maxima of V at kinks, and on the spike-count regulariser, whose "derivative" is none."""

# ruff: noqa: RUF001 -- minus signs and dashes are typographic on purpose

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import number, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, RC, RED, WIDTH
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.max_voltage import STUDY


def chapter(frames: Frames) -> Chapter:
    """Kinks of the max-voltage loss, how often they occur, and the spike-count regulariser."""
    tables = (_kinks(frames["kinks"]), _frequency(frames["frequency"]), _regulariser(frames["regulariser"]))
    return Chapter(STUDY.name, STUDY.title, _paragraphs(frames), tables, (_curve(frames["curve"]),))


def _paragraphs(frames: Frames) -> tuple[str, ...]:
    kinks, frequency = frames["kinks"], frames["frequency"]
    worst = float(((kinks["published"] - kinks["difference"]).abs() / kinks["largest"]).max())
    best = float(((kinks["complete"] - kinks["difference"]).abs() / kinks["largest"]).max())
    first, last = frequency.iloc[0], frequency.iloc[-1]
    return (
        "The max-voltage loss classifies by the largest membrane potential of each readout neuron. At a smooth "
        "maximum its adjoint is a jump of λ_V by −c/τ_mem, c the derivative of the loss with respect to the maximum, "
        "as published. But where a spike arrives that cuts a rising V, V is only continuous: the maximum sits at the "
        "arrival, moves with it, and so depends on everything that moves the presynaptic spike. There the jump "
        "belongs on the minus side of the arrival, and c V̇⁻ is to be added to the derivative of the spike that "
        "arrives. The published rule has neither.",
        f"Against differences in high precision the complete rule is off by at most {best:.1e} of the largest "
        f"derivative, the published one by {worst:.2g} of it, in the networks below.",
        "How often does that happen? In a readout of images with ten classes (784 pixels that spike once, a hidden "
        f"layer, ten leaky integrators; images of pen strokes made for the purpose) {100 * first['kinks']:.1f} % of "
        f"the maxima are kinks with weights as drawn and {100 * last['kinks']:.1f} % after a little training, which "
        "teaches inhibition to cut potentials short. The gradient of the hidden weights by the published rule is then "
        f"off by {100 * last['published_error']:.0f} % of its norm.",
        "A spike count is constant between the places where a spike appears or vanishes, so a regulariser of spike "
        "counts has the derivative 0 almost everywhere. What practice reports instead, a push on the spike times, is "
        "offered, labelled heuristic, and excluded from every claim of exactness; the last table shows why.",
    )


def _kinks(frame: pd.DataFrame) -> Table:
    columns = {
        "problem": Column("problem", "name of the generated problem", "name"),
        "network": Column("network", "topology, time constants, flavour", "text", PAGE),
        "kinks": Column("kinks", "maxima that are kinks", "count"),
        "maxima": Column("maxima", "all maxima of the problem", "count"),
        "weight": Column("weight", "one of the weights that the two rules disagree most about", "name"),
        "difference": Column("difference", "central difference in high precision", "number"),
        "complete": Column("complete", "derivative by the complete rule", "number"),
        "published": Column("published", "derivative by the published rule", "number"),
        "largest": Column("largest", "largest derivative of the problem", "number", PAGE),
    }
    title, note = "The two rules at kinks", "Generated networks with a readout of leaky integrators."
    return Table("max_voltage_kinks", title, note, frame, columns, "No kink was found.")


def _frequency(frame: pd.DataFrame) -> Table:
    columns = {
        "stage": Column("weights", "when the maxima were looked at"),
        "accuracy": Column("accuracy", "fraction of 100 held-out images that is classified correctly", "number"),
        "maxima": Column("maxima", "images times readout neurons", "count"),
        "at_start": Column("at start", "fraction of the maxima at t = 0", "number"),
        "kinks": Column("kinks", "fraction of the maxima at kinks", "number"),
        "elsewhere": Column("smooth", "fraction of the maxima elsewhere, where V is smooth or ends", "number"),
        "published_error": Column(
            "error of the published rule", "norm of the error of all weight gradients, relative to the gradient",
            "number",
        ),
        "cosine": Column("cosine", "of the angle between the two gradients", "number", PAGE),
    }  # fmt: skip
    title, note = "Kinks in a readout of images", "The same held-out images before and after training."
    return Table("max_voltage_frequency", title, note, frame, columns, "No image was classified.")


def _regulariser(frame: pd.DataFrame) -> Table:
    columns = {
        "problem": Column("problem", "name of the generated problem", "name"),
        "weight": Column("weight", "the weight with the largest reported derivative", "name"),
        "loss": Column("value", "the regulariser", "number"),
        "reported": Column("reported", "what the heuristic reports as its derivative", "number"),
        "derivative": Column("difference", "difference quotient of the value", "number"),
    }
    title, note = "The spike-count regulariser", "Half the squared distance of each neuron's spike count to 1."
    return Table("max_voltage_regulariser", title, note, frame, columns, "No regulariser was looked at.")


def _curve(frame: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2, sharex=True)
        left.plot(frame["time"], frame["largest"], color=BLUE)
        left.set_ylabel(r"$\max_t\,V$")
        right.plot(frame["time"], frame["complete"], color=BLUE, label="complete rule")
        right.plot(frame["time"], frame["published"], color=RED, linestyle=(0, (4, 2)), label="published rule")
        slope = frame["largest"].diff() / frame["time"].diff()
        middle = frame["time"] - 0.5 * frame["time"].diff()
        right.plot(middle[::4], slope[::4], "o", color=GREY, markersize=2.5, label="slope of max V")
        right.set_ylabel("derivative")
        right.legend()
        figure.supxlabel("time of the inhibitory spike  (unit of the time constants)", fontsize=RC["axes.labelsize"])
    caption = (
        "The largest V of one leaky integrator that an excitatory spike at t = 0 drives and an inhibitory one cuts "
        "short, against the time of the inhibitory one; on the right its derivative. Where the inhibitory spike "
        "comes after the smooth maximum both rules give 0, as they must."
    )
    gap = (frame["complete"] - frame["published"]).abs().max()
    alt = (
        f"The largest V is {span(frame['largest'])} over the time of the spike that ends it; its derivative is "
        f"{span(frame['complete'])} by the complete rule, from which the published one differs by up to {number(gap)}."
    )
    return Picture("max_voltage_curve", "A maximum that moves with the spike that ends it", caption, figure, alt)
