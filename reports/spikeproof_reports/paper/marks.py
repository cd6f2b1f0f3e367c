"""Marks that several figures share: strokes of spikes, names of populations, and curves of adjoint variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from spikeproof_reports.paper.style import BLUE, GREY, ORANGE, literal


def spike_strokes(
    ax: Axes, times: Any, rows: Any, size: int, colour: str, length: float = 0.8, width: float = 0.8
) -> None:
    """One upright stroke per spike, in the row of its neuron; many spikes become pixels in the PDF."""
    rows = np.asarray(rows, dtype=float)
    ax.vlines(times, rows - length / 2, rows + length / 2, color=colour, linewidth=width, rasterized=len(rows) > 20_000)
    ax.set_ylim(-0.8, size - 0.2)
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def group_names(ax: Axes, groups: Iterable[tuple[str, int, int]]) -> None:
    """The name of each group (name, first row, row after the last) on the right, and lines between the groups."""
    for name, start, stop in groups:
        if start:
            ax.axhline(start - 0.5, color=GREY, linewidth=0.5)
        ax.annotate(
            literal(str(name)), (1.0, (start + stop - 1) / 2), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=8.5,
        )  # fmt: skip


def adjoint_curves(ax: Axes, t: Any, lambda_v: Any, lambda_i: Any) -> None:
    """The two adjoint variables of one neuron."""
    ax.axhline(0, color=GREY, linewidth=0.5)
    ax.plot(t, lambda_v, color=BLUE, label=r"$\lambda_V$")
    ax.plot(t, lambda_i, color=ORANGE, linestyle=(0, (5, 1.5)), label=r"$\lambda_I$")
    ax.set_ylabel(r"$\lambda_V,\ \lambda_I$  (loss / ($V\cdot$time))")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.6, borderaxespad=0.2)
