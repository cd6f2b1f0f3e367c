"""Numbers of a problem: binary64, or decimals that keep all their digits for the reference.

A scalar is a ``float`` or a ``decimal.Decimal``; an array is ``float64``, or of dtype ``object`` when
at least one of its entries is a ``Decimal`` (then all are: a float converts to its exact decimal value).
"""

from __future__ import annotations

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


def scalar(field: str, value: object, allowed: str = "a finite number") -> Scalar:
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
            return number
    raise InvalidInput(field, value, allowed)


def positive(field: str, value: object) -> Scalar:
    """`value` as a finite number > 0."""
    number = scalar(field, value, "a finite number > 0")
    if number <= 0:
        raise InvalidInput(field, value, "a finite number > 0")
    return number


def nonnegative(field: str, value: object) -> Scalar:
    """`value` as a finite number >= 0."""
    number = scalar(field, value, "a finite number >= 0")
    if number < 0:
        raise InvalidInput(field, value, "a finite number >= 0")
    return number


def array(field: str, value: object, *, ndim: int | None = None) -> Array:
    """`value` as a read-only, C-contiguous array of finite numbers (float64, or object of Decimal): a copy."""
    result = np.array(finite(field, value, ndim=ndim), order="C")
    result.setflags(write=False)
    return result


def finite(field: str, value: object, *, ndim: int | None = None) -> Array:
    """`value` as an array of finite numbers (float64, or object of Decimal): not a copy where it is one."""
    raw = rectangular(field, value)
    if ndim is not None and raw.ndim != ndim:
        if raw.size == 0 and raw.ndim < ndim:
            raw = raw.reshape(raw.shape + (0,) * (ndim - raw.ndim))
        else:
            raise InvalidInput(field, value, f"an array of {ndim} dimension(s), not {raw.ndim}")
    return _decimals(field, raw) if raw.dtype == object else _float64(field, raw)


def rectangular(field: str, value: object) -> Array:
    """`value` as an array of anything: not a copy where it is one."""
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
    """`task` without NumPy's warnings: what is not finite is refused by name where it matters."""

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


def _float64(field: str, raw: Array) -> Array:
    if raw.dtype.kind not in "iuf":
        if raw.size == 0:
            return np.zeros(raw.shape)
        raise InvalidInput(field, raw.tolist(), "finite numbers")
    result = np.asarray(raw, dtype=np.float64)
    refuse_where(~np.isfinite(result), field, result, "finite numbers")
    return result


def _decimals(field: str, raw: Array) -> Array:
    flat: Iterable[Any] = raw.ravel().tolist()
    places = ("".join(f"[{i}]" for i in index) for index in np.ndindex(raw.shape))
    numbers = [scalar(field + place, v) for place, v in zip(places, flat, strict=True)]
    if not any(isinstance(v, Decimal) for v in numbers):
        return np.array(numbers, dtype=np.float64).reshape(raw.shape)
    result = np.empty(len(numbers), dtype=object)
    result[:] = [v if isinstance(v, Decimal) else Decimal(v) for v in numbers]
    return result.reshape(raw.shape)
