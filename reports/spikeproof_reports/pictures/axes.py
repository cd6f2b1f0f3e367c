"""New axes in the style of all figures, for pictures that are not drawn on axes of the user."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes

from spikeproof import InvalidInput
from spikeproof_reports.paper.style import RC, WIDTH

TIME = "time  (unit of the time constants)"


def styled(axes: Any) -> AbstractContextManager[Any]:
    """The context in which a picture is drawn: the style of all figures if its axes are new, else that of the user."""
    return rc_context(RC) if axes is None else nullcontext()


def one_axes(ax: Axes | None, height: float = 3.2) -> Axes:
    """The given axes, or those of a new figure that pyplot knows, and notebooks show."""
    if ax is None:
        return plt.figure(figsize=(WIDTH, height), layout="constrained").subplots()
    if not isinstance(ax, Axes):
        raise InvalidInput("ax", ax, "axes of matplotlib, or None for new ones")
    return ax


def several_axes(axes: Any, number: int, height: float = 1.5) -> list[Axes]:
    """The given axes, as many as `number`, or those of a new figure, one below the other with a common time."""
    if axes is None:
        figure = plt.figure(figsize=(WIDTH, 0.6 + height * number), layout="constrained")
        return list(np.ravel(figure.subplots(number, 1, sharex=True)))
    given = list(np.ravel(axes))
    if len(given) != number or not all(isinstance(ax, Axes) for ax in given):
        raise InvalidInput("axes", axes, f"{number} axes of matplotlib, or None for new ones")
    return given
