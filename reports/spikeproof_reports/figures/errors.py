"""Distribution of the errors against their bounds."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports import quantities
from spikeproof_reports.figures.decades import Decades
from spikeproof_reports.figures.picture import Picture
from spikeproof_reports.figures.style import BLUE, INK, RC, RED, WIDTH, literal, numeral
from spikeproof_reports.numerals import count

NAME, TITLE = "errors", "Distribution of the errors against their bounds"
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
    decades = Decades.around(measurements["error"].to_numpy(float), measurements["bound"].to_numpy(float))
    with rc_context(RC):
        figure = _draw([(key, groups[key]) for key in keys], decades)
    return Picture(NAME, TITLE, CAPTION, figure)


def _draw(panels: list[tuple[tuple[str, str], pd.DataFrame]], decades: Decades) -> Figure:
    across = 2 if len(panels) > 1 else 1
    down = -(-len(panels) // across)
    figure = Figure(figsize=(WIDTH, 0.7 + 1.55 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
    beyond = any(not np.isfinite(rows["error"]).all() for _, rows in panels)
    for ax, ((quantity, tolerance), rows) in zip(axes, panels, strict=False):
        _panel(ax, rows, decades)
        ax.set_title(f"{literal(quantities.label(quantity))}   ({literal(tolerance)})")
    for ax in axes[len(panels) :]:
        ax.set_visible(False)
    decades.dress(axes[0].xaxis, beyond=beyond)
    for ax in axes[max(0, len(panels) - across) : len(panels)]:
        ax.tick_params(labelbottom=True)
    figure.supxlabel("error / (unit × scale)  (no dimension)", fontsize=RC["axes.labelsize"])
    figure.supylabel("compared numbers per bin", fontsize=RC["axes.labelsize"])
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, decades: Decades) -> None:
    at = decades.place(rows["error"].to_numpy(float))
    failed = rows["failed"].to_numpy(bool)
    edges = _edges(decades)
    ax.hist(at[~failed], bins=list(edges), color=BLUE, edgecolor="white", linewidth=0.3)
    ax.hist(at[failed], bins=list(edges), facecolor="white", edgecolor=RED, hatch="//////", linewidth=0.8)
    for bound in np.unique(rows["bound"].to_numpy(float)):
        # a bound of 0 is drawn right of the column of zeros: only those pass
        line = decades.zero_at + 0.5 * decades.step if bound == 0 else decades.place(np.array([bound]))[0]
        ax.axvline(line, color=INK, linewidth=1.1)
    ax.set_yscale("log", nonpositive="clip")
    ax.set_ylim(bottom=0.6)
    ax.grid(axis="y")
    ax.text(0.985, 0.95, _text(rows), transform=ax.transAxes, ha="right", va="top", fontsize=8, linespacing=1.35)


def _edges(decades: Decades) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Bin edges: one bin for 0, the same for what is not finite, at most `MOST_BINS` between."""
    half = 0.3 * decades.step
    bins = min(PER_DECADE * (decades.high - decades.low), MOST_BINS)
    ends = [decades.zero_at - half, decades.zero_at + half], [decades.beyond_at - half, decades.beyond_at + half]
    return np.concatenate([ends[0], np.linspace(decades.low, decades.high, bins + 1), ends[1]])


def _text(rows: pd.DataFrame) -> str:
    failed = int(rows["failed"].sum())
    bounds = " or ".join(numeral(bound) for bound in np.unique(rows["bound"].to_numpy(float))[:3])
    lines = [
        f"{count(len(rows))} numbers, {count(failed)} failed",
        f"bound {bounds}, worst {numeral(rows['error'].max())}",
    ]
    return (
        "\n".join(lines)
        if np.isfinite(rows["error"]).all()
        else "\n".join([lines[0], f"bound {bounds}, not all finite"])
    )
