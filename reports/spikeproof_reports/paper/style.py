"""The look of all figures: one set of matplotlib settings, one palette that survives greyscale."""

# ruff: noqa: RUF001 -- the times sign is typographic on purpose

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spikeproof_reports.paper.numerals import number

RC: Any = {  # Any: the stubs want the literal name of every setting
    "font.family": ["STIXGeneral", "DejaVu Sans"],  # the second for signs that the first lacks
    "mathtext.fontset": "stix",
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "grid.color": "0.9",
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.0,
    "savefig.dpi": 200,
    "svg.hashsalt": "spikeproof",  # the same figure gives the same bytes
    "pdf.fonttype": 42,  # fonts embedded as TrueType: journals refuse Type 3
}
WIDTH = 6.7  # inches: the text width of a page

# Okabe and Ito's colours, in an order of clearly different lightness; a marker each for greyscale
BLUE, ORANGE, GREEN, RED, SKY, PINK = "#0072B2", "#E69F00", "#009E73", "#B3361E", "#56B4E9", "#CC79A7"
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
INK, GREY, PALE = "#222222", "#767676", "#DDDDDD"
SERIES = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"), (PINK, "D"), (SKY, "v"))


def series(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """A colour and a marker for each name, the same for the same names."""
    return {name: SERIES[rank % len(SERIES)] for rank, name in enumerate(sorted(set(names)))}


def literal(text: str) -> str:
    """`text` safe from being read as mathematics."""
    return text.replace("$", r"\$")


def numeral(value: float) -> str:
    """`value` as in the tables, but its power of ten set as mathematics."""
    mantissa, times, power = number(value).partition("×10")
    return rf"{mantissa}$\times10^{{{power.translate(_PLAIN)}}}$" if times else mantissa
