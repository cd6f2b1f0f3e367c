"""Distribution of the errors against their bounds."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.decades import Decades
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, INK, RC, RED, WIDTH, literal, numeral

NAME, TITLE = "errors_by_quantity", "Distribution of the errors against their bounds"
CAPTION = (
    "One panel for each quantity and tolerance: how many compared numbers have an error of that size, counted in the "
    "tolerance's unit times the scale of each number; both axes are logarithmic. The vertical line is the bound; "
    "errors beyond it are hatched. Errors of exactly 0 stand in a column of their own at the left; "
    "errors that are infinite or no number, if there are any, at the right. Nothing is left out."
)
PER_DECADE, MOST_BINS = 5, 100


def error_distribution(measurements: pd.DataFrame) -> Picture:
    """Histograms of the errors of judged measurements, one panel per quantity and tolerance."""
    if measurements.empty:
        return Picture(NAME, TITLE, "There is no figure of the errors: nothing was compared.", None)
    groups = {(str(q), str(t)): rows for (q, t), rows in measurements.groupby(["quantity", "tolerance"], observed=True)}
    order = quantities.ordered(quantity for quantity, _ in groups)
    keys = sorted(groups, key=lambda key: (order.index(key[0]), key[1]))
    with rc_context(RC):
        figure = _draw([(key, groups[key]) for key in keys])
    failed = int(measurements["failed"].sum())
    alt = (
        f"Histograms of the errors of {count(len(measurements))} numbers in {count(len(keys))} panels: "
        f"{f'{count(failed)} are beyond their bounds' if failed else 'none is beyond its bound'}."
    )
    return Picture(NAME, TITLE, CAPTION, figure, alt)


def _draw(panels: list[tuple[tuple[str, str], pd.DataFrame]]) -> Figure:
    across = 2 if len(panels) > 1 else 1
    down = -(-len(panels) // across)
    figure = Figure(figsize=(WIDTH, 0.4 + 1.75 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharey=True).ravel()
    for ax, ((quantity, tolerance), rows) in zip(axes, panels, strict=False):
        highest = _panel(ax, rows)
        ax.set_title(f"{literal(quantities.label(quantity))} ({literal(tolerance)})\n{_text(rows)}", linespacing=1.3)
        ax.set_ylim(0.6, max(ax.get_ylim()[1], 2 * highest))
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    figure.supxlabel("error / (unit × scale)  (no dimension)", fontsize=RC["axes.labelsize"])
    figure.supylabel("compared numbers per bin", fontsize=RC["axes.labelsize"])
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> float:
    """The height of the highest bar, after the histogram of one quantity and tolerance was drawn."""
    decades = Decades.around(rows["error"].to_numpy(float), rows["bound"].to_numpy(float))
    at = decades.place(rows["error"].to_numpy(float))
    failed = rows["failed"].to_numpy(bool)
    edges = _edges(decades)
    passing, *_ = ax.hist(at[~failed], bins=list(edges), color=BLUE, edgecolor="white", linewidth=0.3)
    failing, *_ = ax.hist(at[failed], bins=list(edges), facecolor="white", edgecolor=RED, hatch="//////", linewidth=0.8)
    for bound in np.unique(rows["bound"].to_numpy(float)):
        # a bound of 0 is drawn right of the column of zeros, which alone pass
        line = decades.zero_at + 0.5 * decades.step if bound == 0 else decades.place(np.array([bound]))[0]
        ax.axvline(line, color=INK, linewidth=1.1)
    ax.set_yscale("log", nonpositive="clip")
    ax.grid(axis="y")
    decades.dress(ax.xaxis, beyond=not np.isfinite(rows["error"]).all())
    return float(max(np.max(passing), np.max(failing)))


def _edges(decades: Decades) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Bin edges: one bin for 0, the same for what is not finite, at most `MOST_BINS` between."""
    half = 0.3 * decades.step
    bins = min(PER_DECADE * (decades.high - decades.low), MOST_BINS)
    ends = [decades.zero_at - half, decades.zero_at + half], [decades.beyond_at - half, decades.beyond_at + half]
    return np.concatenate([ends[0], np.linspace(decades.low, decades.high, bins + 1), ends[1]])


def _text(rows: pd.DataFrame) -> str:
    worst = numeral(rows["error"].max()) if np.isfinite(rows["error"]).all() else "not finite"
    bounds = " or ".join(numeral(bound) for bound in np.unique(rows["bound"].to_numpy(float))[:3])
    return f"{count(len(rows))} numbers, {count(int(rows['failed'].sum()))} failed; bound {bounds}, worst {worst}"
