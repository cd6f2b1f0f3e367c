"""A finished benchmark run, and its files: a Parquet file for each frame, and bench.json with the provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spikeproof.atomic import replacing
from spikeproof.errors import InvalidInput
from spikeproof_reports.bench.turns import Rows
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.folder import renewed

FORMAT = "spikeproof-bench"
VERSION = 1
INDEX = "bench.json"

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
    """

    engines: pd.DataFrame
    times: pd.DataFrame
    accuracy: pd.DataFrame
    gradients: pd.DataFrame
    scaling: pd.DataFrame
    startup: pd.DataFrame
    failures: pd.DataFrame
    provenance: Mapping[str, str]

    @classmethod
    def of(cls, parts: Iterable[Rows], provenance: Mapping[str, str]) -> BenchRecord:
        """The record of all units' rows."""
        parts = list(parts)
        frames = {name: _frame(name, [row for rows in parts for row in rows.get(name, [])]) for name in COLUMNS}
        return cls(provenance=provenance, **frames)


def save_bench(record: BenchRecord, folder: Path) -> None:
    """Write a benchmark run to a folder: the frames as Parquet files, then bench.json, which completes the run.

    Parameters
    ----------
    record : BenchRecord
    folder : Path
        Made if missing.
    """
    with renewed(folder, "bench", "run", last=INDEX) as new:
        _save(record, new)


def _save(record: BenchRecord, folder: Path) -> None:
    sums = {}
    for name in COLUMNS:
        path = folder / f"{name}.parquet"
        with replacing(path) as temporary:
            getattr(record, name).to_parquet(temporary, index=False)
        sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    head = {"format": FORMAT, "version": VERSION, "sha256": sums, "provenance": dict(record.provenance)}
    write_text(folder / INDEX, json.dumps(head, indent=1) + "\n")


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
    try:
        head = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        assert (head["format"], head["version"]) == (FORMAT, VERSION)
        sums = head["sha256"]
        frames = {}
        for name in COLUMNS:
            path = folder / f"{name}.parquet"
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[path.name]
            frames[name] = pd.read_parquet(path)
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise InvalidInput("folder", str(folder), "a folder that `spikeproof bench` has written") from error
    return BenchRecord(provenance=head["provenance"], **frames)


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
