"""Measurements, and agreements of the references, each with its ratio of error to bound."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spikeproof_reports.verification.columns import NUMBERS


def without_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with plain texts in place of categories, which would add empty groups to tables."""
    categories = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(categories, object))


AGREEMENT = "REFERENCE_AGREEMENT"  # name of the tolerance of agreements


def judged(measurements: pd.DataFrame) -> pd.DataFrame:
    """`measurements`, rows numbered anew, with columns `ratio` and `failed`.

    `ratio` is error / bound; 0 for an error of 0 whatever the bound, infinite for an error that is not finite
    or exceeds a bound of 0. `failed` is true unless the verdict is "pass" *and* ``error <= bound``: a report
    does not believe a verdict that contradicts its own numbers.
    """
    frame = without_categories(measurements).reset_index(drop=True)
    frame = frame.astype(dict.fromkeys(NUMBERS["measurements"], np.float64))  # frames without rows have no types
    error = frame["error"].to_numpy(np.float64)
    bound = frame["bound"].to_numpy(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(error == 0, 0.0, error / bound)
    ratio = np.where(np.isfinite(error) & ~np.isnan(ratio), ratio, np.inf)
    passed = (frame["verdict"] == "pass").to_numpy(bool) & (error <= bound)
    return frame.assign(ratio=ratio, failed=~passed)


def judged_agreement(agreement: pd.DataFrame, tolerances: pd.DataFrame) -> pd.DataFrame:
    """`agreement`, rows numbered anew, with columns `ratio` and `failed`, as those of `judged`.

    `ratio` is the worst deviation over the bound of `AGREEMENT` in `tolerances`, infinite where the deviation is
    not finite; 0 for other deviations if that tolerance is not stated, so that the recorded verdict alone decides.
    """
    frame = without_categories(agreement).reset_index(drop=True)
    worst = frame["worst"].to_numpy(np.float64)
    stated = tolerances[tolerances["name"] == AGREEMENT]
    bound = float((stated["multiple"] * stated["unit"]).min()) if len(stated) else np.inf
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(worst == 0, 0.0, worst / bound)
    ratio = np.where(np.isfinite(worst) & ~np.isnan(ratio), ratio, np.inf)
    passed = (frame["verdict"] == "pass").to_numpy(bool) & np.isfinite(worst) & (worst <= bound)
    return frame.assign(ratio=ratio, failed=~passed)
