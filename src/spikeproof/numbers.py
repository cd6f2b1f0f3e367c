"""Numbers of a problem: binary64, or decimals that keep all their digits for the reference.

A scalar is a ``float`` or a ``decimal.Decimal``; an array is ``float64``, or of dtype ``object`` when
at least one of its entries is a ``Decimal`` (then all are: a float converts to its exact decimal value).
Numbers of another type are converted without rounding: what binary64 does not hold, such as 2**53 + 1, is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from spikeproof.errors import InvalidInput

Scalar: TypeAlias = float | Decimal
Array: TypeAlias = NDArray[Any]
Float64Array: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

Given = ParamSpec("Given")
Result = TypeVar("Result")
MAX_SIZE = 2**24  # neurons or channels of one group, and points that are drawn
LARGEST_WHOLE = 2**53  # up to here binary64 holds every whole number
HELD = "numbers that binary64 holds without rounding"


def scalar(field: str, value: object, allowed: str = "a finite real number") -> Scalar:
    """`value` as a finite float or Decimal; raises `InvalidInput` for anything else."""
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
    elif isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = np.inf
        if np.isfinite(number):
            if is_held(value) if isinstance(value, (int, np.integer)) else number == value:
                return number
            raise InvalidInput(field, value, f"{allowed} that binary64 holds without rounding, or a Decimal")
    raise InvalidInput(field, value, allowed)


def positive(field: str, value: object) -> Scalar:
    """`value` as a finite number > 0."""
    number = scalar(field, value, "a finite real number > 0")
    if number <= 0:
        raise InvalidInput(field, value, "a finite real number > 0")
    return number


def nonnegative(field: str, value: object) -> Scalar:
    """`value` as a finite number >= 0."""
    number = scalar(field, value, "a finite real number >= 0")
    if number < 0:
        raise InvalidInput(field, value, "a finite real number >= 0")
    return number


def array(field: str, value: object, *, ndim: int | None = None, infinite: bool = False) -> Array:
    """`value` as a read-only, C-contiguous array of finite numbers (float64, or object of Decimal); always a copy.

    With `infinite` infinity is allowed as well.
    """
    result = np.array(finite(field, value, ndim=ndim, infinite=infinite), order="C")
    result.setflags(write=False)
    return result


def finite(field: str, value: object, *, ndim: int | None = None, infinite: bool = False) -> Array:
    """`value` as an array of finite numbers (float64, or object of Decimal); such an array is returned as it is.

    With `infinite` infinity is allowed as well.
    """
    raw = rectangular(field, value)
    if ndim is not None and raw.ndim != ndim:
        if raw.size == 0 and raw.ndim < ndim:
            raw = raw.reshape(raw.shape + (0,) * (ndim - raw.ndim))
        else:
            raise InvalidInput(field, value, f"an array of {ndim} dimension(s), not {raw.ndim}")
    if raw.dtype == np.float64 and not isinstance(value, np.ndarray) and np.any(abs(raw) >= LARGEST_WHOLE):
        raw = np.array(value, dtype=object)  # a list, in which NumPy has rounded large whole numbers beside fractions
    return _decimals(field, raw, infinite) if raw.dtype == object else _float64(field, raw, infinite)


def rectangular(field: str, value: object) -> Array:
    """`value` as an array of any type; an array is returned as it is."""
    if isinstance(value, np.ma.MaskedArray):
        raise InvalidInput(field, value, "an array without a mask: masked entries would be read as numbers")
    try:
        return np.asarray(value)
    except ValueError:
        raise InvalidInput(field, value, "a rectangular array") from None


def integers(field: str, value: object, *, low: int, high: int) -> IntArray:
    """`value` as a read-only int64 array with entries in ``low .. high - 1``."""
    allowed = f"whole numbers from {low} to {high - 1}" if high > low else "an empty list"
    raw = rectangular(field, value)
    if raw.ndim != 1 or (raw.size and raw.dtype.kind not in "iu"):
        raise InvalidInput(field, value, f"a one-dimensional array of {allowed}")
    bad = np.flatnonzero((raw < low) | (raw >= high)) if raw.size else np.zeros(0, np.int64)
    if bad.size:
        raise InvalidInput(f"{field}[{bad[0]}]", raw[bad[0]].item(), allowed)
    result = raw.astype(np.int64)
    result.setflags(write=False)
    return result


def integer(field: str, value: object, *, low: int, high: int | None = None) -> int:
    """`value` as a whole number >= low and, if given, <= high."""
    number = int(value) if isinstance(value, (int, np.integer)) and not isinstance(value, bool) else None
    if number is not None and low <= number and (high is None or number <= high):
        return number
    allowed = f"a whole number >= {low}" if high is None else f"a whole number from {low} to {high}"
    raise InvalidInput(field, value, allowed)


def refuse_where(bad: NDArray[np.bool_], field: str, values: Array, allowed: str) -> None:
    """Raise `InvalidInput` for the first entry of `values` marked in `bad`, naming its index."""
    if np.any(bad):
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        name = field + "".join(f"[{i}]" for i in where)
        value = values[where] if values.ndim else values[()]
        raise InvalidInput(name, value.item() if isinstance(value, np.generic) else value, allowed)


def quiet(task: Callable[Given, Result]) -> Callable[Given, Result]:
    """`task` without NumPy's warnings of overflow: a result that is not finite is refused by name afterwards."""

    @wraps(task)
    def quietly(*arguments: Given.args, **named: Given.kwargs) -> Result:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # anew in each thread
            return task(*arguments, **named)

    return quietly


