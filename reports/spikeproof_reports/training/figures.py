"""Learning curves, and the two rules for kinks while a network is trained."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

from spikeproof_reports.paper.numerals import number, percent
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, ORANGE, RC, RED, WIDTH

COLOURS = {"complete": BLUE, "published": RED}


def learning_curves(name: str, history: pd.DataFrame, published: float | None, *, has_rules: bool) -> Picture:
    """Loss and test error against the epoch: a thin line for each seed, a bold one for the mean."""
    several = history["rule"].nunique() > 1
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        for rule, rows in history.groupby("rule", sort=True):
            colour = COLOURS[str(rule)]
            label = f"{rule} rule" if several else "test set, mean over the seeds"
            _curves(left, rows.assign(value=rows["test_loss"]), colour, label)
            _curves(right, rows.assign(value=100.0 * (1.0 - rows["test_accuracy"])), colour, label)
        if not several:
            _mean(left, history.assign(value=history["train_loss"]), ORANGE, "while training, mean over the seeds")
            _mean(right, history.assign(value=100 - 100 * history["train_accuracy"]), ORANGE, "while training")
        if published is not None:
            right.axhline(100.0 * (1.0 - published), color=GREY, linestyle=(0, (4, 3)), linewidth=0.9)
            right.annotate(
                "published", (0.0, 100.0 * (1.0 - published)), (0, 2), xycoords=("axes fraction", "data"),
                textcoords="offset points", color=GREY, fontsize=RC["legend.fontsize"],
            )  # fmt: skip
        for axes, quantity in ((left, "loss"), (right, "errors, %")):
            _logarithmic(axes, quantity)
        left.legend()
        figure.supxlabel("epoch", fontsize=RC["axes.labelsize"])
    which = ", and the two rules in their colours" if several else ""
    caption = f"Loss and fraction of wrong answers on the test set after each epoch; thin lines: single seeds{which}."
    if not several:
        dropout = "with dropout, while the weights still change"
        caption += f" Orange: the same on the training samples, {dropout}." if has_rules else (
            " Orange: the same on the training samples, while the weights still change."
        )  # fmt: skip
    return Picture(f"{name}_curves", "Learning curves", caption, figure, _learned(history))


def silence_curves(name: str, history: pd.DataFrame) -> Picture:
    """Hidden neurons that no sample makes spike, and readout neurons without a spike."""
    several = history["rule"].nunique() > 1
    with rc_context(RC):
        spiking = history["silent"].notna().any()
        figure = Figure(figsize=(WIDTH, 2.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        second = "silent" if spiking else "spikes"
        for rule, rows in history.groupby("rule", sort=True):
            label = f"{rule} rule" if several else "mean over the seeds"
            _curves(left, rows.assign(value=rows["idle"]), COLOURS[str(rule)], label)
            _curves(right, rows.assign(value=rows[second] * (100.0 if spiking else 1.0)), COLOURS[str(rule)], label)
        left.set_ylabel("idle hidden neurons")
        left.yaxis.set_major_locator(MaxNLocator(integer=True))
        right.set_ylabel("silent readout neurons, %" if spiking else "spikes per sample")
        left.legend()
        _linear(left, right)
        figure.supxlabel("epoch", fontsize=RC["axes.labelsize"])
    right_text = (
        "the fraction of all pairs of a sample and a readout neuron without a spike"
        if spiking
        else "the mean number of spikes of the hidden layer per sample"
    )
    caption = (
        "Left: hidden neurons that no sample of the watched set makes spike. A neuron without spikes has no gradient: "
        f"where no training sample makes it spike either, it stays as it is. Right: {right_text}."
    )
    first, last = ends(history, "idle")
    alt = f"Idle hidden neurons: {number(first)} before the training, {number(last)} after it, mean over the seeds."
    return Picture(f"{name}_silence", "Silent neurons", caption, figure, alt)


def kink_curves(name: str, history: pd.DataFrame) -> Picture:
    """The fraction of maxima that are kinks, and the error of the published rule, against the epoch."""
    several = history["rule"].nunique() > 1
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        for rule, rows in history.groupby("rule", sort=True):
            label = f"trained by the {rule} rule" if several else "mean over the seeds"
            _curves(left, rows.assign(value=100.0 * rows["kinks"]), COLOURS[str(rule)], label)
            _curves(right, rows.assign(value=100.0 * rows["rule_error"]), COLOURS[str(rule)], label)
        left.set_ylabel("maxima at kinks, %")
        right.set_ylabel("error of the published rule, %")
        left.legend()
        _linear(left, right)
        figure.supxlabel("epoch", fontsize=RC["axes.labelsize"])
    caption = (
        "Left: the fraction of all maxima of V that lie at an arrival that cuts a rising V. Right: the norm of the "
        "difference between the gradient of all weights by the published rule and the exact one, relative to the "
        "exact one. Both on the same samples, the first 100 of the watched set."
    )
    kinks, errors = (ends(history, column) for column in ("kinks", "rule_error"))
    alt = (
        f"Maxima at kinks go from {percent(kinks[0])} % to {percent(kinks[1])} %; the error of the published rule goes "
        f"from {percent(errors[0])} % to {percent(errors[1])} %."
    )
    return Picture(f"{name}_kinks", "Kinks while training", caption, figure, alt)


def ends(history: pd.DataFrame, column: str) -> tuple[float, float]:
    """The mean of a column over all trainings at the first epoch, and at the last of each."""
    rows = history.sort_values("epoch", kind="stable").groupby(["rule", "seed"], sort=True)[column]
    return float(rows.first().mean()), float(rows.last().mean())


def _learned(history: pd.DataFrame) -> str:
    (loss, loss_last), (first, last) = ends(history, "test_loss"), ends(history, "test_accuracy")
    return (
        f"The loss on the test set falls from {number(loss)} to {number(loss_last)}, wrong answers from "
        f"{percent(1.0 - first)} % to {percent(1.0 - last)} %, mean over the seeds."
    ).replace("falls", "falls" if loss_last < loss else "goes")


def _logarithmic(axes: Axes, quantity: str) -> None:
    axes.set_yscale("log")
    axes.set_ylabel(quantity)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(visible=True)


def _linear(*both: Axes) -> None:
    for axes in both:
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(visible=True)


def _curves(axes: Axes, rows: pd.DataFrame, colour: str, label: str) -> None:
    for _, one in rows.groupby("seed", sort=True):
        axes.plot(one["epoch"], one["value"], color=colour, alpha=0.3, linewidth=0.6)
    _mean(axes, rows, colour, label)


def _mean(axes: Axes, rows: pd.DataFrame, colour: str, label: str) -> None:
    mean = rows.groupby("epoch", sort=True)["value"].mean()
    axes.plot(mean.index, mean, color=colour, linewidth=1.6, label=label)
