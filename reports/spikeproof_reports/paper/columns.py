"""A figure at the width of one column of a journal: panels one below the other, letters smaller but legible."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text

COLUMN = 3.3  # inches
PAGE = 9.0  # inches that a figure may be high
_LOWEST = 1.2  # inches of a panel that is still read
_SMALLER, _LEAST = 0.82, 6.0  # factor of all letters, and the least of them in points
_ACROSS = 34  # letters of a legend that fit beside each other


def in_a_column(figure: Figure) -> Figure | None:
    """A copy of `figure`, `COLUMN` wide; None if it would be higher than a page or its panels too low to be read.

    Panels beside each other are put below each other as long as a page has room for them.
    """
    copy: Figure = pickle.loads(pickle.dumps(figure))
    panels = _panels(copy)
    height = float(figure.get_size_inches()[1])
    rows = max(spec.rowspan.stop for (_, spec) in panels)
    stacked = height * len(panels) / rows
    if rows < len(panels) and min(stacked, PAGE) / len(panels) >= _LOWEST:
        _stack(copy, panels)
        height = min(stacked, PAGE)
    if height > PAGE + 1.0:
        return None
    copy.set_size_inches(COLUMN, height)
    _shrink(copy)
    for legend in (*copy.legends, *(ax.get_legend() for ax in copy.axes)):
        if legend is not None:
            _fit(legend)
    return copy


def _panels(figure: Figure) -> list[tuple[list[Axes], Any]]:
    """The axes that are seen, with their place, in reading order; twins stand together."""
    found: dict[tuple[int, int], tuple[list[Axes], Any]] = {}
    for ax in figure.axes:
        spec = ax.get_subplotspec()
        if spec is not None and ax.get_visible():
            found.setdefault((spec.rowspan.start, spec.colspan.start), ([], spec))[0].append(ax)
    return [found[place] for place in sorted(found)]


def _stack(figure: Figure, panels: Sequence[tuple[list[Axes], Any]]) -> None:
    ratios = []
    for _, spec in panels:
        own = spec.get_gridspec().get_height_ratios()
        ratios.append(float(own[spec.rowspan.start]))
    grid = GridSpec(len(panels), 1, figure=figure, height_ratios=ratios)
    name = panels[0][0][0].get_ylabel()
    for row, (group, spec) in enumerate(panels):
        first = group[0]
        first.tick_params(labelleft=True, labelbottom=True)
        if not first.get_ylabel() and not figure.get_supylabel() and spec.rowspan.start == 0:
            first.set_ylabel(name)
        for ax in group:
            ax.set_subplotspec(grid[row])
    for ax in figure.axes:
        if not ax.get_visible():
            ax.remove()


def _shrink(figure: Figure) -> None:
    for text in figure.findobj(Text):
        text.set_fontsize(max(_LEAST, _SMALLER * float(text.get_fontsize())))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            labels = axis.get_ticklabels()  # smaller by now; those that are made later shall be so too
            if labels:
                axis.set_tick_params(which="both", labelsize=labels[0].get_fontsize())


def _fit(legend: Legend) -> None:
    """Fewer columns in a legend that is too wide, in the same place."""
    texts = [len(text.get_text()) for text in legend.get_texts()]
    across = max(1, _ACROSS // (max(texts, default=1) + 6))
    legend.set_ncols(min(across, getattr(legend, "_ncols", 1)))
