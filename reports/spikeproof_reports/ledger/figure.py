"""The residuals of all equations in one figure."""

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.numerals import count, span
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, RC, RED, WIDTH
from spikeproof_verification.experiments.ledger import FAILS, HOLDS

LOWEST, HIGHEST = 1e-63, 1e3  # drawn for a residual of 0 and for one that is not finite


def residual_picture(equations: pd.DataFrame, checks: pd.DataFrame) -> Picture:
    """Residuals of all checks, as printed and as corrected, in the order of the notes."""
    if checks.empty:
        return Picture("ledger_residuals", "Residuals of the equations", "No check was made.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
        _draw(figure.subplots(), equations, checks)
    caption = (
        "Residuals of all checks in the order of the notes. Dots: as printed; crosses: as printed, where the "
        "equation needs a correction or a condition; triangles: as corrected. Equations hold below the lower line "
        "and fail above the upper one. Residuals of exactly 0 are drawn at the bottom, those that are not finite at "
        "the top."
    )
    held = int((checks["outcome"] == "holds").sum())
    alt = (
        f"Residuals of {count(len(checks))} checks of equations: {count(held)} hold as printed, "
        f"{count(len(checks) - held)} do not; as corrected the residuals are {span(checks['corrected'])}."
    )
    return Picture("ledger_residuals", "Residuals of the equations", caption, figure, alt)


def _draw(ax: Axes, equations: pd.DataFrame, checks: pd.DataFrame) -> None:
    place = {name: rank for rank, name in enumerate(equations["id"])}
    x, held = checks["id"].map(place), checks["outcome"] == "holds"
    printed, corrected = (_shown(checks[column]) for column in ("printed", "corrected"))
    ax.semilogy(x[held], printed[held], "o", color=BLUE, markersize=2.5, label="as printed, holds")
    ax.semilogy(x[~held], printed[~held], "x", color=RED, markersize=3.5, label="as printed, does not")
    ax.semilogy(x, corrected, "^", color=GREEN, markersize=3, label="as corrected")
    for level in (HOLDS, FAILS):
        ax.axhline(level, color=INK, linewidth=0.8)
    ax.set(xlabel="equation, in the order of the notes", ylabel="relative residual", ylim=(LOWEST / 100, HIGHEST * 100))
    ax.grid(color=GREY, alpha=0.15)
    ax.legend(loc="center", bbox_to_anchor=(0.5, 0.745), ncols=3, handletextpad=0.2)


def _shown(residuals: pd.Series) -> pd.Series:
    return residuals.astype(float).clip(LOWEST, HIGHEST)  # NaN, which is not drawn, stays NaN
