"""Functions of the user in the numbers of the reference: what they are called with, and the check of what they return.

They get arrays of `Number`, which knows exact arithmetic and NumPy's elementary functions, and nothing that would drop
digits. So what they return has all digits; a binary64 number among it is a constant of the function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import BINARY64, pair_of, shaped
from spikeproof.losses.inside import Inside
from spikeproof.losses.spike_times import trains_of
from spikeproof.numbers import LARGEST_WHOLE, is_held
from spikeproof_reference.mp.losses.number import Number

WRITTEN = "a function written with arithmetic operators and NumPy's elementary functions"
NUMBERS = "numbers made of those that were given, or " + BINARY64.removeprefix("numbers of ")


def called(field: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function`; an operation that a `Number` does not have is refused by the name of the field."""
    try:
        with Inside(field):
            return function(*arguments)
    except (TypeError, AttributeError) as error:
        raise InvalidInput(field, str(error).rpartition("which has ")[2], WRITTEN) from None


def called_for_pair(
    ctx: Any, field: str, function: Callable[..., Any], *arguments: Any, shapes: tuple[tuple[int, ...], tuple[int, ...]]
) -> tuple[Any, Any]:
    """Values and derivatives that a function returns, as arrays of numbers of `ctx` of these two shapes."""
    values, slopes = pair_of(field, called(field, function, *arguments))
    return (
        returned(ctx, f"{field}, values", values, shapes[0]),
        returned(ctx, f"{field}, derivatives", slopes, shapes[1]),
    )


def called_for_trains(ctx: Any, function: Callable[..., Any], trains: list[list[Any]]) -> tuple[Any, list[list[Any]]]:
    """Value of a user's function of spike times, and its derivative per spike, neuron by neuron."""
    field, own = "loss.function", [given(train) for train in trains]
    value, parts = trains_of(field, called(field, function, list(own)), own)
    slopes = [
        returned(ctx, f"{field}, derivatives[{k}]", part, (len(train),)).tolist()
        for k, (part, train) in enumerate(zip(parts, trains, strict=True))
    ]
    return returned(ctx, f"{field}, value", value, ())[()], slopes


def given(numbers: list[Any]) -> Any:
    """Numbers, or rows of numbers, as the array that a function gets: float64 if they are floats, else of `Number`."""
    array = np.array(numbers, dtype=object)
    if all(isinstance(x, float) for x in array.flat):
        return array.astype(np.float64)
    result = np.empty(array.shape, dtype=object)
    for where, x in np.ndenumerate(array):
        result[where] = Number(x)
    return result


def returned(ctx: Any, field: str, value: Any, shape: tuple[int, ...]) -> Any:
    """A returned value as an object array of numbers of `ctx`; raises `InvalidInput` as `checked` does."""
    array = shaped(field, value, shape)
    result = np.empty(shape, dtype=object)
    for where, x in np.ndenumerate(array):
        result[where] = _number(ctx, field + "".join(f"[{i}]" for i in where), x)
    return result


def of_form(ctx: Any, found: Any, seen: Any) -> tuple[Any, Any]:
    """Value and derivatives, in lists like those of the numbers seen, that a registered form of a loss returned.

    A form computes with the numbers of `ctx`: a fraction in binary64, or a number of another context, has lost digits.
    """
    value, slopes = pair_of("loss", found)
    return _of_context(ctx, "loss, value", value, None), _of_context(ctx, "loss, derivatives", slopes, seen)


def of_integrand(ctx: Any, integrand: Callable[..., Any]) -> Callable[[list[Any], list[Any]], tuple[Any, Any]]:
    """`integrand`, called with rows of V and times, with the same check of what it returns."""

    def checked(v: list[Any], t: list[Any]) -> tuple[Any, Any]:
        values, slopes = pair_of("loss.integrand", integrand(v, t))
        return (
            _of_context(ctx, "loss.integrand, values", values, t),
            _of_context(ctx, "loss.integrand, derivatives", slopes, v),
        )

    return checked


def _of_context(ctx: Any, field: str, found: Any, seen: Any) -> Any:
    if isinstance(seen, list):
        if type(found) is list and len(found) == len(seen) and all(type(x) is ctx.mpf for x in found):
            for k, x in enumerate(found):
                if not ctx.isfinite(x):
                    require_finite(ctx, f"{field}[{k}]", x)
            return found
        parts = found.tolist() if isinstance(found, np.ndarray) else found
        if not isinstance(parts, (list, tuple)) or len(parts) != len(seen):
            raise InvalidInput(field, found, f"a list of {len(seen)}")
        return [_of_context(ctx, f"{field}[{k}]", *pair) for k, pair in enumerate(zip(parts, seen, strict=True))]
    whole = is_held(found) or (isinstance(found, float) and found.is_integer() and abs(found) <= LARGEST_WHOLE)
    if not (type(found) is ctx.mpf or whole):
        raise InvalidInput(field, found, "a number of the sample's context, or a whole one")
    number = ctx.convert(found)
    require_finite(ctx, field, number)
    return number


def _number(ctx: Any, field: str, x: Any) -> Any:
    if type(x) is Number:
        number = x.value
    elif isinstance(x, float) or is_held(x):
        number = ctx.convert(x.item() if isinstance(x, np.generic) else x)
    else:
        raise InvalidInput(field, x, NUMBERS)
    require_finite(ctx, field, number)
    return number


def require_finite(ctx: Any, field: str, number: Any) -> None:
    """Raise `InvalidInput` unless a number, or the first coefficient of a series, is finite."""
    first = Number(number).first
    if not ctx.isfinite(first):
        raise InvalidInput(field, "not a number" if ctx.isnan(first) else float(first), "a finite number")
