"""Ratios of the times that two engines need in the same round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from spikeproof.numbers import Float64Array


@dataclass(frozen=True)
class Ratio:
    """Median, smallest and largest of the ratios of the rounds; NaN without any."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Float64Array) -> Ratio:
        """The ratio over all rounds, from the ratios of single rounds."""
        if not len(values):
            return NOTHING
        return cls(float(np.median(values)), float(np.min(values)), float(np.max(values)))


NOTHING = Ratio(float("nan"), float("nan"), float("nan"))


def speedup(times: pd.DataFrame, workload: str, engine: str, against: str) -> Ratio:
    """How many times as fast `engine` is as `against`, per sample, round by round."""
    mine = times[times["workload"] == workload].pivot_table(index="round", columns="engine", values="per_sample")
    if engine not in mine or against not in mine:
        return NOTHING
    return Ratio.of((mine[against] / mine[engine]).dropna().to_numpy(float))
