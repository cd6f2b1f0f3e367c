"""Confidence intervals of ratios: the closed form, and how often they hold the true ratio."""

import math

import numpy as np
import pandas as pd
import pytest

from spikeproof_reports.bench.ratios import Ratio, geometric_mean, speedup
from spikeproof_verification.checks.tolerances import RUN, SHORT_RUN, TABULATED

QUANTILES = {2: 12.706205, 3: 4.302653, 5: 2.776445, 10: 2.262157}  # of Student's t at 97.5 %, n - 1 degrees: tables


@pytest.mark.parametrize("n", QUANTILES)
def test_the_interval_is_that_of_the_printed_tables(n):
    logs = np.arange(n, dtype=float)  # their standard deviation is √(n (n + 1) / 12)
    half = QUANTILES[n] * math.sqrt((n + 1) / 12.0)
    found = geometric_mean(np.exp(logs))
    middle = 0.5 * (n - 1)
    assert found == pytest.approx([math.exp(x) for x in (middle, middle - half, middle + half)], rel=TABULATED, abs=0.0)


def test_equal_ratios_have_an_interval_of_no_length_and_one_alone_has_none():
    assert geometric_mean(np.array([4.0, 4.0, 4.0])) == pytest.approx((4.0, 4.0, 4.0), rel=SHORT_RUN, abs=0.0)
    mean, lower, upper = geometric_mean(np.array([4.0]))
    assert mean == pytest.approx(4.0, rel=SHORT_RUN, abs=0.0)
    assert math.isnan(lower)
    assert math.isnan(upper)


@pytest.mark.parametrize("rounds", [3, 5, 20])
def test_intervals_hold_the_true_ratio_as_often_as_they_say(rounds):
    dice, trials, true = np.random.default_rng(11), 4000, 3.0
    ratios = true * np.exp(dice.normal(0.0, 0.3, (trials, rounds)))
    ends = [geometric_mean(row)[1:] for row in ratios]
    share = np.mean([lower <= true <= upper for lower, upper in ends])
    assert share == pytest.approx(
        0.95, abs=4.0 * math.sqrt(0.95 * 0.05 / trials)
    )  # quantiles of the normal: 0.81, 0.88


def test_half_the_level_gives_an_interval_that_holds_half():
    dice, trials = np.random.default_rng(12), 4000
    ratios = np.exp(dice.normal(0.0, 0.3, (trials, 5)))
    share = np.mean([lower <= 1.0 <= upper for _, lower, upper in (geometric_mean(row, 0.5) for row in ratios)])
    assert share == pytest.approx(0.5, abs=4.0 * math.sqrt(0.25 / trials))


def test_what_slows_both_engines_in_a_round_does_not_widen_the_interval():
    dice = np.random.default_rng(13)
    slow = np.exp(dice.normal(0.0, 1.0, 6))
    rows = [
        {"workload": "w", "engine": engine, "round": n, "per_sample": factor * slow[n]}
        for engine, factor in (("event", 1.0), ("peer", 5.0))
        for n in range(6)
    ]
    ratio = speedup(pd.DataFrame(rows), "w", "event", "peer")
    assert (ratio.mean, ratio.lower, ratio.upper) == pytest.approx((5.0, 5.0, 5.0), rel=RUN, abs=0.0)


def test_the_same_rounds_give_the_same_interval_in_any_order():
    values = np.array([2.0, 3.0, 5.0])
    one, other = Ratio.of(values), Ratio.of(values[::-1])
    assert (other.lower, other.upper) == pytest.approx((one.lower, one.upper), rel=SHORT_RUN, abs=0.0)
    assert Ratio.of(values[:0]).mean != Ratio.of(values[:0]).mean
