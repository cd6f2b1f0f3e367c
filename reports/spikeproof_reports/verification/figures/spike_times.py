"""Deviation of spike times against the slope at which the threshold is crossed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.decades import Decades
from spikeproof_reports.paper.numerals import count, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import GREY, INK, PALE, RC, RED, WIDTH, literal, numeral, series

NAME, TITLE = "spike_times", "Spike times are as sharp as the crossing is steep"
CELLS = 160  # of the raster that thins the points, along each axis
RASTERISE = 2000  # points from which on the PDF holds them as pixels
FINEST = 2.0**-60  # units below it belong to checks of the high-precision reference
BINS = 60  # of the band of allowed deviations


def spike_time_errors(measurements: pd.DataFrame, tolerances: pd.DataFrame) -> Picture:
    """Absolute deviation of each spike time over 1/Vdot, with the bounds, from judged measurements."""
    every = measurements[measurements["quantity"] == "spike_time"]
    rows = every[~every["tolerance"].isin(tolerances.loc[tolerances["unit"] < FINEST, "name"])]
    if rows.empty:
        return Picture(NAME, TITLE, "There is no figure of spike times: none were compared.", None)
    steep = rows["vdot"].to_numpy(float)
    rows = rows.assign(
        x=np.where(steep > 0, 1 / np.where(steep > 0, steep, 1.0), np.nan), allowed=_allowed(rows, tolerances)
    )
    xs = Decades.around(rows["x"].to_numpy(), beyond="no\nslope")
    ys = Decades.around(rows["deviation"].to_numpy(float), rows["allowed"].to_numpy())
    rows = rows.assign(at_x=xs.place(rows["x"].to_numpy()), at_y=ys.place(rows["deviation"].to_numpy(float)))
    drawn = _thinned(rows)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
        ax = figure.subplots()
        _bounds(ax, rows, tolerances, xs)
        _points(ax, drawn)
        xs.dress(ax.xaxis, zero=False, beyond=bool(rows["x"].isna().any()))
        ys.dress(ax.yaxis, beyond=not np.isfinite(rows["deviation"]).all())
        ax.set_xlabel(r"$1/\dot V$ at the spike  (unit of time per unit of $V$)")
        ax.set_ylabel("deviation of the spike time  (unit of time)")
        figure.legend(loc="outside right upper", handletextpad=0.5)
    failed, steepness = int(rows["failed"].sum()), span(rows["x"])
    alt = (
        f"{count(len(rows))} spikes: their deviations grow with the inverse slope at the threshold, {steepness}, and "
        f"{f'{count(failed)} of them are' if failed else 'none is'} beyond its bound."
    )
    return Picture(NAME, TITLE, _caption(len(rows), len(drawn), len(every) - len(rows)), figure, alt)


def _allowed(rows: pd.DataFrame, tolerances: pd.DataFrame) -> pd.Series:
    """The largest deviation each number may have; NaN where its tolerance is not among those stated."""
    unit = rows["tolerance"].map(tolerances.drop_duplicates("name").set_index("name")["unit"]).astype(float)
    return rows["bound"] * unit * rows["scale"]


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    """One point for each campaign, verdict and occupied cell of a fine raster over the figure."""
    cells = {}
    for name in ("at_x", "at_y"):
        low, high = rows[name].min(), rows[name].max()
        cells[name] = ((rows[name] - low) / max(high - low, 1e-9) * CELLS).astype(int)
    key = pd.DataFrame({"campaign": rows["campaign"], "failed": rows["failed"], **cells})
    return rows[~key.duplicated()]


def _bounds(ax: Axes, rows: pd.DataFrame, tolerances: pd.DataFrame, xs: Decades) -> None:
    usable = rows[rows["x"].notna() & np.isfinite(rows["allowed"]) & (rows["allowed"] > 0)]
    if usable.empty:
        return
    edges = np.linspace(usable["at_x"].min(), usable["at_x"].max() + 1e-9, BINS + 1)
    where = np.clip(np.digitize(usable["at_x"], edges) - 1, 0, BINS - 1)
    band = np.log10(usable["allowed"]).groupby(where).agg(["min", "max"])
    ax.bar(
        edges[band.index], band["max"] - band["min"], np.diff(edges)[band.index], band["min"], align="edge", color=PALE,
        edgecolor=PALE, linewidth=1, label="bounds of the\nsingle numbers",
    )  # fmt: skip
    stated = tolerances[tolerances["name"].isin(usable["tolerance"])]
    for number_of, (multiple, unit) in enumerate(
        stated[["multiple", "unit"]].drop_duplicates().itertuples(index=False)
    ):
        ends = np.array([xs.low, xs.high], dtype=float)
        text = (
            rf"$C\,\epsilon/\dot V$,  $C = {multiple:g}$"
            if unit == 2.0**-52
            else rf"{numeral(multiple * unit)}$/\dot V$"
        )
        ax.plot(
            ends, ends + np.log10(multiple * unit), color=INK, linestyle=("-", "--", ":")[number_of % 3], label=text
        )


def _points(ax: Axes, drawn: pd.DataFrame) -> None:
    rasterised = len(drawn) > RASTERISE
    for campaign, (colour, marker) in series(drawn["campaign"].astype(str)).items():
        rows = drawn[(drawn["campaign"] == campaign) & ~drawn["failed"]]
        ax.scatter(
            rows["at_x"], rows["at_y"], s=5, marker=marker, color=colour, linewidths=0, alpha=0.75,
            rasterized=rasterised, label=literal(campaign),
        )  # fmt: skip
    failed = drawn[drawn["failed"]]
    if len(failed):
        ax.scatter(failed["at_x"], failed["at_y"], s=26, marker="x", color=RED, linewidths=1.1, label="failed")
    ax.grid(color=GREY, alpha=0.15)


def _caption(total: int, drawn: int, finer: int) -> str:
    text = (
        "Each point is one spike: how far its time is from the reference, over the inverse slope of the membrane "
        "potential there. Rounding V by ε moves a spike by ε/V̇, so no algorithm in binary64 can do better than a "
        "line of slope 1. Lines: the part of the bounds that is due to V̇ alone; grey: smallest to largest bound "
        "of the numbers at that slope, which also carry the rounding of the time itself and the problem's "
        "conditioning. Spikes without any deviation stand in the row 0; those that are missing or not finite, if "
        "there are any, in the row at the top."
    )
    if finer:
        text += (
            f" {count(finer)} spike times of the reference, checked in a finer unit, are in the figure of errors only."
        )
    if drawn == total:
        return text
    return f"{text} Of {count(total)} points, {count(drawn)} are drawn: where many coincide, one for each campaign."
