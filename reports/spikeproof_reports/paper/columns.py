"""A figure at the width of one column of a journal: panels one below the other, letters smaller but legible."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.legend import Legend
from matplotlib.text import Text

COLUMN = 3.3  # inches
PAGE = 9.0  # inches that a figure may be high
_LOWEST = 1.2  # inches of a panel that is still read
_SMALLER, _LEAST = 0.82, 6.0  # factor of all letters, and the least of them in points
CROWDED = "crowded"  # gid of texts that have room in a page alone, and are turned upright in a column
_ACROSS = 40  # letters of a legend that fit beside each other
_KEY = 6  # letters that the line or marker before each of them takes


class _Panel(NamedTuple):
    """Axes, with their twins, in a row and column of the figure, and the height of the row relative to the others."""

    axes: list[Axes]
    row: int
    column: int
    height: float


def in_a_column(figure: Figure) -> Figure | None:
    """A copy of `figure`, `COLUMN` wide; None if it would be higher than a page or its panels too low to be read.

    Of panels beside each other, those on the right are put below those on the left, as long as a page has room.
    """
    copy: Figure = pickle.loads(pickle.dumps(figure))
    panels = _panels(copy)
    height = float(figure.get_size_inches()[1])
    rows, columns = (1 + max(places, default=0) for places in ([p.row for p in panels], [p.column for p in panels]))
    for across in (1, 2):
        blocks = -(-columns // across)
        high = min(height * blocks, PAGE)
        if blocks > 1 and high / (rows * blocks) >= _LOWEST:
            _fold(copy, panels, rows, across, blocks)
            height = high
            break
    if height > PAGE + 1.0:
        return None
    copy.set_size_inches(COLUMN, height)
    _shrink(copy)
    for legend in [*copy.legends, *(own for ax in copy.axes if (own := ax.get_legend()))]:
        _fit(legend, copy)
    return copy


def _panels(figure: Figure) -> list[_Panel]:
    """The axes that are seen, column by column, each from the top down; twins stand together."""
    found: dict[tuple[int, int], _Panel] = {}
    for ax in figure.axes:
        spec = ax.get_subplotspec()
        if spec is not None and ax.get_visible():
            row, column = spec.rowspan.start, spec.colspan.start
            height = float(np.asarray(spec.get_gridspec().get_height_ratios())[row])
            found.setdefault((column, row), _Panel([], row, column, height)).axes.append(ax)
    return [found[place] for place in sorted(found)]


def _fold(figure: Figure, panels: Sequence[_Panel], rows: int, across: int, blocks: int) -> None:
    """Put `across` columns of panels beside each other, and the others in blocks below them."""
    heights = [next(p.height for p in panels if p.row == row) for row in range(rows)]
    grid = GridSpec(rows * blocks, across, figure=figure, height_ratios=heights * blocks)
    _label(figure, panels, across)
    for ax in figure.axes:
        if not ax.get_visible():
            ax.remove()
        for kind in ("x", "y"):
            aligned: Any = getattr(figure, "_align_label_groups", {}).get(kind)
            if aligned is not None and ax in aligned:
                aligned.remove(ax)
    for panel in panels:
        for ax in panel.axes:
            ax.set_subplotspec(grid[panel.column // across * rows + panel.row, panel.column % across])


def _label(figure: Figure, panels: Sequence[_Panel], across: int) -> None:
    """Name the axes of panels that had the names of their neighbours."""
    left = {p.row: p.axes[0] for p in panels if p.column == 0}
    for panel in panels:
        ax, first = panel.axes[0], left[panel.row]
        shares = ax.get_shared_y_axes().joined(ax, first)
        if panel.column % across == 0 and shares:
            ax.tick_params(labelleft=True)
            ax.set_ylabel("" if figure.get_supylabel() else first.get_ylabel())
    last, *others = (p.axes[0] for p in reversed(panels))
    if not last.get_xlabel() and all(ax.get_shared_x_axes().joined(ax, last) for ax in others):
        last.set_xlabel(next((ax.get_xlabel() for ax in others if ax.get_xlabel()), ""))
        for ax in others:
            ax.set_xlabel("")


def _shrink(figure: Figure) -> None:
    for text in figure.findobj(Text):
        text.set_fontsize(max(_LEAST, _SMALLER * float(text.get_fontsize())))
        if text.get_gid() == CROWDED:
            text.set_rotation(90)
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            labels = axis.get_ticklabels()  # smaller by now; those that are made later shall be so too
            if labels:
                axis.set_tick_params(which="both", labelsize=labels[0].get_fontsize())


def _fit(legend: Legend, figure: Figure) -> None:
    """Fewer columns in a legend that is too wide; one that was in a panel is put below all of them."""
    texts = [text.get_text() for text in legend.get_texts()]
    across = max(1, _ACROSS // (_KEY + max(map(len, texts), default=1)))
    private: dict[str, Any] = vars(legend)  # there is no other way to learn its columns and its place
    if private["_ncols"] <= across:
        return
    code = private["_loc_real"]
    place: Any = "outside lower center"
    if private.get("_outside_loc"):
        place = next(f"outside {name}" for name, known in Legend.codes.items() if known == code)
    size = legend.get_texts()[0].get_fontsize()
    handles = [handle for handle in legend.legend_handles if handle is not None]
    legend.remove()
    figure.legend(handles, texts, loc=place, ncols=across, fontsize=size)
