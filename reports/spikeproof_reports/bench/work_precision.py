"""The chapter on work and precision: the error of the gradient against the time of a sample, for every engine."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from spikeproof_reports.bench.compare import CALIBRATION
from spikeproof_reports.bench.figures import CEILING, FLOOR, decades
from spikeproof_reports.bench.labels import name_points
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.bench.speeds import WRONG, again, gradient_error
from spikeproof_reports.bench.targets import EVENT, EXACT
from spikeproof_reports.paper.chapter import Chapter
from spikeproof_reports.paper.numerals import span
from spikeproof_reports.paper.page import Page
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREY, ORANGE, RC, RED, WIDTH
from spikeproof_reports.paper.table import FILE, PAGE, Column, Table
from spikeproof_reports.paper.verdict import Verdict

NAME, TITLE = "work_precision", "Work and precision"
UNBEATEN = "unbeaten"
_PARAGRAPHS = (
    "An engine can buy speed with accuracy: by longer time steps, by single precision, by another derivative. So each "
    "engine, at each setting that was measured, is a point here: the time of a sample, forward and backward, and the "
    "largest relative error of a weight gradient. A setting is in the name: the length of a time step, or other time "
    "constants. An engine is unbeaten on a workload if no other that runs on one core is both faster and more exact.",
    "F1 to F5 are forward only; their error is the largest of a spike time, in ms. How the error of the grid engine "
    "falls with its step, from 1 ms to 1/1024 ms, is measured in the chapter on time-stepped gradients of the "
    "verification report.",
)


def work_precision_page(record: BenchRecord) -> Page:
    """The page with the diagram and the table behind it."""
    points = work_and_precision(record)
    chapter = Chapter(NAME, TITLE, _PARAGRAPHS, (_table(points),), (_picture(points),))
    return Page(chapter, Verdict(True, _sentence(points), ()))


def work_and_precision(record: BenchRecord) -> pd.DataFrame:
    """A row for each engine on each workload: time of a sample, errors, and whether another engine beats it."""
    rows = []
    measured = record.engines[(record.engines["status"] == "measured") & (record.engines["engine"] != CALIBRATION)]
    for row in measured.to_dict("records"):
        workload, engine = row["workload"], row["engine"]
        times = _of(record.times, workload, engine)["per_sample"]
        if times.empty:
            continue
        judged = _of(record.accuracy, workload, engine)
        rows.append(
            {
                "workload": workload, "engine": engine, "microseconds": 1e6 * times.median(), "low": 1e6 * times.min(),
                "high": 1e6 * times.max(), "gradient_error": gradient_error(record, workload, engine),
                "time_error": judged["max_time_error"].max(), "loss_error": judged["loss_error"].max(),
                "cores": row["cores"], "kind": "exact" if row["exact"] else "approximate", "differs": row["differs"],
            }
        )  # fmt: skip
    columns = ["workload", "engine", "microseconds", "low", "high", "gradient_error", "time_error", "loss_error"]
    frame = pd.DataFrame(rows, columns=[*columns, "cores", "kind", "differs"])
    for name in columns[2:]:
        frame[name] = frame[name].astype("float64")
    return frame.assign(front=[UNBEATEN if _unbeaten(frame, row) else "" for row in frame.to_dict("records")])


def _of(frame: pd.DataFrame, workload: str, engine: str) -> pd.DataFrame:
    return frame[(frame["workload"] == workload) & (frame["engine"] == engine)]


def _unbeaten(frame: pd.DataFrame, row: Mapping[Hashable, Any]) -> bool:
    """Whether no engine on one core is at least as good in both and better in one; the error is that of the column."""
    error, here = _error(frame), frame["workload"] == row["workload"]
    rivals, mine = frame[here & (frame["cores"] == 1)], frame.index[here & (frame["engine"] == row["engine"])][0]
    time, off = frame.loc[mine, "microseconds"], error[mine]
    times, errors = rivals["microseconds"], error[rivals.index]
    better = (times <= time) & (errors <= off) & ((times < time) | (errors < off))
    return bool(off == off and row["cores"] == 1 and not better.any())


def _error(frame: pd.DataFrame) -> pd.Series[float]:
    """The error that counts: of the gradient, or of spike times on workloads where no gradient was judged."""
    trains = frame["gradient_error"].notna().groupby(frame["workload"]).transform("any")
    return frame["gradient_error"].where(trains, frame["time_error"])


def _sentence(points: pd.DataFrame) -> str:
    """The unbeaten engines of each workload, in words."""
    parts = []
    for workload, rows in points[points["front"] == UNBEATEN].groupby("workload", sort=False):
        ordered = rows.sort_values("microseconds")
        parts.append(f"{str(workload).upper()}: {', '.join(f'“{name}”' for name in ordered['engine'])}")
    if not parts:
        return "No engine was timed and judged."
    return f"Engines that no other on one core beats in both time and error, the fastest first: {'; '.join(parts)}."


def _table(points: pd.DataFrame) -> Table:
    columns = {
        "engine": Column("engine", "with its setting", "name"),
        "workload": Column("workload", "what was computed", "name"),
        "microseconds": Column("µs per sample", "forward and backward, median over the rounds", "number"),
        "low": Column("lowest", "of a round", "number", FILE),
        "high": Column("highest", "of a round", "number", FILE),
        "gradient_error": Column("gradient error", "largest relative error of a weight matrix", "optional"),
        "time_error": Column("spike times", "largest error where the number of spikes is right, ms", "optional"),
        "loss_error": Column("loss", "relative error", "optional"),
        "front": Column(
            "front", "unbeaten: no other engine on one core is faster and as exact, or more exact and as fast"
        ),
        "cores": Column("cores", "that it ran on", "count", PAGE),
        "kind": Column("claims", "exact spike times and gradients, or an approximation", "name", PAGE),
        "differs": Column("differs", "from the workload as it is defined; nothing if empty", width=0.2),
    }
    return Table(
        NAME, "Time and errors of every engine", "One core each, unless another number stands there.",
        points[list(columns)], columns, "Nothing was timed.", (60, 200), commands=tuple(map(again, points["workload"])),
    )  # fmt: skip


def _picture(points: pd.DataFrame) -> Picture:
    title = "Time of a sample against the error of the gradient"
    drawn = points[points["gradient_error"].notna()]
    if drawn.empty:
        return Picture(NAME, title, "There is no figure: no gradient was judged.", None)
    names = list(dict.fromkeys(drawn["workload"]))
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.5 + 2.6 * len(names)), layout="constrained")
        axes = figure.subplots(len(names), 1, squeeze=False, sharex=True).ravel()
        for ax, name in zip(axes, names, strict=True):
            _panel(ax, drawn[drawn["workload"] == name])
            ax.set_title(str(name).upper())
        axes[-1].set_xlabel("relative error of the gradient")
        figure.supylabel("time per sample, forward and backward  (µs)", fontsize=RC["axes.labelsize"])
    caption = (
        "Both axes are logarithmic; better is down and left. Line: the engines on one core that no other beats in "
        "both. Blue: this package's event engine; red: gradients wrong by a tenth or more of their norm; squares claim "
        "to be exact. Dotted: an error of 1, as wrong as no gradient at all."
    )
    return Picture(NAME, title, caption, figure, _alt(drawn))


def _alt(drawn: pd.DataFrame) -> str:
    own = drawn[drawn["engine"] == EVENT]
    if own.empty:
        return f"{len(drawn)} points; the errors of their gradients are {span(drawn['gradient_error'])}."
    fast = drawn[drawn["microseconds"] <= drawn["workload"].map(own.set_index("workload")["microseconds"])]
    others = fast.loc[~fast["engine"].isin(EXACT), "gradient_error"]
    said = f"{len(others)} as fast, with errors of {span(others)}" if len(others) else "none as fast"
    return f"The event engine has errors of {span(own['gradient_error'])}; of all other points {said}."


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    placed = []
    for row in rows.to_dict("records"):
        error = min(max(row["gradient_error"], FLOOR), CEILING)
        colour = BLUE if row["engine"] in EXACT else RED if row["gradient_error"] >= WRONG else ORANGE
        marker = "s" if row["kind"] == "exact" else "o"
        ax.plot(error, row["microseconds"], marker=marker, color=colour, markersize=5, linestyle="", zorder=4)
        placed.append((float(error), float(row["microseconds"]), str(row["engine"])))
    front = rows[rows["front"] == UNBEATEN].sort_values("gradient_error")
    ax.step(
        front["gradient_error"].clip(FLOOR, CEILING), front["microseconds"], where="post", color=GREY, linewidth=0.8,
        zorder=0,
    )  # fmt: skip
    ax.axvline(1.0, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)))
    times = [p[1] for p in placed]
    ax.set(xscale="log", yscale="log", xlim=(FLOOR, 1e5), ylim=decades(0.6 * min(times), 1.5 * max(times)))
    name_points(ax, placed)
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.grid()
