"""Numbers that tables, figures and the headline read off a record: workloads, speeds, errors of gradients."""

from __future__ import annotations

import pandas as pd

from spikeproof_reports.bench.compare import CALIBRATION
from spikeproof_reports.bench.record import BenchRecord

WRONG = 0.1  # from this relative error on a gradient counts as a wrong one


def timed_workloads(record: BenchRecord) -> list[str]:
    """The workloads on which an engine was timed."""
    return list(dict.fromkeys(record.times.loc[record.times["engine"] != CALIBRATION, "workload"]))


def again(workload: str) -> str:
    """The command that measures a workload again, with all engines that are installed."""
    return f"spikeproof bench --out again --workloads {workload}"


def rates(record: BenchRecord, workload: str) -> pd.Series[float]:
    """Samples per second by engine, in the order of the adapters, the event engine first."""
    times = record.times[(record.times["workload"] == workload) & (record.times["engine"] != CALIBRATION)]
    return 1.0 / times.groupby("engine", sort=False)["per_sample"].median()


def gradient_error(record: BenchRecord, workload: str, engine: str) -> float:
    """The largest relative error of a weight matrix's gradient; NaN where none was judged."""
    rows = record.gradients[(record.gradients["workload"] == workload) & (record.gradients["engine"] == engine)]
    return float(rows["error"].max()) if len(rows) else float("nan")
