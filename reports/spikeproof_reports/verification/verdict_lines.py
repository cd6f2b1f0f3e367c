"""The lines of a first screen: one for each number that a referee asks for."""

from __future__ import annotations

import math

import pandas as pd

from spikeproof_reports.paper import quantities
from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.numerals import count, digits, number
from spikeproof_reports.verification.headline import Gradients, Headline, Rest, Row, Spikes, place
from spikeproof_verification.checks.tolerances import EPS
from spikeproof_verification.experiments.studies.study import CAMPAIGN as STUDIES


def verdict_lines(found: Headline, cases: pd.DataFrame, agreement: pd.DataFrame) -> tuple[Line, ...]:
    """Gradients, spikes, studies and the reference, each with its own numbers, from judged agreements."""
    return (
        *_gradients(found.gradients),
        *_spikes(found.spikes),
        *_studies(found.studies, cases[cases["campaign"] == STUDIES]),
        *_rest(found.rest),
        *_reference(found.reference, agreement),
    )


def _gradients(found: Gradients) -> tuple[Line, ...]:
    zeros = f"{count(found.zeros)} more are exactly 0 in both, and not counted." if found.zeros else ""
    if not found.compared:
        return (Line("Nonzero gradients", "0", zeros or "None were compared."),)
    lines = (
        Line("Nonzero gradients", count(found.compared), f"compared, {count(found.failed)} failed. {zeros}".strip()),
        Line("Worst error", in_eps(found.worst), _worst(found), place(found.worst)),
        Line("Fewest digits", digits(found.fewest["digits"]), _digits(found), place(found.fewest)),
    )
    if found.nearest["ratio"] > found.worst["ratio"]:
        nearest = Line("Nearest to its bound", in_eps(found.nearest), f"{size(found.nearest)}.", place(found.nearest))
        return (*lines[:2], nearest, lines[2])
    return lines


def _worst(found: Gradients) -> str:
    return f"{size(found.worst)}. Half are at {number(found.median_eps)} ε or less."


def _digits(found: Gradients) -> str:
    row = found.fewest
    return (
        f"of its own size, which is {number(abs(row['expected']))} on a scale of {number(row['scale'])}. "
        f"Half agree to {digits(found.median_digits)} digits or more, 99 % to {digits(found.most_digits)} or more."
    )


def _spikes(found: Spikes) -> tuple[Line, ...]:
    text = f"compared, {count(found.missed)} missed, {count(found.surplus)} surplus."
    if not found.times:
        return (Line("Spikes", count(found.compared), text),)
    worst = found.worst
    text += f" Worst of {count(found.times)} times: {in_eps(worst)} {size(worst)}."
    return (Line("Spikes", count(found.compared), text, place(worst)),)


def _studies(found: Rest, ran: pd.DataFrame) -> tuple[Line, ...]:
    if ran.empty and not found.compared:
        return ()
    broken = int((ran["status"] == "failed").sum())
    apart = f"{count(len(ran))} studies apart" + (f", {count(broken)} broke off" if broken else "")
    note = f"{apart}: {count(found.compared)} numbers that must hold, {count(found.failed)} failed."
    return (Line("Studies", "FAIL" if found.failed or broken else "PASS", note),)


def _rest(found: Rest) -> tuple[Line, ...]:
    if not found.compared:
        return ()
    named = ", ".join(map(quantities.label, found.quantities))
    return (Line("Other numbers", count(found.compared), f"{named}: {count(found.failed)} failed."),)


def _reference(found: Rest, agreement: pd.DataFrame) -> tuple[Line, ...]:
    own = f"{count(found.compared)} numbers of it against case files: {count(found.failed)} failed."
    if agreement.empty:
        return (Line("Reference", count(found.compared), own),) if found.compared else ()
    compared, wrong = int(agreement["compared"].sum()), int(agreement["failed"].sum())
    note = f"digits or more agree among its own gradients: {count(compared)} comparisons, {count(wrong)} failed."
    least = agreement["digits"].to_numpy(float).min()  # NaN if any of them is
    return (Line("Reference", digits(least), f"{note} {own}" if found.compared else note),)


def size(row: Row) -> str:
    """The error of a number in digits of its scale, and as a fraction of its bound."""
    if not math.isfinite(row["eps"]):
        return "not finite"
    same = "exact" if row["eps"] == 0 else f"= {digits(max(-math.log10(row['eps'] * EPS), 0.0))} digits of its scale"
    return f"{same}, {number(row['ratio'])} of its bound"


def in_eps(row: Row) -> str:
    """The error of a number on its scale."""
    return f"{number(row['eps'])} ε"
