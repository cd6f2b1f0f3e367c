"""The spikes of one sample: inputs below, then the neurons of all populations."""

from __future__ import annotations

from matplotlib.axes import Axes

from spikeproof import Solution
from spikeproof.arguments import instance
from spikeproof_reports.paper.marks import group_names, spike_strokes
from spikeproof_reports.paper.style import GREY, INK
from spikeproof_reports.pictures.axes import TIME, one_axes


def raster(solution: Solution, sample: int = 0, *, ax: Axes | None = None) -> Axes:
    """A raster of one sample: a stroke for each spike, in the row of its channel or neuron.

    Input channels are the lowest rows, in grey, the populations lie above them in the order of the network.

    Parameters
    ----------
    solution : Solution
    sample : int
        Number of the sample.
    ax : matplotlib axes, or None
        The axes to draw on; those of a new figure if None.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    InvalidInput
        If the sample is none of the solution, or `ax` is no axes.
    """
    problem = instance("solution", solution, Solution).problem
    network, spikes = problem.network, solution.spikes.sample(sample)
    times, channels = problem.stimulus.sample(sample)
    first, size = network.n_channels, network.n_channels + network.n_neurons
    duration = float(problem.stimulus.duration)
    axes = one_axes(ax, min(1.7 + 0.09 * size, 6.0))
    shown = times <= duration
    spike_strokes(axes, times[shown].astype(float), channels[shown], size, GREY)
    spike_strokes(axes, spikes.times.astype(float), spikes.neurons + first, size, INK)
    groups = [(g.name, network.channels(g.name), 0) for g in network.inputs]
    groups += [(g.name, network.neurons(g.name), first) for g in network.populations]
    group_names(axes, [(name, rows.start + shift, rows.stop + shift) for name, rows, shift in groups])
    axes.set(xlabel=TIME, ylabel="channel, neuron", xlim=(0.0, duration))
    return axes
