"""Comparison of two runs: each engine's time as a multiple of the calibration's time in the same rounds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import pandas as pd

from spikeproof.errors import InvalidInput
from spikeproof_reports.bench.ratios import speedup
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.paper.table import Column, Table

CALIBRATION = "calibration"


@dataclass(frozen=True, eq=False)
class Comparison:
    """The change of each engine on each workload from a stored run to this one.

    Attributes
    ----------
    frame : DataFrame
        Columns workload, engine, before, now, factor, slower; `before` and `now` are multiples of the calibration's
        time, `factor` is now / before.
    limit : float
        Largest factor that does not count as slower.
    """

    frame: pd.DataFrame
    limit: float

    @property
    def slower(self) -> pd.DataFrame:
        """The rows of engines that have become slower than `limit` allows."""
        return self.frame[self.frame["slower"]]


def check_comparable(stored: BenchRecord, workloads: Iterable[str], engines: Iterable[str]) -> None:
    """Check that a run of these workloads and engines has something in common with a stored one.

    Parameters
    ----------
    stored : BenchRecord
    workloads, engines : iterable of str
        Names.

    Raises
    ------
    InvalidInput
        If they share no engine on any workload.
    """
    if not set(product(workloads, engines)) & set(_pairs(stored)):
        raise InvalidInput("--compare", "nothing in common", "a run of the same engines and workloads")


def compared(record: BenchRecord, stored: BenchRecord, limit: float) -> Comparison:
    """The change of each engine's time from a stored run to this one.

    Parameters
    ----------
    record, stored : BenchRecord
        This run and the stored one.
    limit : float
        An engine is slower if its multiple of the calibration's time has grown by more than this factor.

    Returns
    -------
    Comparison

    Raises
    ------
    InvalidInput
        If the runs share no engine on any workload.
    """
    rows = []
    for workload, engine in _pairs(record):
        now, before = (1.0 / speedup(r.times, str(workload), engine, CALIBRATION).median for r in (record, stored))
        if now == now and before == before:
            factor = now / before
            rows.append(
                {
                    "workload": workload, "engine": engine, "before": before, "now": now, "factor": factor,
                    "slower": factor > limit,
                }
            )  # fmt: skip
    if not rows:
        raise InvalidInput("--compare", "nothing in common", "a run of the same engines and workloads")
    return Comparison(pd.DataFrame(rows), limit)


def comparison_table(comparison: Comparison) -> Table:
    """Changes against a stored run."""
    columns = {
        "workload": Column("workload", "what was computed", "name"),
        "engine": Column("engine", "the engine that computed it", "name"),
        "before": Column("before", "time as a multiple of the calibration's in the stored run", "number"),
        "now": Column("now", "and in this one", "number"),
        "factor": Column("factor", "now / before; above 1 is slower", "number"),
    }
    return Table(
        name="bench_comparison",
        title="Change against the stored run",
        note=f"The calibration is a fixed piece of numpy work. Marked: slower by more than a factor of "
        f"{comparison.limit:g}.",
        frame=comparison.frame.assign(alarm=comparison.frame["slower"].astype(int)),
        columns=columns,
        empty="Nothing was compared.",
        limits=(60, 200),
        alarm="alarm",
    )


def _pairs(record: BenchRecord) -> list[tuple[str, str]]:
    pairs = record.times[["workload", "engine"]].drop_duplicates()
    return [(w, e) for w, e in pairs.itertuples(index=False) if e != CALIBRATION]
