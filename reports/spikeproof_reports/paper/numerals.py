"""Numbers as text, the same in every document."""

# ruff: noqa: RUF001 -- minus, times and dash are typographic on purpose

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

THIN = "\u202f"  # narrow no-break space: separates thousands, never a line
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(value: float) -> str:
    """A whole number with its thousands set apart from 10 000 on; what is not whole is shown as it is."""
    if not math.isfinite(value) or value != int(value):
        return number(value)
    return f"{int(value):,}".replace(",", THIN) if abs(value) >= 10_000 else str(int(value))


def number(value: float) -> str:
    """`value` to three significant digits: 0.31, 25.4, 4.1×10⁻¹⁶, ∞, NaN."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 9999.5:
        text = f"{value:#.3g}" if abs(value) < 999.5 else f"{value:.0f}"
        return text.rstrip(".").replace("-", "−")
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}×10{superscript(int(exponent))}".replace("-", "−")


def superscript(exponent: int) -> str:
    """`exponent` in raised digits."""
    return str(exponent).translate(_SUPERSCRIPTS)


def optional(value: float) -> str:
    """The text of `number`, or a dash where there is no number."""
    return "–" if math.isnan(value) else number(value)


def exact(value: float) -> str:
    """All digits of a binary64: the shortest decimal that reads back the same."""
    if not math.isfinite(value):
        return number(value)
    return repr(float(value)).removesuffix(".0")


def percent(value: float) -> str:
    """A fraction of the whole in percent with two decimals; a dash where there is no number."""
    return "–" if math.isnan(value) else f"{100.0 * value:.2f}".replace("-", "−")


def span(values: Iterable[float]) -> str:
    """The smallest and the largest of the finite numbers among `values`: 0.31 to 25.4; "none" without any."""
    finite = [value for value in map(float, values) if math.isfinite(value)]
    if not finite:
        return "none"
    low, high = number(min(finite)), number(max(finite))
    return low if low == high else f"{low} to {high}"


def share(values: NDArray[np.float64], part: float) -> float:
    """The largest of `values` that at least a fraction `part` of them reaches; no value is interpolated."""
    ordered = np.sort(values)[::-1]
    return float(ordered[math.ceil(part * len(ordered)) - 1])


def digits(value: float) -> str:
    """A number of agreeing digits, rounded down to a tenth; infinitely many are all."""
    if not math.isfinite(value):
        return "all" if value > 0 else number(value)
    return f"{math.floor(10.0 * value) / 10.0:.1f}"
