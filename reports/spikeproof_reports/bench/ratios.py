"""Ratios of the times that two engines need in the same round, with confidence intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from spikeproof.numbers import Float64Array

LEVEL = 0.95  # of the confidence intervals


@dataclass(frozen=True)
class Ratio:
    """The ratios of the rounds in numbers; NaN without any.

    Attributes
    ----------
    median, low, high : their median, the smallest and the largest.
    mean, lower, upper : their geometric mean with its confidence interval, see `geometric_mean`.
    """

    median: float
    low: float
    high: float
    mean: float = math.nan
    lower: float = math.nan
    upper: float = math.nan

    @classmethod
    def of(cls, values: Float64Array) -> Ratio:
        """The ratio over all rounds, from the ratios of single rounds."""
        if not len(values):
            return NOTHING
        return cls(float(np.median(values)), float(np.min(values)), float(np.max(values)), *geometric_mean(values))


NOTHING = Ratio(math.nan, math.nan, math.nan)


def geometric_mean(values: Float64Array, level: float = LEVEL) -> tuple[float, float, float]:
    """The geometric mean of positive numbers, and the ends of its confidence interval.

    By Student's t, for the logarithms::

        exp(m ± t s / √n)

    Parameters
    ----------
    values : array, shape (n,)
        Ratios of times in the same round: what both engines share in it cancels, as in a test of pairs.
    level : float
        Probability that the interval holds the true one; between 0 and 1.

    Returns
    -------
    mean, lower, upper : float
        m and s are mean and standard deviation (n - 1 in the divisor) of the logarithms, t the quantile of Student's
        distribution with n - 1 degrees of freedom. One number has no interval: NaN.

    Notes
    -----
    It rests on logarithms that are independent and nearly normal. A bootstrap over so few rounds as a run has would
    give intervals that are too short.

    References
    ----------
    Georges, Buytaert and Eeckhout (2007), Statistically rigorous Java performance evaluation, OOPSLA, section 3.
    Fleming and Wallace (1986), How not to lie with statistics, Communications of the ACM 29(3): why geometric.
    """
    logs, n = np.log(values), len(values)
    middle = float(np.mean(logs))
    if n < 2:
        return math.exp(middle), math.nan, math.nan
    half = float(stdtrit(n - 1, 0.5 + 0.5 * level)) * float(np.std(logs, ddof=1)) / math.sqrt(n)
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


def speedup(times: pd.DataFrame, workload: str, engine: str, against: str) -> Ratio:
    """How many times as fast `engine` is as `against`, per sample, round by round."""
    mine = times[times["workload"] == workload].pivot_table(index="round", columns="engine", values="per_sample")
    if engine not in mine or against not in mine:
        return NOTHING
    return Ratio.of((mine[against] / mine[engine]).dropna().to_numpy(float))
