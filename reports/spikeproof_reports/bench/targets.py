"""The targets of a benchmark run, and what was reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from spikeproof_reports.bench.ratios import NOTHING, Ratio, speedup
from spikeproof_reports.bench.record import BenchRecord

EVENT, TWO, GRID, SURROGATE = "event", "event, 2 threads", "grid, 1 ms", "surrogate, 1 ms"
UNTIL = "event, until the loss"
EXACT = (EVENT, TWO, UNTIL)  # the event engine
OWN = (*EXACT, GRID, SURROGATE)  # engines of this package; all others are peers
SPYX, JAXSNN, NEST = "spyx, 1 ms", "jaxsnn", "NEST"
GRID_PEERS = (SPYX, "norse, 1 ms", "snntorch, 1 ms")
MEGABYTE = 1e6


@dataclass(frozen=True)
class Target:
    """A number to be reached.

    Attributes
    ----------
    title : what is measured.
    unit : "times", "MB" or "s".
    needed, aim : the least number that is asked for, and a larger one that is hoped for; the most, for `below`.
    reached : the measured number, from a record.
    below : whether smaller is better.
    """

    title: str
    unit: str
    needed: float
    aim: float
    reached: Callable[[BenchRecord], Ratio]
    below: bool = False


def _faster(title: str, workload: str, engine: str, against: str, needed: float, aim: float) -> Target:
    return Target(title, "times", needed, aim, lambda r: speedup(r.times, workload, engine, against))


def _beats(workload: str) -> Target:
    """The grid engine against the grid peer that it beats by least."""

    def reached(record: BenchRecord) -> Ratio:
        found = [speedup(record.times, workload, GRID, peer) for peer in GRID_PEERS]
        return min((r for r in found if r.median == r.median), key=lambda r: r.median, default=NOTHING)

    return Target(f"{workload.upper()}: grid engine against the fastest grid peer", "times", 1.0, 1.0, reached)


def _memory(workload: str) -> Target:
    def reached(record: BenchRecord) -> Ratio:
        rows = record.engines[(record.engines["workload"] == workload) & (record.engines["engine"] == EVENT)]
        return Ratio.of(rows["memory"].dropna().to_numpy(float) / MEGABYTE)

    return Target(f"{workload.upper()}: peak memory of the event engine", "MB", 200.0, 200.0, reached, below=True)


def _start(title: str, what: str, needed: float) -> Target:
    def reached(record: BenchRecord) -> Ratio:
        return Ratio.of(record.startup.loc[record.startup["what"] == what, "seconds"].to_numpy(float))

    return Target(title, "s", needed, needed, reached, below=True)


TARGETS = (
    _faster("W1: event engine against spyx", "w1", EVENT, SPYX, 3.0, 8.0),
    _faster("W2: event engine against spyx", "w2", EVENT, SPYX, 1.5, 4.0),
    _faster("W3: event engine against spyx", "w3", EVENT, SPYX, 1.0, 2.0),
    _faster("W1: event engine against jaxsnn", "w1", EVENT, JAXSNN, 20.0, 20.0),
    _faster("F1: event engine against NEST", "f1", EVENT, NEST, 5.0, 10.0),
    _faster("F2: event engine against NEST", "f2", EVENT, NEST, 5.0, 10.0),
    _faster("F3: event engine against NEST", "f3", EVENT, NEST, 5.0, 10.0),
    _faster("F4: event engine against NEST", "f4", EVENT, NEST, 5.0, 10.0),
    _faster("F5: event engine against NEST", "f5", EVENT, NEST, 5.0, 10.0),
    _faster("W1: two cores against one", "w1", TWO, EVENT, 1.8, 2.0),
    _faster("W2: two cores against one", "w2", TWO, EVENT, 1.8, 2.0),
    *(_beats(workload) for workload in ("w1", "w2", "w3")),
    _memory("w1"),
    _memory("w2"),
    _start("import", "import", 0.5),
    _start("first gradient after a fresh install", "first gradient, fresh", 15.0),
    _start("first gradient with cached kernels", "first gradient, cached", 1.0),
)


def targets_met(record: BenchRecord) -> pd.DataFrame:
    """The targets beside the numbers that were reached.

    Parameters
    ----------
    record : BenchRecord

    Returns
    -------
    DataFrame
        One row for each target: target, unit, needed, aim, reached, low, high, mean, lower, upper, verdict.
    """
    rows = []
    for target in TARGETS:
        found = target.reached(record)
        rows.append(
            {
                "target": target.title, "unit": target.unit, "bound": "below" if target.below else "at least",
                "needed": target.needed, "aim": target.aim, "reached": found.median, "low": found.low,
                "high": found.high, "mean": found.mean, "lower": found.lower, "upper": found.upper,
                "verdict": _verdict(target, found.median),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _verdict(target: Target, reached: float) -> str:
    if reached != reached:
        return "not measured"
    sign = -1.0 if target.below else 1.0
    if sign * reached < sign * target.needed:
        return "missed"
    return "reached" if target.aim == target.needed or sign * reached < sign * target.aim else "aim reached"
