"""Numbers in the form of a file: JSON numbers for binary64, decimal strings for decimals, ``"inf"`` for infinity."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from spikeproof import InvalidInput
from spikeproof.numbers import Array

INFINITY = "inf"


def from_json(value: Any) -> Any:
    """`value` with every JSON number as float and every decimal string as Decimal, lists included."""
    if isinstance(value, list):
        return [from_json(v) for v in value]
    return Decimal(value) if isinstance(value, str) and value != INFINITY else float(value)


def to_json(value: Array | float | Decimal) -> Any:
    """An array or scalar as nested lists of floats and decimal strings; the inverse of `from_json`."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(plain, list):
        return [to_json(v) for v in plain]
    if abs(plain) == math.inf:
        return INFINITY
    return str(plain) if isinstance(plain, Decimal) else float(plain)


def table(field: str, rows: list[Any]) -> list[Any]:
    """`rows` as numbers; raises `InvalidInput` for a row whose length is not that of the first."""
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InvalidInput(f"{field}[{number}]", f"{len(row)} entries", f"as many as in row 0: {len(rows[0])}")
    return [from_json(row) for row in rows]
