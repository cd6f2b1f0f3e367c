"""The text that explains what was compared."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.paper.page import Page

Explanation = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]

_ENGINES = {
    "event": "is the fast engine and computes in double precision (binary64)",
    "mp": "is the reference, which computes in high precision and is itself measured against stored solutions",
    "textbook": "is a third opinion, plain Python in double precision that shares no algorithm with the other two",
}


def explanation(measurements: pd.DataFrame, cases: pd.DataFrame, pages: Sequence[Page] = ()) -> Explanation:
    """Paragraphs for a reader who has nothing but the report, and (name, meaning) of each compared quantity."""
    paragraphs = (
        "A network of leaky integrate-and-fire neurons is silent between its spikes and fires when a membrane "
        "potential V crosses a threshold. Where it does so with a positive slope V̇, the times of its spikes are "
        "differentiable functions of the synaptic weights, and so is a loss computed from them: the gradient is "
        "exact, without any surrogate. This report says how exactly such gradients were computed.",
        f"In {count(len(cases))} problems (cases) these were measured: {_pairs(measurements)}."
        f"{_engines(measurements)} The references are solutions of the same problems, from "
        f"the same numbers, by other algorithms in high precision{_stored(measurements)}. The reference "
        "gradients, obtained in independent ways, are compared among themselves below. Every number was "
        "compared by itself; what was compared is listed below.",
        "Every comparison is judged alike. The deviation |actual − expected| is taken before rounding and divided "
        "by a unit, as a rule ε = 2⁻⁵² ≈ 2.22×10⁻¹⁶, times a scale, which is the size that rounding errors of that "
        "number have naturally: the size of the terms summed, and 1/V̇ where a spike time is concerned. The result "
        "is the error. A number passes if its error is at most its bound; one that is infinite or no number always "
        "fails. The bounds and the reasons for them are in the table of tolerances.",
        "A gradient is a derivative of a loss or of a single spike time; derivatives that are exactly 0 in both engine "
        "and reference are counted apart, since an engine that computes nothing has them right too. Digits of the "
        "scale are −log₁₀ of the deviation over the scale, digits of its own size −log₁₀ of the deviation over the "
        "number itself. Spikes are counted for every neuron and sample: they are missed where the engine has fewer "
        "than the reference, and surplus where it has more; times are compared where the counts agree.",
        *_studies(pages),
    )
    named = quantities.ordered(measurements["quantity"])
    meanings = ((quantities.label(name), quantities.MEANINGS.get(name, "")) for name in named)
    return paragraphs, tuple(meanings)


def _studies(pages: Sequence[Page]) -> tuple[str, ...]:
    if not pages:
        return ()
    return (
        f"Beyond these cases, {count(len(pages))} studies look at one question each and have chapters of their own. "
        "What must hold there is judged like everything else and decides about the verdict as well.",
    )


def _pairs(measurements: pd.DataFrame) -> str:
    """The pairs of measured engine and reference, in words."""
    pairs = measurements[["engine", "reference"]].drop_duplicates().sort_values(["engine", "reference"])
    clauses = [
        f"“{engine}” against {' and '.join(f'“{name}”' for name in rows['reference'])}"
        for engine, rows in pairs.groupby("engine", sort=True)
    ]
    return "; ".join(clauses) or "nothing"


def _engines(measurements: pd.DataFrame) -> str:
    """A sentence on each measured engine that this package knows."""
    return "".join(f" “{name}” {_ENGINES[name]}." for name in sorted(set(measurements["engine"]) & set(_ENGINES)))


def _stored(measurements: pd.DataFrame) -> str:
    if "case file" not in set(measurements["reference"]):
        return ""
    return "; a “case file” is a problem stored together with its solution, computed beforehand to 30 digits or more"
