"""The tables of the benchmark report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from spikeproof_reports.bench.compare import CALIBRATION
from spikeproof_reports.bench.ratios import speedup
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.bench.speeds import again
from spikeproof_reports.bench.targets import EVENT, MEGABYTE, targets_met
from spikeproof_reports.paper.printed import NAME, Printed
from spikeproof_reports.paper.table import FILE, PAGE, Column, Table

_WORKLOAD = Column("workload", "what was computed", "name")
_ENGINE = Column("engine", "the engine that computed it", "name")
_INTERVAL = {
    "mean": Column("mean", "geometric mean over the rounds, or starts", "optional", PAGE),
    "lower": Column(
        "95 % from", "confidence interval of this mean, by Student's t of the logarithms", "optional", PAGE
    ),
    "upper": Column("to", "its end", "optional", PAGE),
}


def target_table(record: BenchRecord) -> Table:
    """Every target beside what was reached."""
    frame = targets_met(record)
    frame["alarm"] = (frame["verdict"] == "missed").astype(int)
    columns = {
        "target": Column("target", "what is compared, forward and backward, one core unless said", width=0.36),
        "bound": Column("must be", "which side of the number is good", "name"),
        "needed": Column("needed", "the number that is asked for", "number"),
        "aim": Column("aim", "the number that is hoped for", "number"),
        "unit": Column("unit", "of these numbers; times: how many times as fast", "name"),
        "reached": Column("reached", "median over the rounds, or over the starts", "optional"),
        "low": Column("lowest", "of a round or start", "optional"),
        "high": Column("highest", "of a round or start", "optional"),
        **_INTERVAL,
        "verdict": Column("verdict", "on the median", "name"),
    }
    return Table(
        name="bench_targets",
        title="Targets and what was reached",
        note="Ratios are of times per sample in the same round of the same run: what slows the machine down cancels.",
        frame=frame,
        columns=columns,
        empty="There are no targets.",
        alarm="alarm",
    )


def speed_table(record: BenchRecord) -> Table:
    """Every engine on every workload: speed, and how the event engine compares."""
    rows = []
    for row in _measured(record).to_dict("records"):
        times = record.times[_is(record.times, row)]
        ratio = speedup(record.times, row["workload"], EVENT, row["engine"])
        error = record.gradients.loc[_is(record.gradients, row), "error"]
        rows.append(
            {
                "workload": row["workload"], "engine": row["engine"], "rate": 1.0 / times["per_sample"].median(),
                "ratio": ratio.median, "low": ratio.low, "high": ratio.high, "mean": ratio.mean,
                "lower": ratio.lower, "upper": ratio.upper,
                "error": float(error.max()) if len(error) else float("nan"), "batch": row["batch"],
                "dtype": row["dtype"], "differs": row["differs"], "steps": int(times["repeats"].sum()),
            }
        )  # fmt: skip
    columns = {
        "workload": _WORKLOAD,
        "engine": _ENGINE,
        "rate": Column("samples/s", "forward and backward, or forward runs per second of F1 to F5", "number"),
        "ratio": Column("event is … times as fast", "median over rounds of the ratio of times per sample", "optional"),
        "low": Column("lowest", "of a round", "optional", FILE),
        "high": Column("highest", "of a round", "optional", FILE),
        **_INTERVAL,
        "error": Column("gradient error", "largest relative error of a weight matrix, see below", "optional"),
        "batch": Column("batch", "samples of a step", "count"),
        "dtype": Column("type", "of its numbers", "name"),
        "steps": Column("steps", "that were timed, in all rounds", "count", PAGE),
        "differs": Column("differs", "from the workload as it is defined; nothing if empty", width=0.2),
    }
    return Table(
        name="bench_speed",
        title="Speed, and the error of the gradient beside it",
        note="One core each, taken in turns. An error of 1 is as wrong as no gradient at all.",
        frame=pd.DataFrame(rows, columns=list(columns)),
        columns=columns,
        empty="Nothing was timed.",
        limits=(60, 200),
        commands=tuple(again(str(row["workload"])) for row in rows),
    )


def printed_speed(record: BenchRecord) -> Printed:
    """Speed and the error of the gradient, as a paper prints them."""
    full = speed_table(record)
    widths = {"engine": replace(_ENGINE, kind="text", width=0.26)}
    columns = {"workload": _WORKLOAD, **{name: full.columns[name] for name in ("engine", "rate", "ratio", "error")}}
    columns["ratio"] = replace(columns["ratio"], heading="ratio", meaning="how many times as fast the event engine is")
    columns |= {"kind": Column("claims", "exact spike times and gradients, or an approximation", "name")}
    exact = record.engines.set_index(["workload", "engine"])["exact"]
    kinds = [
        "exact" if exact[tuple(key)] else "approx."
        for key in full.frame[["workload", "engine"]].itertuples(index=False)
    ]
    note = "One core each. The ratio is of times per sample in the same round, event engine as 1. " + full.note
    frame = full.frame.assign(kind=kinds)[list(columns)]
    table = Table(NAME, full.title, note, frame, columns | widths, full.empty, (60, 200))
    return Printed(table, ("engine", "workload", "rate", "error"), width=0.3)


def accuracy_table(record: BenchRecord) -> Table:
    """Errors of spikes and losses."""
    columns = {
        "workload": _WORKLOAD,
        "engine": _ENGINE,
        "samples": Column("samples", "that were judged", "count", PAGE),
        "spikes": Column("spikes", "that are right", "count"),
        "missed": Column("missed", "sum over neurons of spikes too few", "count"),
        "extra": Column("extra", "sum over neurons of spikes too many", "count"),
        "median_time_error": Column("median error", "of spike times of neurons with the right number, ms", "optional"),
        "max_time_error": Column("largest error", "of these, ms", "optional"),
        "loss_error": Column("loss", "relative error", "optional"),
    }
    frame = record.accuracy.assign(alarm=record.accuracy["missed"] + record.accuracy["extra"])
    return Table(
        name="bench_accuracy",
        title="Errors of spikes and of the loss",
        note="Against the reference with 30 digits, on a few samples (W1 to W3) or neurons (F1 to F5). An engine that "
        "had to change the workload is judged on what it was asked then.",
        frame=frame,
        columns=columns,
        empty="Nothing was judged.",
        limits=(60, 200),
        alarm="alarm",
    )


def gradient_table(record: BenchRecord) -> Table:
    """Errors of the gradient of each weight matrix."""
    columns = {
        "workload": _WORKLOAD,
        "engine": _ENGINE,
        "weights": Column("weights", "which matrix", "name"),
        "error": Column("relative error", "Euclidean norm of the difference, over that of the right one", "number"),
        "cosine": Column("cosine", "of the angle between both gradients", "number"),
    }
    frame = record.gradients.assign(alarm=(record.gradients["cosine"] < 0.9).astype(int))
    return Table(
        name="bench_gradients",
        title="Errors of the gradients",
        note="The same samples. Marked: cosines below 0.9.",
        frame=frame,
        columns=columns,
        empty="No gradient was judged.",
        limits=(80, 200),
        alarm="alarm",
    )


def first_call_table(record: BenchRecord) -> Table:
    """The time that each engine needs before its first step, and its peak memory."""
    rows = _measured(record)
    frame = rows.assign(megabytes=rows["memory"] / MEGABYTE)
    columns = {
        "workload": _WORKLOAD,
        "engine": _ENGINE,
        "import_seconds": Column("import", "of the engine's packages, s", "optional"),
        "build_seconds": Column("build", "of the network and its inputs, s", "optional"),
        "first_seconds": Column(
            "first step", "with whatever it compiles, s; this package's kernels are cached", "optional"
        ),
        "megabytes": Column("peak memory", "resident, of the whole process, 10⁶ bytes", "optional"),
        "batch": Column("batch", "samples of a step", "count"),
    }
    return Table(
        name="bench_first_call",
        title="First call and memory",
        note="Each process imports, builds, makes its first step and then those that are timed.",
        frame=frame[list(columns)],
        columns=columns,
        empty="Nothing ran.",
        limits=(60, 200),
    )


def left_out_table(record: BenchRecord) -> Table:
    """The engines and units that did not run, with the reason."""
    rows = record.engines[record.engines["status"] != "measured"][["workload", "engine", "status", "note"]]
    units = record.failures.rename(columns={"unit": "workload"}).assign(engine="all", status="failed")
    frame = pd.concat([rows, units[["workload", "engine", "status", "note"]]], ignore_index=True)
    columns = {
        "workload": _WORKLOAD,
        "engine": _ENGINE,
        "status": Column("status", "skipped for a reason, or failed", "name"),
        "note": Column("why", "in a line", width=0.55),
    }
    return Table(
        name="bench_left_out",
        title="What did not run",
        note="",
        frame=frame.assign(alarm=(frame["status"] == "failed").astype(int)),
        columns=columns,
        empty="Everything ran.",
        limits=(60, 200),
        alarm="alarm",
    )


def version_table(record: BenchRecord) -> Table:
    """Versions of all engines."""
    rows = _measured(record)
    columns = {
        "engine": _ENGINE,
        "version": Column("version", "of its packages", width=0.5),
        "python": Column("Python", "that ran it", "name"),
        "dtype": Column("type", "of its numbers", "name"),
        "kind": Column("claims", "exact spike times and gradients, or an approximation", "name"),
    }
    frame = rows.assign(kind=rows["exact"].map({True: "exact", False: "approximate"}))
    return Table(
        name="bench_versions",
        title="Engines and versions",
        note="",
        frame=frame[list(columns)].drop_duplicates("engine").reset_index(drop=True),
        columns=columns,
        empty="No engine ran.",
    )


def scaling_table(record: BenchRecord) -> Table:
    """Points of the scaling curves."""
    frame = record.scaling.assign(per_event=1e6 * record.scaling["seconds"] / record.scaling["events"])
    columns = {
        "curve": Column("against", "what varies", "name"),
        "x": Column("value", "of it; spikes are those of a sample", "number"),
        "seconds": Column("step", "s, forward and backward", "number"),
        "per_event": Column("per event", "µs, event: input spike or spike", "number"),
        "batch": Column("batch", "samples of a step", "count"),
    }
    return Table(
        name="bench_scaling",
        title="Scaling of the event engine",
        note="20 channels, 100 LIF and 10 leaky integrators, batch 64, 60 ms, one thread, unless that varies.",
        frame=frame[list(columns)],
        columns=columns,
        empty="Scaling was not measured.",
        limits=(60, 200),
    )


def _measured(record: BenchRecord) -> pd.DataFrame:
    """Rows of engines that ran, without the calibration."""
    rows = record.engines
    return rows[(rows["status"] == "measured") & (rows["engine"] != CALIBRATION)].reset_index(drop=True)


def _is(frame: pd.DataFrame, row: dict[Any, Any]) -> pd.Series[bool]:
    same: pd.Series[bool] = (frame["workload"] == row["workload"]) & (frame["engine"] == row["engine"])
    return same
