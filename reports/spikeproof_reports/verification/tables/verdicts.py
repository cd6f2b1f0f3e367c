"""Verdicts by campaign and quantity, by regime, and by flavour."""

# ruff: noqa: RUF001 -- minus, times and dash are typographic on purpose

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.numerals import number
from spikeproof_reports.paper.printed import NAME, Printed
from spikeproof_reports.paper.table import PAGE, Column, Table
from spikeproof_reports.verification.headline import of_engines
from spikeproof_reports.verification.tables import columns as c


def verdict_summary(measurements: pd.DataFrame) -> Table:
    """Numbers compared, failures and the worst error by campaign, engine and quantity, from judged measurements."""
    frame = worst_by(["campaign", "engine", "quantity"], measurements)
    order = {name: rank for rank, name in enumerate(quantities.ordered(frame["quantity"]))}
    frame = frame.sort_values(
        ["campaign", "engine", "quantity"], key=lambda s: s.map(order) if s.name == "quantity" else s
    )
    columns = {
        "campaign": c.CAMPAIGN,
        "engine": c.ENGINE,
        "quantity": c.QUANTITY,
        "compared": c.COMPARED,
        "nonzero": c.NONZERO,
        "failed": c.FAILED,
        "error": replace(c.ERROR, heading="worst error", meaning=f"the largest error: {c.ERROR.meaning}", shown=PAGE),
        "bound": c.BOUND,
        "ratio": c.RATIO,
        "case": replace(c.CASE, heading="worst case", meaning="the problem in which the worst error occurred"),
        "component": c.COMPONENT,
        "tolerance": replace(c.TOLERANCE, shown=PAGE),
    }
    return Table(
        name="summary",
        title="Verdicts by campaign and quantity",
        note="The worst number of a row is the one that uses up most of its bound.",
        frame=frame[list(columns)],
        columns=columns,
        empty="Nothing was compared.",
        alarm="failed",
    )


def printed_quantities(measurements: pd.DataFrame) -> Printed:
    """Errors of each quantity of the measured engines against their bounds, as a paper prints them."""
    rows = of_engines(measurements)
    frame = worst_by(["quantity"], rows)[["quantity", "compared", "failed", "ratio"]]
    median = rows.groupby("quantity", observed=True)["ratio"].median().rename("median").reset_index()
    bounds = rows.groupby("quantity", observed=True)["bound"].agg(_bounds).rename("bound").reset_index()
    frame = frame.merge(median, on="quantity").merge(bounds, on="quantity")
    order = {name: rank for rank, name in enumerate(quantities.ordered(frame["quantity"]))}
    frame = frame.sort_values("quantity", key=lambda names: names.map(order))
    columns = {
        "quantity": replace(c.QUANTITY, width=0.3),
        "compared": c.COMPARED,
        "bound": replace(c.BOUND, kind="text"),
        "median": Column("median", "of error/bound", kind="number"),
        "ratio": replace(c.RATIO, heading="worst", meaning="the largest error/bound"),
        "failed": c.FAILED,
    }
    note = "Median and worst are of error/bound; errors are counted in the units of the tolerances."
    table = Table(NAME, "Errors and bounds", note, frame[list(columns)], columns, "Nothing was compared.")
    return Printed(table, ("quantity", "compared", "ratio", "failed"), width=0.38)


def _bounds(values: pd.Series[float]) -> str:
    """The bounds of a quantity, which has several if its numbers have several tolerances."""
    different = sorted(set(values.astype(float)))
    shown = different if len(different) < 3 else (different[0], different[-1])
    return (", " if len(different) < 3 else " to ").join(number(value) for value in shown)


def regime_summary(measurements: pd.DataFrame, cases: pd.DataFrame) -> Table:
    """Cases, numbers compared, failures and the worst ratio for each regime, from judged measurements."""
    frame = _by_kind("regime", measurements, cases)
    columns = {"regime": replace(c.REGIME, width=0.22), **_KINDS}
    return Table(
        name="regimes",
        title="Verdicts by regime",
        note="A regime is a kind of problem: its graph, its time constants, how close its spikes come to grazing.",
        frame=frame[list(columns)],
        columns=columns,
        empty="There were no cases.",
        alarm="failed",
    )


def flavour_summary(measurements: pd.DataFrame, cases: pd.DataFrame) -> Table:
    """The table of `regime_summary` for each flavour of the generated networks; other cases are not counted."""
    drawn = cases[cases["flavour"] != ""]
    flavours = drawn[["campaign", "case", "flavour"]].drop_duplicates(["campaign", "case"])
    frame = _by_kind("flavour", measurements.merge(flavours, on=["campaign", "case"]), drawn)
    columns = {"flavour": c.FLAVOUR, **_KINDS}
    return Table(
        name="flavours",
        title="Verdicts by flavour of the generated networks",
        note="A flavour is how the weights and input spikes of a generated network were drawn: mixed signs, "
        "much inhibition, or bursts of input spikes; of one with sparse projections, its loss. Other campaigns have "
        "none.",
        frame=frame[list(columns)],
        columns=columns,
        empty="No networks were generated.",
        alarm="failed",
    )


_KINDS = {
    "cases": Column("cases", "how many problems", kind="count"),
    "missing": Column("without numbers", "how many of them were refused or failed", kind="count"),
    "compared": c.COMPARED,
    "nonzero": c.NONZERO,
    "failed": c.FAILED,
    "ratio": replace(c.RATIO, heading="worst error/bound", kind="optional"),
    "quantity": replace(c.QUANTITY, heading="worst quantity", meaning="the quantity in which it occurred"),
    "min_vdot": replace(c.VDOT, heading="smallest V̇", meaning="smallest slope at a spike among its cases"),
}


def _by_kind(key: str, measurements: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Cases, and what became of their numbers, for each value of the column `key`, which both frames have."""
    by_kind = cases.assign(missing=cases["status"] != "done").groupby(key, observed=True)
    known = by_kind.agg(cases=("case", "size"), missing=("missing", "sum"), min_vdot=("min_vdot", "min"))
    frame = known.reset_index().merge(worst_by([key], measurements), on=key, how="outer")
    frame = frame.fillna({"cases": 0, "missing": 0, "compared": 0, "nonzero": 0, "failed": 0, "quantity": "–"})
    return frame.sort_values(key)


def worst_by(keys: list[str], measurements: pd.DataFrame) -> pd.DataFrame:
    """Per group: its size, its failures and the row with the largest ratio."""
    groups = measurements.assign(nonzero=measurements["expected"] != 0).groupby(keys, observed=True, sort=True)
    counts = groups.agg(
        compared=("ratio", "size"), nonzero=("nonzero", "sum"), failed=("failed", "sum"), where=("ratio", "idxmax")
    ).reset_index()
    rest = [name for name in measurements.columns if name not in (*keys, "failed")]
    return counts.join(measurements[rest], on="where")
