"""Means over seeds with their errors, and decisions by them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from spikeproof.numbers import Array
from spikeproof_reports.lesson.claims.claim import SURE
from spikeproof_reports.paper.numerals import number, percent

NOT_MEASURED = "not measured"


class Mean(NamedTuple):
    """A mean with its spread.

    Attributes
    ----------
    mean : NaN without numbers.
    deviation : standard deviation, n - 1 in the denominator; NaN of fewer than two numbers.
    error : standard error of the mean; NaN of fewer than two numbers.
    n : how many numbers.
    """

    mean: float
    deviation: float
    error: float
    n: int

    def minus(self, number: float) -> Mean:
        """This mean less a number that is exactly known."""
        return self._replace(mean=self.mean - number)

    @property
    def text(self) -> str:
        """The mean and the standard deviation."""
        if math.isnan(self.mean):
            return NOT_MEASURED
        return number(self.mean) if math.isnan(self.deviation) else f"{number(self.mean)} ± {number(self.deviation)}"

    @property
    def percent(self) -> str:
        """The mean and the standard deviation in percent."""
        if math.isnan(self.mean):
            return NOT_MEASURED
        spread = "" if math.isnan(self.deviation) else f" ± {percent(self.deviation)}"
        return f"{percent(self.mean)}{spread} %"


def mean_of(values: Sequence[float] | Array | pd.Series) -> Mean:
    """The mean of some numbers; one that is NaN makes it NaN."""
    x = np.asarray(values, dtype=np.float64)
    if not len(x):
        return Mean(math.nan, math.nan, math.nan, 0)
    deviation = float(np.std(x, ddof=1)) if len(x) > 1 else math.nan
    return Mean(float(np.mean(x)), deviation, deviation / math.sqrt(len(x)), len(x))


def paired(first: pd.DataFrame, second: pd.DataFrame, column: str) -> Mean:
    """The mean difference of a column, first minus second, over the seeds that both have."""
    a, b = (frame.groupby("seed")[column].mean() for frame in (first, second))
    both = a.index.intersection(b.index)
    return mean_of((a.loc[both] - b.loc[both]).to_numpy())


def above(found: Mean, bound: float) -> bool | None:
    """Whether a mean lies above a bound: None where it is within `SURE` standard errors, or not known."""
    if math.isnan(found.mean) or math.isnan(found.error):
        return None
    if abs(found.mean - bound) < SURE * found.error:
        return None
    return found.mean > bound


def below(found: Mean, bound: float) -> bool | None:
    """Whether a mean lies below a bound: None where it is within `SURE` standard errors, or not known."""
    answer = above(found, bound)
    return None if answer is None else not answer
