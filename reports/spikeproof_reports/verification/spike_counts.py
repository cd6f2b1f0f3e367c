"""Spikes missed and spikes too many, from counts."""

from __future__ import annotations

import numpy as np
import pandas as pd


def with_missed_and_surplus(counts: pd.DataFrame) -> pd.DataFrame:
    """Measured spike counts with columns `missed` and `surplus`.

    A spike is missed if the engine has fewer spikes than the reference, of that neuron in that sample, and surplus
    if it has more; an engine without a finite count has found none.
    """
    expected = counts["expected"].to_numpy(np.float64)
    actual = np.where(np.isfinite(counts["actual"]), counts["actual"], 0.0)
    return counts.assign(missed=np.maximum(expected - actual, 0), surplus=np.maximum(actual - expected, 0))
