"""The figures of the benchmark report."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from spikeproof_reports.bench.compare import CALIBRATION
from spikeproof_reports.bench.labels import name_points
from spikeproof_reports.bench.ratios import speedup
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.bench.speeds import WRONG, gradient_error, rates, timed_workloads
from spikeproof_reports.bench.targets import EVENT, EXACT, MEGABYTE, OWN
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, RC, RED, WIDTH, literal

FLOOR, CEILING = 1e-17, 1e3  # where errors of 0, and infinite or larger ones, are drawn


def speed_picture(record: BenchRecord) -> Picture:
    """Bars of speed for each workload; engines whose gradients are wrong are hatched."""
    title = "Samples per second"
    caption = (
        "Median over rounds on a logarithmic axis, the event engine first; the number is how many times as fast it is. "
        "Hatched: engines whose weight gradients are wrong by a tenth or more of their norm, or, forward only, which "
        "miss spikes or find too many. F1 to F5: forward runs per second."
    )
    names = timed_workloads(record)
    if not names:
        return Picture("bench_speed", title, "There is no figure: nothing was timed.", None)
    counts = [len(rates(record, name)) for name in names]
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.6 + sum(0.35 + 0.24 * n for n in counts)), layout="constrained")
        axes = figure.subplots(len(names), 1, squeeze=False, height_ratios=[n + 1 for n in counts]).ravel()
        for ax, name in zip(axes, names, strict=True):
            _bars(ax, record, name)
        axes[-1].set_xlabel("samples per second")
    return Picture("bench_speed", title, caption, figure, _speed_alt(record, names))


def _speed_alt(record: BenchRecord, names: Sequence[str]) -> str:
    parts = []
    for name in names:
        speeds = rates(record, name)
        fastest = speeds.idxmax()
        own = f", the event engine {number(speeds[EVENT])}" if EVENT in speeds and fastest != EVENT else ""
        parts.append(f"on {name.upper()} {fastest} computes most, {number(speeds.max())} samples a second{own}")
    return f"Bars of samples per second: {'; '.join(parts)}."


def _bars(ax: Axes, record: BenchRecord, workload: str) -> None:
    speeds = rates(record, workload)
    for place, (engine, rate) in enumerate(speeds.items()):
        wrong = _wrong(record, workload, str(engine))
        ax.barh(
            place, rate, height=0.7, color="white" if wrong else BLUE if engine in EXACT else GREEN,
            edgecolor=RED if wrong else "none", hatch="////" if wrong else None, linewidth=0.8,
        )  # fmt: skip
        ratio = speedup(record.times, workload, EVENT, str(engine)).median
        text = "" if engine == EVENT or ratio != ratio else f"  ×{number(ratio)}"
        ax.annotate(text, (rate, place), va="center", fontsize=7.5, color=INK)
    ax.set_yticks(range(len(speeds)), [literal(str(engine)) for engine in speeds.index])
    ax.invert_yaxis()
    ax.set_xscale("log")
    ax.set_xlim(*decades(speeds.min(), 3.0 * speeds.max()))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_title(workload.upper())


def decades(low: float, high: float) -> tuple[float, float]:
    """Powers of ten around positive numbers."""
    return 10.0 ** math.floor(math.log10(0.9 * low)), 10.0 ** math.ceil(math.log10(1.1 * high))


def error_picture(record: BenchRecord) -> Picture:
    """Speed against the error of the gradient, one panel for each training workload."""
    title = "Speed and the error of the gradient"
    caption = (
        "Each engine's samples per second against the largest relative error of its weight gradients, both "
        "logarithmic; better is up and left. The dotted line is an error of 1: as wrong as no gradient at all. "
        "Circles compute in time steps or with surrogates, squares claim to be exact."
    )
    names = [name for name in timed_workloads(record) if (record.gradients["workload"] == name).any()]
    if not names:
        return Picture("bench_errors", title, "There is no figure: no gradient was judged.", None)
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.5 + 2.5 * len(names)), layout="constrained")
        axes = figure.subplots(len(names), 1, squeeze=False, sharex=True).ravel()
        for ax, name in zip(axes, names, strict=True):
            _points(ax, record, name)
        axes[-1].set_xlabel("relative error of the gradient")
        figure.supylabel("samples per second", fontsize=RC["axes.labelsize"])
    return Picture("bench_errors", title, caption, figure, _error_alt(record, names))


def _error_alt(record: BenchRecord, names: Sequence[str]) -> str:
    errors = {(n, str(e)): gradient_error(record, n, str(e)) for n in names for e in rates(record, n).index}
    own = [error for (_, engine), error in errors.items() if engine == EVENT]
    peers = [error for (_, engine), error in errors.items() if engine not in OWN and error == error]
    wrong = sum(error >= WRONG for error in peers)
    first = f"The event engine's gradients are off by {number(max(own))} at most" if own else "No event engine"
    return f"{first}; {wrong} of {len(peers)} points of other packages are off by a tenth or more."


def _points(ax: Axes, record: BenchRecord, workload: str) -> None:
    speeds, exact = rates(record, workload), set(record.engines.loc[record.engines["exact"], "engine"])
    placed = []
    for engine, rate in speeds.items():
        error = gradient_error(record, workload, str(engine))
        if error == error:
            colour = BLUE if engine in EXACT else RED if error >= WRONG else ORANGE
            marker = "s" if engine in exact else "o"
            error = min(max(error, FLOOR), CEILING)
            ax.plot(error, rate, marker=marker, color=colour, markersize=5, linestyle="", zorder=4)
            placed.append((error, float(rate), str(engine)))
    ax.axvline(1.0, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)))
    ax.set(xscale="log", yscale="log", xlim=(FLOOR, 1e5))
    if placed:
        ax.set_ylim(*decades(0.6 * min(p[1] for p in placed), 1.5 * max(p[1] for p in placed)))
    ax.yaxis.set_minor_formatter(NullFormatter())
    name_points(ax, placed)
    ax.set_title(workload.upper())
    ax.grid()


def memory_picture(record: BenchRecord) -> Picture:
    """Peak memory and first-call time of each engine on each workload."""
    title = "Peak memory, and seconds before the first step is done"
    caption = (
        "Left: most resident memory of the whole process; right: import, building and first step, stacked. "
        "This package's kernels were compiled before, as after the first use of an install; the start-up targets "
        "measure both."
    )
    rows = record.engines[(record.engines["status"] == "measured") & (record.engines["engine"] != CALIBRATION)]
    if rows.empty:
        return Picture("bench_memory", title, "There is no figure: nothing ran.", None)
    labels = [literal(f"{r['workload'].upper()}  {r['engine']}") for r in rows.to_dict("records")]
    with rc_context(RC):
        figure = Figure(figsize=(WIDTH, 0.8 + 0.21 * len(rows)), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        places = np.arange(len(rows))
        left.barh(places, rows["memory"] / MEGABYTE, height=0.7, color=BLUE)
        left.axvline(200.0, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)))
        left.set_xlabel("peak memory  (MB)")
        start = np.zeros(len(rows))
        for column, colour in (("import_seconds", PALE), ("build_seconds", GREEN), ("first_seconds", ORANGE)):
            seconds = rows[column].fillna(0.0).to_numpy(float)
            right.barh(places, seconds, left=start, height=0.7, color=colour, label=column.split("_")[0])
            start = start + seconds
        right.set_xlabel("seconds")
        right.legend(loc="lower right")
        left.set_yticks(places, labels)
        left.invert_yaxis()
    return Picture("bench_memory", title, caption, figure, _memory_alt(rows))


def _memory_alt(rows: pd.DataFrame) -> str:
    known = rows[rows["memory"].notna()].sort_values("memory", kind="stable")
    first = f"The longest first step takes {number(rows['first_seconds'].max())} s"
    if known.empty:
        return f"{first}."
    least, most = (known.iloc[n] for n in (0, -1))
    sizes = [
        f"{row['engine']} on {row['workload'].upper()}, {number(row['memory'] / MEGABYTE)} MB" for row in (least, most)
    ]
    return f"{first}; least memory has {sizes[0]}, most {sizes[1]}."


def scaling_picture(record: BenchRecord) -> Picture:
    """Time of a step against each size, and time per event."""
    title = "Scaling of the event engine"
    caption = (
        "Seconds of a training step (circles, left axes) against what varies, both logarithmic, and microseconds per "
        "event (squares, right axes): a flat line of squares means that time grows with events alone."
    )
    curves = list(dict.fromkeys(record.scaling["curve"]))
    if not curves:
        return Picture("bench_scaling", title, "There is no figure: scaling was not measured.", None)
    with rc_context(RC):
        down = -(-len(curves) // 3)
        figure = Figure(figsize=(WIDTH, 0.4 + 2.0 * down), layout="constrained")
        axes = figure.subplots(down, 3, squeeze=False).ravel()
        for place, (ax, curve) in enumerate(zip(axes, curves, strict=False)):
            last = place % 3 == 2 or place == len(curves) - 1
            _curve(ax, record.scaling[record.scaling["curve"] == curve], last=last)
            ax.set_xlabel(literal(str(curve)))
        for ax in axes[len(curves) :]:
            ax.set_visible(False)
        figure.supylabel("seconds per step", fontsize=RC["axes.labelsize"])
    return Picture("bench_scaling", title, caption, figure, _scaling_alt(record))


def _scaling_alt(record: BenchRecord) -> str:
    parts = []
    for curve, rows in record.scaling.assign(cost=1e6 * record.scaling["seconds"] / record.scaling["events"]).groupby(
        "curve", sort=False
    ):
        parts.append(f"{curve}: {number(rows['cost'].min())} to {number(rows['cost'].max())}")
    return f"Microseconds per event along each curve: {'; '.join(parts)}."


def _curve(ax: Axes, rows: pd.DataFrame, *, last: bool) -> None:
    """One curve; the right axis is named where `last` says that nothing is right of it."""
    rows = rows.sort_values("x")
    seconds, cost = rows["seconds"], 1e6 * rows["seconds"] / rows["events"]
    ax.plot(rows["x"], seconds, color=BLUE, marker="o", markersize=3.5)
    ax.set(xscale="log", yscale="log", ylim=decades(seconds.min(), seconds.max()))
    ax.set_xticks(rows["x"], [f"{x:.3g}" if x < 1000 else f"{x:.0f}" for x in rows["x"]], fontsize=7)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(NullFormatter())
    ax.xaxis.set_minor_locator(NullLocator())
    other = ax.twinx()
    other.plot(rows["x"], cost, color=ORANGE, marker="s", markersize=3, linewidth=0.7)
    other.set_ylim(0.0, max(1.6 * float(cost.median()), 1.1 * float(cost.max())))
    other.tick_params(labelsize=7, colors=ORANGE)
    other.spines["right"].set_visible(True)
    if last:
        other.set_ylabel("µs per event", color=ORANGE, fontsize=8)


def _wrong(record: BenchRecord, workload: str, engine: str) -> bool:
    error = gradient_error(record, workload, engine)
    if error == error:
        return error >= WRONG
    rows = record.accuracy[(record.accuracy["workload"] == workload) & (record.accuracy["engine"] == engine)]
    return bool((rows["missed"] + rows["extra"]).sum())