def is_exact(values: object) -> bool:
    """True if `values` holds decimals rather than binary64."""
    return isinstance(values, Decimal) or (isinstance(values, np.ndarray) and values.dtype == object)


def rounded(values: Any) -> Any:
    """`values` with every Decimal rounded to the nearest binary64; float64 passes through unchanged."""
    if isinstance(values, Decimal):
        return float(values)
    if isinstance(values, np.ndarray) and values.dtype == object:
        result = values.astype(np.float64)
        result.setflags(write=False)
        return result
    return values


def is_held(number: object) -> bool:
    """True for a whole number that binary64 holds without rounding."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, (bool, np.timedelta64)):
        return False
    whole = int(number)
    return -LARGEST_WHOLE <= whole <= LARGEST_WHOLE or (abs(whole) < 2**1024 and int(float(whole)) == whole)


def refuse_rounding(field: str, given: Array, converted: Float64Array, allowed: str) -> None:
    """Raise `InvalidInput` for the first number of another type that was rounded when `given` became `converted`."""
    kind = given.dtype.kind
    if kind == "f" and given.dtype.itemsize > 8:
        refuse_where(np.asarray(given != converted), field, given, allowed)
    elif kind in "iu":
        large = np.asarray(np.abs(converted) >= LARGEST_WHOLE)
        if np.any(large):
            large[large] = [not is_held(number) for number in given[large]]
            refuse_where(large, field, given, allowed)


def _float64(field: str, raw: Array, infinite: bool) -> Array:
    if raw.dtype.kind not in "iuf":
        if raw.size == 0:
            return np.zeros(raw.shape)
        raise InvalidInput(field, raw.tolist(), "finite real numbers")
    if raw.dtype == np.float64:
        result = np.asarray(raw)
    else:
        with np.errstate(over="ignore"):
            result = np.asarray(raw, dtype=np.float64)
    wrong = np.isnan(result) if infinite else ~np.isfinite(result)
    refuse_where(wrong, field, result, "real numbers" if infinite else "finite real numbers")
    if result.dtype != raw.dtype:
        refuse_rounding(field, raw, result, HELD)
    return result


def _decimals(field: str, raw: Array, infinite: bool) -> Array:
    flat: Iterable[Any] = raw.ravel().tolist()
    places = ("".join(f"[{i}]" for i in index) for index in np.ndindex(raw.shape))
    numbers = [
        v if infinite and _is_infinite(v) else scalar(field + place, v) for place, v in zip(places, flat, strict=True)
    ]
    if not any(isinstance(v, Decimal) for v in numbers):
        return np.array(numbers, dtype=np.float64).reshape(raw.shape)
    result = np.empty(len(numbers), dtype=object)
    result[:] = [v if isinstance(v, Decimal) else Decimal(v) for v in numbers]
    return result.reshape(raw.shape)


def _is_infinite(value: object) -> bool:
    """True for plus or minus infinity as a float or a Decimal."""
    return isinstance(value, (float, np.floating, Decimal)) and abs(value) == math.inf
