"""The chapter on the mutation score."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof_reports.paper.chapter import Chapter, Frames
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, RC, RED, WIDTH
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_verification.experiments.studies.mutation import STUDY

_PLACES = ("forward", "adjoint", "loss", "reference")
_PARAGRAPHS = (
    "A check that cannot fail says nothing. So the engine under test is replaced by one that is wrong on purpose, and "
    "the checks of the campaign, with the tolerances of the campaign, must reject it. The mutation score is the "
    "fraction of all faults that at least one check catches. Faults of the forward pass, the adjoint pass and the "
    "losses are put into the textbook engine, a third opinion in the campaign, by replacing one of its rules each. "
    "Faults of the reference are put into the reference itself, and the agreement of its three gradients must notice. "
    "Both pass every check without a fault. A fault counts as caught only if everything it spoils is rejected: the "
    "number of quantities that failed is compared with the number that had to.",
)


def chapter(frames: Frames) -> Chapter:
    """Which faults the checks catch, by which check, and by how much."""
    faults = frames["faults"]
    return Chapter(STUDY.name, STUDY.title, _PARAGRAPHS, (_scores(faults), _faults(faults)), (_margins(faults),))


def _scores(frame: pd.DataFrame) -> Table:
    rows = []
    for place in (*_PLACES, "all"):
        own = frame if place == "all" else frame[frame["place"] == place]
        caught = int(np.sum(own["caught"]))
        rows.append((place, len(own), caught, 100.0 * caught / len(own) if len(own) else np.nan))
    columns = {
        "place": Column("place", "where the faults sit"),
        "faults": Column("faults", "how many were seeded", "count"),
        "caught": Column("caught", "how many of them a check rejected", "count"),
        "score": Column("score (%)", "caught over seeded", "number"),
    }
    return Table(
        name="mutation_scores",
        title="Mutation score by place",
        note="",
        frame=pd.DataFrame(rows, columns=list(columns)),
        columns=columns,
        empty="No fault was seeded.",
    )


def _faults(frame: pd.DataFrame) -> Table:
    columns = {
        "fault": Column("fault", "its name", width=0.25),
        "place": Column("place", "where it sits"),
        "wrong": Column("what is wrong", "in words", width=0.3),
        "caught": Column("caught", "whether a check rejected it"),
        "checks": Column("checks", "which quantities were rejected, by which tolerance", "text", PAGE),
        "problems": Column("problems", "on which of the problems", "text", PAGE),
        "failed": Column("failed", "how many numbers were rejected", "count"),
        "worst": Column("worst", "the largest finite error, in multiples of its bound", "number"),
    }
    return Table(
        name="mutation_faults",
        title="Seeded faults and what caught them",
        note="Errors of the reference are those of its agreement, whose bound is 30 digits.",
        frame=frame.assign(caught=np.where(frame["caught"].astype(bool), "yes", "no"))[list(columns)],
        columns=columns,
        empty="No fault was seeded.",
        limits=(120, 200),
    )


def _margins(frame: pd.DataFrame) -> Picture:
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 2.2), layout="constrained")
        ax = figure.subplots()
        ax.set_xscale("log")
        for row, place in enumerate(_PLACES):
            own = frame[(frame["place"] == place) & np.isfinite(frame["worst"])]
            ax.plot(own["worst"], np.full(len(own), row), "|", color=BLUE, markersize=11, markeredgewidth=1.1)
            if len(own):
                faintest = own.loc[own["worst"].idxmin()]
                text = str(faintest["fault"]).removeprefix("reference: ")
                ax.annotate(text, (faintest["worst"], row), (0, 8), textcoords="offset points", fontsize=8, color=GREY)
        largest = frame["worst"].where(np.isfinite(frame["worst"])).max()
        ax.set_xlim(0.1, 10.0 * max(1.0, largest))
        ax.axvline(1.0, color=RED, linewidth=0.8)
        ax.set_yticks(range(len(_PLACES)), _PLACES)
        ax.set_ylim(len(_PLACES) - 0.5, -0.7)
        ax.set_xlabel("largest error, in multiples of its bound")
    caption = (
        "Each stroke is a fault; the red line is the bound that an error must keep. Named is the faintest fault of "
        "each place: how small an error the checks still notice with a margin."
    )
    caught, faintest = int(frame["caught"].astype(bool).sum()), frame["worst"].min()
    alt = (
        f"{caught} of {len(frame)} faults are caught; the faintest has an error of {number(faintest)} times its bound."
    )
    return Picture("mutation_margins", "By how much the faults are caught", caption, figure, alt)
