"""Losses of potentials at grid points, in numbers of any kind: the formulas alone, no derivatives.

Integrals are sums by the trapezoidal rule, maxima are those over the grid points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from spikeproof.losses import (
    ExponentialWeight,
    IntegralCrossEntropy,
    LossSum,
    MaxVoltageCrossEntropy,
    VoltageIntegral,
    VoltageTarget,
)
from spikeproof.problem import Problem
from spikeproof_reference.lesson.dual import Dual


@dataclass(frozen=True)
class Functions:
    """The elementary functions of a kind of numbers.

    Attributes
    ----------
    exp, log : callables
    number : callable
        Converts a binary64 number.
    """

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    number: Callable[[Any], Any]


@dataclass(frozen=True)
class Traces:
    """The potentials that a loss reads, in one sample.

    Attributes
    ----------
    v : list of lists of numbers
        V of each neuron that is read at each grid point, neuron by neuron.
    dt : number
    sample : int
    functions : Functions
    """

    v: list[list[Any]]
    dt: Any
    sample: int
    functions: Functions


def dual_functions(functions: Functions) -> Functions:
    """`functions` that take dual numbers too.

    Parameters
    ----------
    functions : Functions

    Returns
    -------
    Functions
    """

    def exp(x: Any) -> Any:
        return Dual(y := functions.exp(x.x), y * x.dx) if isinstance(x, Dual) else functions.exp(x)

    def log(x: Any) -> Any:
        return Dual(functions.log(x.x), x.dx / x.x) if isinstance(x, Dual) else functions.log(x)

    return Functions(exp, log, functions.number)


def loss_on_grid(problem: Problem, v: Sequence[Sequence[Any]], dt: Any, sample: int, functions: Functions) -> Any:
    """The loss of one sample from V of each neuron at each grid point.

    Parameters
    ----------
    problem : Problem
        Its loss reads V of leaky integrators.
    v : list of K + 1 lists of numbers, shape (K + 1, n_neurons)
    dt : float
    sample : int
    functions : Functions

    Returns
    -------
    number
    """

    def term(loss: Any) -> Any:
        if isinstance(loss, LossSum):
            return sum(functions.number(factor) * term(part) for factor, part in loss.terms)
        neurons = problem.network.neurons(loss.population)
        own = [[row[n] for row in v] for n in neurons]
        return _value(loss, Traces(own, functions.number(dt), sample, functions))

    return term(problem.loss)


@singledispatch
def _value(loss: Any, traces: Traces) -> Any:
    raise TypeError(f"no formula for {type(loss).__name__}, {len(traces.v)} neurons")


@_value.register
def _(loss: MaxVoltageCrossEntropy, traces: Traces) -> Any:
    return _cross_entropy([max(x) for x in traces.v], int(loss.labels[traces.sample]), traces.functions)


@_value.register
def _(loss: IntegralCrossEntropy, traces: Traces) -> Any:
    return _cross_entropy(_integrals(loss.weight, traces), int(loss.labels[traces.sample]), traces.functions)


@_value.register
def _(loss: VoltageIntegral, traces: Traces) -> Any:
    integrals = _integrals(loss.weight, traces)
    factors = [1.0] * len(integrals) if loss.coefficients is None else loss.coefficients.tolist()
    return sum(traces.functions.number(f) * x for f, x in zip(factors, integrals, strict=True))


@_value.register
def _(loss: VoltageTarget, traces: Traces) -> Any:
    number, total = traces.functions.number, traces.functions.number(0.0)
    targets = loss.targets[traces.sample] if loss.targets.ndim == 3 else loss.targets
    for x, own in zip(traces.v, targets.tolist(), strict=True):
        for time, target in zip(loss.times.tolist(), own, strict=True):
            distance = x[round(number(time) / traces.dt)] - number(target)
            total = total + distance * distance / 2
    return total


def _integrals(weight: Any, traces: Traces) -> list[Any]:
    """Integral of g V of each neuron by the trapezoidal rule."""
    n_steps, functions = len(traces.v[0]) - 1, traces.functions
    if isinstance(weight, ExponentialWeight):
        g = [functions.exp(-k * traces.dt / functions.number(float(weight.tau))) for k in range(n_steps + 1)]
    else:
        g = [1 / (n_steps * traces.dt) if weight == "mean" else functions.number(1.0)] * (n_steps + 1)
    halves = [traces.dt * (g[k] * x[k] + g[k + 1] * x[k + 1]) / 2 for x in traces.v for k in range(n_steps)]
    return [sum(halves[n * n_steps : (n + 1) * n_steps]) for n in range(len(traces.v))]


def _cross_entropy(scores: list[Any], label: int, functions: Functions) -> Any:
    return functions.log(sum(functions.exp(x - scores[label]) for x in scores))
