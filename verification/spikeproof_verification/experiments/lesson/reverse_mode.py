"""Reverse mode in numbers of any kind, in which the derivative of the step is whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Variable:
    """A number with its place in a computation: its parents, and the derivative by each of them."""

    value: Any
    parents: tuple[tuple[Variable, Any], ...] = ()
    cotangent: Any = 0

    def __add__(self, other: Any) -> Variable:
        if isinstance(other, Variable):
            return Variable(self.value + other.value, ((self, 1), (other, 1)))
        return Variable(self.value + other, ((self, 1),))

    def __mul__(self, other: Any) -> Variable:
        if isinstance(other, Variable):
            return Variable(self.value * other.value, ((self, other.value), (other, self.value)))
        return Variable(self.value * other, ((self, other),))

    def __neg__(self) -> Variable:
        return self.__mul__(-1)

    def __sub__(self, other: Any) -> Variable:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Variable:
        return self.__mul__(-1).__add__(other)

    __radd__ = __add__
    __rmul__ = __mul__


def step_with(derivative: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The step as a function of a `Variable` or a plain number, with this derivative in reverse mode.

    Parameters
    ----------
    derivative : callable
        Of V - v_th; ``lambda x: 0`` is that of the step itself, where it has one.

    Returns
    -------
    callable
    """

    def step(x: Any) -> Any:
        if not isinstance(x, Variable):
            return 1 if x > 0 else 0
        return Variable(1 if x.value > 0 else 0, ((x, derivative(x.value)),))

    return step


def derivatives(result: Variable, by: Sequence[Variable]) -> list[Any]:
    """The derivatives of `result` by each of some variables.

    Parameters
    ----------
    result : Variable
    by : sequence of Variable

    Returns
    -------
    list of numbers
    """
    order, seen, waiting = [], set(), [(result, False)]
    while waiting:
        variable, done = waiting.pop()
        if done:
            order.append(variable)
        elif id(variable) not in seen:
            seen.add(id(variable))
            waiting.append((variable, True))
            waiting += [(parent, False) for parent, _ in variable.parents]
    for variable in order:
        variable.cotangent = 0
    result.cotangent = 1
    for variable in reversed(order):
        for parent, slope in variable.parents:
            parent.cotangent += variable.cotangent * slope
    return [variable.cotangent if id(variable) in seen else 0 for variable in by]
