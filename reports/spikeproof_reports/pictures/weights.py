"""Maps of weights, or of numbers shaped like them, such as gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from spikeproof import InvalidInput, Network
from spikeproof.arguments import instance
from spikeproof.numbers import finite
from spikeproof_reports.paper.style import PALE, literal
from spikeproof_reports.pictures.axes import one_axes, styled


def weight_map(
    network: Network, values: Mapping[str, Any], projection: str, *, label: str = "", ax: Axes | None = None
) -> Axes:
    """A map of the weights of one projection, or of their gradients: a row per source, a column per target.

    White is 0, blue negative and red positive, with the same range on both sides. Pairs that a sparse projection does
    not connect are grey.

    Parameters
    ----------
    network : Network
    values : mapping from projection name to array shaped like its weights
        Such as ``parameters.weights``, ``solution.gradients.weights`` or ``solution.gradients.delays``.
    projection : str
        Name of the projection.
    label : str
        The meaning of the numbers, beside the colour bar.
    ax : matplotlib axes, or None
        The axes to draw on; those of a new figure if None.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    InvalidInput
        If there is no such projection, it has no values or others than its shape allows, or `ax` is no axes.
    """
    instance("label", label, str)
    known = {p.name: p for p in instance("network", network, Network).projections}
    if not isinstance(projection, str) or projection not in known:
        raise InvalidInput("projection", projection, f"one of {list(known)}")
    if not isinstance(values, Mapping) or projection not in values:
        raise InvalidInput("values", values, f"a mapping with the key {projection!r}")
    own = known[projection]
    given = np.asarray(finite(f"values[{projection!r}]", values[projection]), dtype=np.float64)
    if given.shape != network.weight_shape(own):
        raise InvalidInput(f"values[{projection!r}]", f"shape {given.shape}", f"shape {network.weight_shape(own)}")
    there = np.asarray(network.as_matrices({projection: np.ones(given.shape)})[projection], dtype=bool)
    matrix = np.ma.masked_where(~there, network.as_matrices({projection: given})[projection])
    largest = float(np.max(np.abs(given), initial=0.0)) or 1.0
    with styled(ax):
        axes = one_axes(ax)
        axes.set_facecolor(PALE)
        image = axes.imshow(matrix, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto", interpolation="nearest")
        axes.figure.colorbar(image, ax=axes, label=literal(label))
        axes.set(xlabel=literal(f"{own.post}, neuron"), ylabel=literal(f"{own.pre}, neuron or channel"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
    return axes
