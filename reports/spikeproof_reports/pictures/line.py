"""The loss along a line in weight space, with the changes of the sequence of events."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from spikeproof import LossLine
from spikeproof.arguments import instance
from spikeproof_reports.paper.style import BLUE, GREY, INK, RED
from spikeproof_reports.pictures.axes import one_axes, styled


def loss_along(line: LossLine, *, ax: Axes | None = None) -> Axes:
    """The loss along a line in weight space, its tangent at the start, and where the sequence of events changes.

    Red lines: a spike appears or vanishes, and the loss may jump. Dotted lines: two events change order.

    Parameters
    ----------
    line : LossLine
        See `spikeproof.loss_line`.
    ax : matplotlib axes, or None
        The axes to draw on; those of a new figure if None.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    InvalidInput
        If `line` is none, or `ax` is no axes.
    """
    distances, losses = instance("line", line, LossLine).distances, line.losses
    jumps = [change.distance for change in line.changes if change.spikes]
    cuts = np.searchsorted(distances, jumps)  # no line is drawn over a jump
    with styled(ax):
        axes = one_axes(ax)
        axes.plot(np.insert(distances, cuts, np.nan), np.insert(losses, cuts, np.nan), color=BLUE, label="loss")
        low, high = axes.get_ylim()
        axes.plot(
            distances, line.loss + line.slope * distances, color=INK, linestyle=(0, (5, 1.5)), linewidth=0.8,
            label="tangent at 0",
        )  # fmt: skip
        axes.plot(0.0, line.loss, "o", color=INK, markersize=3.5)
        for spikes, colour, style, words in (
            (True, RED, "-", "a spike appears or vanishes"),
            (False, GREY, (0, (1, 1.5)), "events change order"),
        ):
            for k, place in enumerate(change.distance for change in line.changes if change.spikes == spikes):
                axes.axvline(
                    place, color=colour, linestyle=style, linewidth=0.7, zorder=0.5, label=words if not k else None
                )
        axes.set(xlabel="distance in the space of the weights", ylabel="loss", ylim=(low, high))
        axes.set_xlim(distances[0], distances[-1])
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.6, borderaxespad=0.2)
    return axes
