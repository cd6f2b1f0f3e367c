"""The chapter on the equations of the EventProp derivation."""

# ruff: noqa: RUF001 -- dashes are typographic on purpose

from __future__ import annotations

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, RC, RED, WIDTH
from spikeproof_reports.paper.table import FILE, PAGE, Column, Table
from spikeproof_verification.experiments.ledger import FAILS, HOLDS
from spikeproof_verification.experiments.studies.ledger import STUDY

LOWEST, HIGHEST = 1e-63, 1e3  # what is drawn for a residual of 0 and for one that is not finite
_PARAGRAPHS = (
    "An annotated derivation of EventProp numbers its equations in two series: those that it quotes from Wunderlich "
    "and Pehle (2021), here called paper, and its own, here called notes. It has not been published: the ledger states "
    "what it prints. The ledger has all equations, with the two tables, the figure and the claims without a number.",
    "Each equation that says something about numbers is evaluated as it is printed: both of its sides, on small random "
    "networks with several spikes, with time constants and thresholds that differ from neuron to neuron, in 60 digits. "
    "Partial derivatives are central differences of simulated trajectories, spike times are found as roots, integrals "
    "by quadrature, solutions of differential equations by Taylor series; no engine of the project takes part.",
    "Notation: w_mn acts from neuron n on neuron m; + and - are the sides just after and just before an event; a dot "
    "between vectors is their scalar product, d/dw at fixed time a partial derivative; P is the softmax of what a loss "
    "compares, l the label, N the number of samples.",
    "The residual is the difference of the sides relative to the largest term. Below 10⁻²⁰ an equation holds, "
    "above 10⁻⁶ it does not; nothing may lie between. Where it does not, the correction is evaluated too. The "
    "verdict follows from the residuals of the checks: the first check of an equation is the general case, the others "
    "have a condition.",
)


def chapter(frames: Frames) -> Chapter:
    """Every equation, with its residuals and its verdict."""
    return Chapter(
        STUDY.name,
        STUDY.title,
        _PARAGRAPHS,
        ledger_tables(frames),
        (_picture(frames["equations"], frames["checks"]),),
    )


def ledger_tables(frames: Frames) -> tuple[Table, ...]:
    """How many equations have each verdict, what has to be corrected, all equations, all checks."""
    return (
        _verdicts(frames["verdicts"]),
        _corrections(frames["equations"]),
        _equations(frames["equations"]),
        _checks(frames["checks"]),
    )


_ID = Column("equation", "series and number", "name")
_STATES = Column("states", "what it says, in the notation of this project", width=0.3)
_PRINTED = Column("as printed", "residual of the equation as printed; – if it names what is not defined", "optional")
_CORRECTED = Column("as corrected", "residual of the corrected equation, where there is one", "optional")
_CORRECTION = Column("correction", "what has to be changed", width=0.24)
_CONTRADICTED = Column("contradicted", "whether a residual contradicts what is claimed", shown=FILE)


def _verdicts(frame: pd.DataFrame) -> Table:
    columns = {
        "verdict": Column("verdict", "what the residuals say"),
        "paper": Column("paper", "equations of the paper", "count"),
        "notes": Column("notes", "equations of the notes' own series", "count"),
        "unnumbered": Column("unnumbered", "tables, the figure and claims", "count"),
        "all": Column("all", "their sum", "count"),
    }
    note = "Definitions, and conventions that restate them, cannot be put to a test."
    return Table("ledger_verdicts", "Verdicts on the equations", note, frame, columns, "No equation was examined.")


def _corrections(frame: pd.DataFrame) -> Table:
    rows = frame[frame["correction"] != ""].reset_index(drop=True)
    columns = {
        "id": _ID,
        "states": _STATES,
        "correction": _CORRECTION,
        "verdict": Column("verdict", "what the residuals of all its checks say", width=0.12),
    }
    note = "The other equations hold as printed, under every condition that was tried, or define something."
    return Table(
        "ledger_corrections", "What has to be corrected, or holds under a condition", note, rows, columns,
        "Nothing has to be corrected.", limits=(200, 200),
    )  # fmt: skip


def _equations(frame: pd.DataFrame) -> Table:
    columns = {
        "id": _ID,
        "section": Column("section", "of the notes", shown=PAGE),
        "kind": Column("kind", "definition, identity, derived from what is before it, or claim", shown=PAGE),
        "states": _STATES,
        "how": Column("how checked", "what is compared with what, in the general case", width=0.26),
        "printed": _PRINTED,
        "corrected": _CORRECTED,
        "verdict": Column("verdict", "what the residuals of all its checks say", width=0.12),
        "correction": Column("correction", _CORRECTION.meaning, shown=PAGE),
        "note": Column("note", "why it cannot be checked, or what a reader should know", shown=PAGE),
        "contradicted": _CONTRADICTED,
    }
    return Table(
        "ledger_equations", "Every equation", "In the order of the notes; residuals are those of the general case.",
        frame, columns, "No equation was examined.", limits=(200, 200), alarm="contradicted",
    )  # fmt: skip


def _checks(frame: pd.DataFrame) -> Table:
    columns = {
        "id": _ID,
        "condition": Column("condition", "empty in the general case", width=0.2),
        "how": Column("how checked", "what is compared with what", width=0.34),
        "printed": _PRINTED,
        "corrected": _CORRECTED,
        "outcome": Column("outcome", "what the residuals say: holds, corrected, or fails"),
        "claim": Column("claimed", "what this project claims", shown=PAGE),
        "contradicted": _CONTRADICTED,
    }
    return Table(
        "ledger_checks", "Every check", "An equation has one row for each condition under which it was evaluated.",
        frame, columns, "No check was made.", limits=(200, 250), alarm="contradicted",
    )  # fmt: skip


def _picture(equations: pd.DataFrame, checks: pd.DataFrame) -> Picture:
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
    return Picture("ledger_residuals", "Residuals of the equations", caption, figure)


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
