"""The spikes of one sample: inputs below, then the neurons of all populations."""

from __future__ import annotations

from matplotlib.axes import Axes

from spikeproof import Solution
from spikeproof.arguments import instance
from spikeproof_reports.paper.marks import group_names, spike_strokes
from spikeproof_reports.paper.style import GREY, INK
from spikeproof_reports.pictures.axes import TIME, one_axes, styled


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
    groups = [(g.name, network.channels(g.name), 0) for g in network.inputs]
    groups += [(g.name, network.neurons(g.name), first) for g in network.populations]
    places = [(name, rows.start + shift, rows.stop + shift) for name, rows, shift in groups]
    shown = times <= duration
    with styled(ax):
        axes = one_axes(ax, min(1.7 + 0.09 * size, 6.0))
        spike_strokes(axes, times[shown].astype(float), channels[shown], size, GREY)
        spike_strokes(axes, spikes.times.astype(float), spikes.neurons + first, size, INK)
        group_names(axes, places)
        ends = {row: str(row - start) for _, start, stop in places for row in (start, stop - 1)}
        axes.set_yticks(list(ends), list(ends.values()))
        axes.set(xlabel=TIME, ylabel="channel, neuron", xlim=(0.0, duration))
    return axes
