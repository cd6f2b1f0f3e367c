"""A finished benchmark run, and its files: a Parquet file for each frame, and bench.json with the provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.frames import FrameFiles

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "engines": (
        "workload", "engine", "status", "note", "cores", "batch", "dtype", "differs", "exact", "version", "python",
        "import_seconds", "build_seconds", "first_seconds", "memory",
    ),
    "times": ("workload", "engine", "round", "repeats", "seconds", "per_sample"),
    "accuracy": (
        "workload", "engine", "samples", "spikes", "missed", "extra", "median_time_error", "max_time_error", "loss",
        "expected_loss", "loss_error",
    ),
    "gradients": ("workload", "engine", "weights", "error", "cosine"),
    "scaling": ("curve", "x", "seconds", "events", "batch"),
    "startup": ("what", "seconds"),
    "failures": ("unit", "note"),
}  # fmt: skip
FILES = FrameFiles("bench", tuple(COLUMNS))
_NUMBERS = (
    "cores", "batch", "import_seconds", "build_seconds", "first_seconds", "memory", "x", "seconds", "events",
    "per_sample", "loss", "expected_loss", "loss_error", "median_time_error", "max_time_error", "error", "cosine",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class BenchRecord:
    """The results of a benchmark run; the columns of the frames are in `COLUMNS`.

    Attributes
    ----------
    engines : each engine on each workload: whether it ran, on what, first-call seconds, peak bytes.
    times : median seconds of a step and of a sample, for each round.
    accuracy : errors of spikes and loss on a few samples.
    gradients : relative error and cosine of each weight matrix's gradient.
    scaling : points of the scaling curves.
    startup : seconds of each start.
    failures : units that failed as a whole.
    provenance : where the numbers come from.
    environment : exact versions of what this package ran with, as a file for pip; "" if they were not noted.
    """

    engines: pd.DataFrame
    times: pd.DataFrame
    accuracy: pd.DataFrame
    gradients: pd.DataFrame
    scaling: pd.DataFrame
    startup: pd.DataFrame
    failures: pd.DataFrame
    provenance: Mapping[str, str]
    environment: str = ""

    @classmethod
    def of(
        cls, parts: Iterable[Mapping[str, list[dict[str, Any]]]], provenance: Mapping[str, str], environment: str = ""
    ) -> BenchRecord:
        """The record of all units' rows."""
        parts = list(parts)
        frames = {name: _frame(name, [row for rows in parts for row in rows.get(name, [])]) for name in COLUMNS}
        return cls(provenance=provenance, environment=environment, **frames)


def save_bench(record: BenchRecord, folder: Path) -> None:
    """Write a benchmark run to a folder: the frames as Parquet files, then bench.json, which completes the run.

    Parameters
    ----------
    record : BenchRecord
    folder : Path
        Made if missing.
    """
    with renewed(folder, "bench", "run", last=FILES.index) as new:
        FILES.save({name: getattr(record, name) for name in COLUMNS}, record.provenance, new, record.environment)


def load_bench(folder: Path) -> BenchRecord:
    """The benchmark run that `save_bench` stored.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    BenchRecord

    Raises
    ------
    InvalidInput
        If it is not there, or not complete.
    """
    frames, provenance, environment = FILES.load(folder)
    return BenchRecord(provenance=provenance, environment=environment, **frames)


def _frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """A frame with its columns, whatever rows have and lack."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS[name]))
    for column in frame:
        if column in _NUMBERS:
            frame[column] = frame[column].astype("float64")
        elif column in ("note", "differs", "dtype", "version", "python"):
            frame[column] = frame[column].fillna("").astype(str)
    if "exact" in frame:
        frame["exact"] = frame["exact"].eq(True)  # False where it is absent
    return frame
