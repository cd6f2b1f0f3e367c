"""The numbers of a report's first screen: gradients, spikes, and what else was judged, each counted by itself."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.numerals import share
from spikeproof_reports.verification.spike_counts import with_missed_and_surplus
from spikeproof_verification.checks.tolerances import EPS
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES

REFERENCE, STORED = "mp", "case file"  # the reference's own checks: measured against stored solutions
Row: TypeAlias = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Gradients:
    """Counts and worst errors of the gradients of the measured engines.

    Attributes
    ----------
    compared : how many are not exactly 0 in both engine and reference; those that are, and pass, are `zeros`.
    failed : how many of `compared` exceed their bounds or are not finite.
    worst : the one of the largest error on its scale, with the columns of `gradients_among`; empty without any.
    nearest : the one that uses up most of its bound.
    fewest : the one with the fewest digits.
    median_eps, median_digits, most_digits : half have at most this error, half at least these digits, 99 % at least
        these.
    """

    compared: int
    zeros: int
    failed: int
    worst: Row
    nearest: Row
    fewest: Row
    median_eps: float
    median_digits: float
    most_digits: float


@dataclass(frozen=True)
class Spikes:
    """Counts of spikes: those of the reference, those missed by the engine, and surplus ones.

    Counted per neuron and sample. `times` says for how many spikes the time was compared too, which is done for
    neurons whose counts agree; `worst` is the time of the largest error, empty without any. `judged` are all counts
    and times.
    """

    compared: int
    missed: int
    surplus: int
    times: int
    worst: Row
    judged: Rest


@dataclass(frozen=True)
class Rest:
    """Other numbers: how many there are, how many of them failed, and which quantities they are."""

    compared: int
    failed: int
    quantities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Headline:
    """The counts of a run, from `headline_of`.

    Attributes
    ----------
    gradients, spikes : of the engines that were measured.
    rest : their other numbers, as end states and losses.
    reference : the reference's own numbers against stored solutions.
    studies : numbers that must hold in the studies, which are counted nowhere else.
    """

    gradients: Gradients
    spikes: Spikes
    rest: Rest
    reference: Rest
    studies: Rest


def headline_of(measurements: pd.DataFrame, tolerances: pd.DataFrame) -> Headline:
    """The counts made from judged measurements; `tolerances` say what each error is counted in."""
    rows = of_engines(measurements)
    gradients, spikes = gradients_among(rows, tolerances), rows["quantity"].isin(["spike_count", "spike_time"])
    in_studies = measurements["campaign"] == STUDIES
    return Headline(
        _gradients(gradients),
        _spikes(rows[spikes], tolerances),
        _rest(rows[~is_gradient(rows) & ~spikes]),
        _rest(measurements[~in_studies & _own_checks(measurements)]),
        _rest(measurements[in_studies]),
    )


def of_engines(measurements: pd.DataFrame) -> pd.DataFrame:
    """The measurements without those of the studies and of the reference's own checks."""
    return measurements[(measurements["campaign"] != STUDIES) & ~_own_checks(measurements)]


def is_gradient(measurements: pd.DataFrame) -> pd.Series:
    """Which numbers are derivatives: of a loss, or of a single spike time."""
    quantity = measurements["quantity"].astype(str)
    return quantity.str.endswith("_gradient") | (quantity == "spike_time_jacobian")


def is_zero(measurements: pd.DataFrame) -> pd.Series:
    """Which numbers are exactly 0 in both engine and reference, as they should."""
    return (measurements["expected"] == 0) & (measurements["actual"] == 0) & ~measurements["failed"]


def gradients_among(measurements: pd.DataFrame, tolerances: pd.DataFrame) -> pd.DataFrame:
    """The gradients, with columns `zero`, `eps`, `eps_bound` and `digits`.

    `eps` is the deviation in units of eps times the scale, `eps_bound` its bound in the same units. `digits` are those
    of the gradient's own size in which engine and reference agree::

        -log10(abs(actual - expected) / abs(expected))

    infinite where the deviation is 0, and 0 where it is as large as the number, or larger.
    """
    rows = with_eps(measurements[is_gradient(measurements)], tolerances)
    deviation, size = rows["deviation"].to_numpy(np.float64), np.abs(rows["expected"].to_numpy(np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        digits = np.where(deviation == 0, np.inf, -np.log10(deviation / size))
    digits = np.where(np.isfinite(rows["actual"]) & ~np.isnan(digits), np.maximum(digits, 0.0), 0.0)
    return rows.assign(zero=is_zero(rows), digits=digits)


def with_eps(rows: pd.DataFrame, tolerances: pd.DataFrame) -> pd.DataFrame:
    """`rows` with their errors and bounds in units of eps; an unknown tolerance counts in it already."""
    units = tolerances.drop_duplicates("name").set_index("name")["unit"].astype(float)
    factor = rows["tolerance"].astype(str).map(units).fillna(EPS).to_numpy(np.float64) / EPS
    error = rows["error"].to_numpy(np.float64)
    error = np.where(np.isfinite(error), error * factor, np.inf)
    return rows.assign(eps=error, eps_bound=rows["bound"].to_numpy(np.float64) * factor)


def _own_checks(measurements: pd.DataFrame) -> pd.Series:
    return (measurements["engine"] == REFERENCE) & (measurements["reference"] == STORED)


def _gradients(gradients: pd.DataFrame) -> Gradients:
    rows = gradients[~gradients["zero"]]
    if rows.empty:
        return Gradients(0, len(gradients), 0, {}, {}, {}, np.nan, np.nan, np.nan)
    digits = rows["digits"].to_numpy()
    return Gradients(
        compared=len(rows),
        zeros=int(gradients["zero"].sum()),
        failed=int(rows["failed"].sum()),
        worst=_largest(rows, "eps"),
        nearest=_largest(rows, "ratio"),
        fewest=_largest(rows.assign(lack=-digits), "lack"),
        median_eps=-share(-rows["eps"].to_numpy(), 0.5),
        median_digits=share(digits, 0.5),
        most_digits=share(digits, 0.99),
    )


def _spikes(rows: pd.DataFrame, tolerances: pd.DataFrame) -> Spikes:
    counts = with_missed_and_surplus(rows[rows["quantity"] == "spike_count"])
    times = with_eps(rows[rows["quantity"] == "spike_time"], tolerances)
    compared, missed, surplus = (int(counts[name].sum()) for name in ("expected", "missed", "surplus"))
    return Spikes(compared, missed, surplus, len(times), _largest(times, "eps"), _rest(rows))


def _rest(rows: pd.DataFrame) -> Rest:
    return Rest(len(rows), int(rows["failed"].sum()), tuple(quantities.ordered(rows["quantity"])))


def _largest(rows: pd.DataFrame, column: str) -> Row:
    return rows.iloc[int(rows[column].to_numpy().argmax())].to_dict() if len(rows) else {}


def place(row: Row) -> str:
    """Which number of which case a row is about, in words."""
    return f"{row['component']} ({quantities.label(row['quantity'])}) of case {row['case']}"
