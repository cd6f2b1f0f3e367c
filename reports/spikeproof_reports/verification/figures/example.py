"""The example network: all its spikes, and one neuron forward and backward in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.marks import adjoint_curves, group_names, spike_strokes
from spikeproof_reports.paper.numerals import count, number, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, INK, RC, RED, WIDTH

RASTER, TRACE = "raster", "trace"
RASTER_TITLE, TRACE_TITLE = "Spikes of an example network", "One of its neurons, forward and backward in time"
LEFT_OUT = "This figure is left out: the run recorded no example network."
TIME = "time  (unit of the time constants)"


def spike_raster(example: Mapping[str, Any]) -> Picture:
    """Input spikes and the spikes of all neurons over time, by population."""
    if not example:
        return Picture(RASTER, RASTER_TITLE, LEFT_OUT, None)
    channels = 1 + int(max(example["input_channels"], default=0))
    neurons = max((int(stop) for _, _, stop in example["populations"]), default=1)
    with rc_context(RC):
        height = float(np.clip(1.7 + 0.09 * (channels + neurons), 2.4, 3.8))
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        heights = (max(0.18, min(0.5, channels / (channels + neurons))), 1.0)
        inputs, spikes = figure.subplots(2, 1, sharex=True, height_ratios=heights)
        spike_strokes(inputs, example["input_times"], example["input_channels"], channels, GREY)
        inputs.set_ylabel("input\nchannel")
        spike_strokes(spikes, example["raster_times"], example["raster_neurons"], neurons, INK)
        _ticks_of_one(spikes, example, neurons)
        group_names(spikes, example["populations"])
        spikes.set(xlabel=TIME, ylabel="neuron", xlim=(0, example["duration"]))
    caption = (
        f"{example['title']}: {count(len(example['raster_times']))} spikes of {count(neurons)} neurons (below) "
        f"in answer to {count(len(example['input_times']))} input spikes (above). "
        f"Neuron {example['neuron']}, drawn in colour and with heavier strokes, is the one of the next figure."
    )
    own = len(example["spike_times"])
    alt = (
        f"Rasters over {number(float(example['duration']))} units of time: {count(len(example['input_times']))} input "
        f"spikes above, {count(len(example['raster_times']))} spikes of {count(neurons)} neurons below, {count(own)} "
        "of them marked."
    )
    return Picture(RASTER, RASTER_TITLE, caption, figure, alt)


def adjoint_trace(example: Mapping[str, Any]) -> Picture:
    """Potential and current of one neuron, and beneath them its adjoint variables."""
    if not example:
        return Picture(TRACE, TRACE_TITLE, LEFT_OUT, None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
        potential, current, adjoint = figure.subplots(3, 1, sharex=True, height_ratios=(1.15, 0.8, 1.15))
        for ax in (potential, current, adjoint):
            for time in example["spike_times"]:
                ax.axvline(time, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)))
        t = example["t"]
        potential.plot(t, example["v"], color=BLUE)
        potential.axhline(example["v_th"], color=RED, linestyle="--", linewidth=0.9)
        potential.annotate(
            r"$\vartheta$", (1.0, example["v_th"]), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", color=RED,
        )  # fmt: skip
        potential.set_ylabel("$V$  (unit of the threshold)")
        current.plot(t, example["i"], color=INK)
        current.set_ylabel("$I$  (unit of $V$)")
        adjoint_curves(adjoint, t, example["lambda_v"], example["lambda_i"])
        adjoint.set(xlabel=TIME, xlim=(0, example["duration"]))
        figure.align_ylabels()
    alt = (
        f"V of {span(example['v'])}, I of {span(example['i'])} forward in time; λ_V of "
        f"{span(example['lambda_v'])} and λ_I of {span(example['lambda_i'])} backward, with jumps at the "
        f"{count(len(example['spike_times']))} spikes."
    )
    return Picture(TRACE, TRACE_TITLE, _trace_caption(example), figure, alt)


def _ticks_of_one(ax: Axes, example: Mapping[str, Any], size: int) -> None:
    times, neuron = example["spike_times"], example["neuron"]
    spike_strokes(ax, times, np.full(len(times), neuron), size, RED, length=max(0.9, 0.03 * size), width=1.6)


def _trace_caption(example: Mapping[str, Any]) -> str:
    return (
        f"Neuron {example['neuron']} of the same network. Above: membrane potential V with its threshold ϑ (dashed) "
        "and synaptic current I, computed forward in time. Below: the adjoint variables, computed backward from T; "
        f"λ_V jumps at the neuron's {count(len(example['spike_times']))} spikes (dotted), and weight gradients are "
        "read off from λ_I at the arrival times of spikes."
    )
