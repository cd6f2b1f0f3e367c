"""How exact the gradients are, in one figure: their errors against the bounds, and the digits that agree."""

# ruff: noqa: RUF001 -- typographic signs are on purpose

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray

from spikeproof_reports.paper.decades import Decades
from spikeproof_reports.paper.numerals import count, number, share
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import RC, RED, SERIES, WIDTH
from spikeproof_reports.verification.headline import gradients_among, of_engines

NAME, TITLE = "errors", "Every nonzero gradient against its bound"
CAPTION = (
    "Left: errors, |actual − expected| in units of ε = 2⁻⁵² times the scale of the number, the natural size of "
    "its rounding errors; lines: the bounds. Right: digits, −log₁₀(|actual − expected| / |expected|), with no "
    "allowance for anything: few agree where a gradient is small against the terms that it sums, or where a spike "
    "grazes the threshold. Gradients are those of losses, on generated networks, and of single spike times, in the "
    "case files."
)
PER_DECADE, MOST_BINS = 5, 100
LEAST = 1e-4  # smaller errors share the column of zeros
MOST, ALL = 17, 18.0  # digits up to which bins are drawn, and where all of them are placed


def gradient_errors(measurements: pd.DataFrame, tolerances: pd.DataFrame) -> Picture:
    """Histograms of errors and agreeing digits of all gradients that are not 0 in both, from judged measurements."""
    found = gradients_among(of_engines(measurements), tolerances)
    rows = found[~found["zero"]]
    if rows.empty:
        return Picture(NAME, TITLE, "There is no figure of the gradients: no nonzero one was compared.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.7), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        _errors(left, rows)
        _digits(right, rows)
        left.set_yscale("log", nonpositive="clip")
        left.set_ylim(bottom=0.6)
        left.set_ylabel("gradients per bin")
        figure.align_xlabels([left, right])
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=3, handlelength=1.2)
    zeros = f"Not drawn: {count(int(found['zero'].sum()))} gradients that are exactly 0 in both."
    return Picture(NAME, TITLE, f"{CAPTION} {zeros}", figure, _alt(rows))


def _alt(rows: pd.DataFrame) -> str:
    error = rows["eps"].to_numpy(float)
    return (
        f"Histograms of {count(len(rows))} gradients: half have an error of at most {number(share(error, 0.5))} units "
        f"of roundoff, the largest is {number(error.max())}; {count(int(rows['failed'].sum()))} are beyond "
        "their bounds."
    )


def _errors(ax: Axes, rows: pd.DataFrame) -> None:
    error, bounds = rows["eps"].to_numpy(float), rows["eps_bound"].to_numpy(float)
    error = np.where(error < LEAST, 0.0, error)
    decades = replace(Decades.around(error, bounds), zero="less")
    half, bins = 0.3 * decades.step, min(PER_DECADE * (decades.high - decades.low), MOST_BINS)
    ends = [decades.zero_at - half, decades.zero_at + half], [decades.beyond_at - half, decades.beyond_at + half]
    edges = np.concatenate([ends[0], np.linspace(decades.low, decades.high, bins + 1), ends[1]])
    _bars(ax, rows.assign(at=decades.place(error)), edges)
    for (_, bound), colour in _colours(rows).items():
        ax.axvline(decades.place(np.array([bound]))[0], color=colour, linewidth=1.8)
    decades.dress(ax.xaxis, zero=bool((error == 0).any()), beyond=not np.isfinite(error).all())
    ax.set_xlabel("error  (ε × scale)")


def _digits(ax: Axes, rows: pd.DataFrame) -> None:
    digits = rows["digits"].to_numpy(float)
    edges = np.array([*np.arange(0, MOST + 0.5, 0.5), ALL - 0.5, ALL + 0.5])
    _bars(ax, rows.assign(at=np.where(digits < MOST, digits, ALL)), edges)
    ticks = [*range(0, MOST, 4), ALL]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FixedFormatter([*map(str, ticks[:-1]), "all"]))
    ax.set_xlabel("digits of its own size that agree")


def _bars(ax: Axes, rows: pd.DataFrame, edges: NDArray[np.float64]) -> None:
    """A histogram of the column `at` for each kind and bound, each from 0 upward; what failed is hatched."""
    kinds = _kinds(rows)
    for (kind, bound), colour in _colours(rows).items():
        at = rows.loc[(kinds == kind) & (rows["eps_bound"] == bound), "at"]
        label = f"of {kind}: {count(len(at))}, bound {count(bound)} ε"
        ax.hist(at, bins=list(edges), histtype="stepfilled", facecolor=colour, alpha=0.35)
        ax.hist(at, bins=list(edges), histtype="step", edgecolor=colour, linewidth=1.1, label=label)
    failed = rows.loc[rows["failed"], "at"]
    if len(failed):
        label = f"failed: {count(len(failed))}"
        ax.hist(failed, bins=list(edges), facecolor="white", edgecolor=RED, hatch="//////", linewidth=0.8, label=label)
    ax.grid(axis="y")


def _colours(rows: pd.DataFrame) -> dict[tuple[str, float], str]:
    """A colour for each kind of gradient and each bound in units of eps."""
    found = sorted(set(zip(_kinds(rows), rows["eps_bound"].astype(float), strict=True)))
    return {key: SERIES[rank % len(SERIES)][0] for rank, key in enumerate(found)}


def _kinds(rows: pd.DataFrame) -> NDArray[np.str_]:
    return np.where(rows["quantity"] == "spike_time_jacobian", "spike times", "losses")
