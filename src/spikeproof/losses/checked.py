"""The check of the numbers that a loss, or a function of the user, returns: real, finite, of the right shape.

Arrays of binary64 pass as they are; lists, and whole numbers that binary64 holds, are converted exactly. All else is
refused by name: numbers of another precision, complex ones, booleans, masks, other shapes. Nothing is broadcast.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, Float64Array, is_held, refuse_rounding, refuse_where

PAIR = "a pair: values, and their derivatives"
BINARY64 = "numbers of binary64, or whole ones that it holds"
FLOAT64 = np.dtype(np.float64)


def pair_of(field: str, returned: Any) -> tuple[Any, Any]:
    """The two members of the pair that a loss returned."""
    try:
        values, slopes = returned
    except (TypeError, ValueError):
        raise InvalidInput(field, returned, PAIR) from None
    return values, slopes


def checked_pair(
    field: str, returned: Any, values: tuple[int, ...], slopes: tuple[int, ...]
) -> tuple[Float64Array, Float64Array]:
    """Values and derivatives as arrays of these shapes; each is checked as by `checked`."""
    value, slope = pair_of(field, returned)
    return checked(f"{field}, values", value, values), checked(f"{field}, derivatives", slope, slopes)


def checked(field: str, returned: Any, shape: tuple[int, ...]) -> Float64Array:
    """A returned value as a float64 array of this shape; an array that is one already is not copied.

    Raises
    ------
    InvalidInput
        If it is anything else; the message names the first wrong entry.
    """
    array: Float64Array = returned
    if type(array) is not np.ndarray or array.shape != shape:
        array = shaped(field, array, shape)
    if array.dtype != FLOAT64:
        array = _exactly(field, array)
    require_finite(field, array)
    return array


def require_finite(field: str, array: Float64Array) -> None:
    """Raise `InvalidInput` for the first number that is infinite or NaN."""
    finite = np.isfinite(array)
    if finite.all():
        return
    where = tuple(np.argwhere(~finite)[0].tolist())
    value = float(array[where])
    index = "".join(f"[{i}]" for i in where)
    raise InvalidInput(field + index, "not a number" if math.isnan(value) else value, "a finite number")


def shaped(field: str, returned: Any, shape: tuple[int, ...]) -> Array:
    """A returned value as an array of any type; raises `InvalidInput` unless it has this shape."""
    if isinstance(returned, np.ma.MaskedArray):
        raise InvalidInput(field, returned, "an array without a mask: masked entries would be read as numbers")
    try:
        array = np.asarray(returned)
    except ValueError:
        raise InvalidInput(field, returned, f"a rectangular array of shape {shape}") from None
    if array.shape != shape:
        raise InvalidInput(field, f"shape {array.shape}", f"shape {shape}")
    return array


def mean(values: Float64Array) -> float:
    """The mean over samples, finite even where their sum overflows; raises `InvalidInput` if a loss is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers of both signs the sum may even be none
        total = float(values.sum() / len(values))
    if math.isfinite(total):
        return total
    require_finite("loss, values", values)
    return float(np.sum(values / len(values)))


def _exactly(field: str, array: Array) -> Float64Array:
    """`array` in binary64, without rounding."""
    kind = array.dtype.kind
    if (array.size and kind not in "iufO") or (kind == "f" and array.dtype.itemsize != 8):
        raise InvalidInput(field, f"numbers of type {array.dtype}", BINARY64)
    if kind == "O":
        wrong = np.zeros(array.shape, np.bool_)
        for where, number in np.ndenumerate(array):
            wrong[where] = not (isinstance(number, float) or is_held(number))
        refuse_where(wrong, field, array, BINARY64)
    converted = array.astype(np.float64)
    refuse_rounding(field, array, converted, BINARY64)
    return converted
