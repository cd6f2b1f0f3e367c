"""Names beside the points of a diagram with logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from spikeproof_reports.paper.style import INK, literal

_CARD = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}  # behind a name; points are drawn above it


def name_points(ax: Axes, placed: Sequence[tuple[float, float, str]]) -> None:
    """Names right of the points (x, y, name), from the highest down, or left of them if a point is in the way.

    A name gives way downward to those on the same side that it would cover. The limits of both axes must be set.
    """
    (west, east), (low, high) = np.log10(ax.get_xlim()), np.log10(ax.get_ylim())
    line, wide, names = (high - low) / 14.0, (east - west) / 22.0, list[tuple[float, float, bool]]()
    for x, y, name in sorted(placed, key=lambda p: -p[1]):
        at, height = math.log10(x), math.log10(y)
        blocked = any(
            0.1 * wide < math.log10(u) - at < 2.0 * wide and abs(math.log10(v) - height) < 1.5 * line
            for u, v, _ in placed
        )
        for other, above, left in names:  # higher names come first
            if left == blocked and abs(other - at) < 3.0 * wide and above - height < line:
                height = above - line
        names.append((at, height, blocked))
        to = 10.0 ** (at - 0.35 * wide if blocked else at + 0.35 * wide), 10.0**height
        side: Literal["left", "right"] = "right" if blocked else "left"
        ax.annotate(literal(name), (x, y), to, va="center", ha=side, fontsize=7.5, color=INK, bbox=_CARD)
