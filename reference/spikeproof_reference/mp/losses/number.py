"""A number of the reference as a function of the user meets it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from spikeproof_reference.smooth.series import Series

# what NumPy calls it, and what mpmath does; NumPy looks for methods of these names in arrays of objects
FUNCTIONS = {
    "exp": "exp", "expm1": "expm1", "log": "ln", "log1p": "log1p", "log10": "log10", "sqrt": "sqrt", "cbrt": "cbrt",
    "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip


class Number:
    """A number, or a power series, that takes part in arithmetic, comparisons and NumPy's elementary functions.

    It has no ``float(x)``, and meets no numbers but its own kind, whole ones and binary64: so ``math.exp(x)``,
    ``mpmath.exp(x)`` and arrays of float64 are errors, and no digit is lost in silence. What is no real number, or
    infinite by division by 0, is not a number, as in NumPy.

    Parameters
    ----------
    value : mpf, or Series of them
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def first(self) -> Any:
        """The number; the first coefficient of a series."""
        return self.value[0] if isinstance(self.value, Series) else self.value

    def __repr__(self) -> str:
        return f"Number({self.first.context.nstr(self.first, 6)})"

    def __float__(self) -> float:
        raise TypeError("rounding to float64, as math.exp does, loses digits")

    __int__ = __complex__ = __float__

    def __bool__(self) -> bool:
        return bool(self.first != 0)

    def __hash__(self) -> int:
        return hash(self.value)

    def __neg__(self) -> Number:
        return Number(-self.value)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return Number(abs(self.value))

    def conjugate(self) -> Number:
        """Itself."""
        return self


def _operand(x: Any) -> Any:
    """`x` as something that a number can be added to without a loss of digits, or NotImplemented."""
    if type(x) is Number:
        return x.value
    if isinstance(x, (int, np.integer, np.bool_)):
        return int(x)
    if isinstance(x, (float, np.float32, np.float16)):
        return float(x)
    return NotImplemented


def _real(ctx: Any, operation: Callable[..., Any], *arguments: Any) -> Number:
    try:
        result = operation(*arguments)
    except ZeroDivisionError:
        return Number(ctx.nan)
    return Number(ctx.nan if hasattr(result, "_mpc_") else result)


def _binary(operation: Callable[[Any, Any], Any], *, swapped: bool = False) -> Callable[[Number, Any], Any]:
    def method(self: Number, other: Any) -> Any:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        pair = (x, self.value) if swapped else (self.value, x)
        return _real(self.first.context, operation, *pair)

    return method


def _comparison(operation: Callable[[Any, Any], Any]) -> Callable[[Number, Any], Any]:
    def method(self: Number, other: Any) -> Any:
        x = _operand(other)
        return x if x is NotImplemented else operation(self.value, x)

    return method


def _function(name: str, of_mpmath: str) -> Callable[[Number], Number]:
    def method(self: Number) -> Number:
        if not isinstance(self.value, Series):
            ctx = self.value.context
            return _real(ctx, getattr(ctx, of_mpmath), self.value)
        if not hasattr(self.value, name):
            raise TypeError(f"{name} of a power series, which knows exp and log")
        return Number(getattr(self.value, name)())

    return method


for _symbol in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Number, f"__{_symbol}__", _binary(getattr(operator, _symbol)))
    setattr(Number, f"__r{_symbol}__", _binary(getattr(operator, _symbol), swapped=True))
for _symbol in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Number, f"__{_symbol}__", _comparison(getattr(operator, _symbol)))
for _name, _of_mpmath in FUNCTIONS.items():
    setattr(Number, _name, _function(_name, _of_mpmath))
