"""Losses as plain formulas of the numbers that they observe; `differentiated` makes their derivatives.

A new kind of loss is added with ``@spike_formula.register``, ``@voltage_formula.register`` or
``@density_formula.register``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, TypeAlias

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses import (
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    MaxVoltageCrossEntropy,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof_reference.mp.losses.own_functions import called, called_for_pair, called_for_trains, given, returned
from spikeproof_reference.mp.precision import exact
from spikeproof_reference.ode.derivative import (
    cross_entropy,
    differentiated,
    exponential,
    logarithm,
    plain,
    softmax_slopes,
)

Gradient: TypeAlias = tuple[Any, list[list[Any]]]
Local: TypeAlias = Callable[[list[Any], Any], tuple[Any, list[Any]]]


@dataclass(frozen=True)
class View:
    """The arguments of a formula: the arithmetic, the number of the sample, and the duration."""

    ctx: Any
    sample: int
    duration: Any


@singledispatch
def spike_formula(loss: object, trains: list[list[Any]], view: View) -> Gradient:
    """Value of a loss of spike times, and its derivative per spike, neuron by neuron.

    Raises
    ------
    NotImplementedError
        If no formula of this loss is registered.
    """
    raise NotImplementedError(type(loss).__name__)


@singledispatch
def voltage_formula(loss: object, observed: list[list[Any]], view: View) -> Gradient:
    """Value of a loss of observed numbers, ``observed[neuron][k]``, and its derivatives, of the same lengths.

    Raises
    ------
    NotImplementedError
        If no formula of this loss is registered.
    """
    raise NotImplementedError(type(loss).__name__)


@singledispatch
def density_formula(loss: object, view: View) -> Local:
    """The function of V, a list, and t that returns l_V and dl_V/dV, a list.

    Raises
    ------
    NotImplementedError
        If no formula of this loss is registered.
    """
    raise NotImplementedError(type(loss).__name__)


def is_known(loss: object) -> bool:
    """True if a formula for this kind of loss is registered."""
    formulas = (spike_formula, voltage_formula, density_formula)
    return any(f.dispatch(type(loss)) is not f.dispatch(object) for f in formulas)


def _of_lists(view: View, function: Callable[[list[list[Any]]], Any], lists: list[list[Any]]) -> Gradient:
    """`differentiated`, for numbers that come in lists."""
    flat = [x for part in lists for x in part]
    value, slopes = differentiated(view.ctx, lambda xs: function(_like(lists, xs)), flat)
    return value, _like(lists, slopes)


def _like(lists: list[list[Any]], flat: list[Any]) -> list[list[Any]]:
    numbers = iter(flat)
    return [[next(numbers) for _ in part] for part in lists]


@spike_formula.register
def _(loss: SpikeTimeSum, trains: list[list[Any]], view: View) -> Gradient:
    c = [1.0] * len(trains) if loss.coefficients is None else loss.coefficients

    def value(trains: list[list[Any]]) -> Any:
        return sum((exact(view.ctx, c[n]) * t for n, train in enumerate(trains) for t in train), view.ctx.zero)

    return _of_lists(view, value, trains)


@spike_formula.register
def _(loss: SpikeTimeTarget, trains: list[list[Any]], view: View) -> Gradient:
    targets = loss.targets if loss.targets.ndim == 2 else loss.targets[view.sample]

    def value(trains: list[list[Any]]) -> Any:
        total = view.ctx.zero
        for n, k in np.ndindex(targets.shape):
            if k < len(trains[n]) or loss.missing == "duration":
                distance = (trains[n][k] if k < len(trains[n]) else view.duration) - exact(view.ctx, targets[n, k])
                total = total + distance * distance / 2
        return total

    return _of_lists(view, value, trains)


@spike_formula.register
def _(loss: SpikeTimeFunction, trains: list[list[Any]], view: View) -> Gradient:
    return called_for_trains(view.ctx, loss.function_of(view.sample), trains)


@spike_formula.register
def _(loss: FirstSpikeCrossEntropy, trains: list[list[Any]], view: View) -> Gradient:
    ctx, label = view.ctx, int(loss.labels[view.sample])
    tau0, tau1, alpha = (exact(ctx, x) for x in (loss.tau0, loss.tau1, loss.alpha))
    if loss.silent == "error" and not all(trains):
        raise InvalidInput("loss.silent", "error", f"no silent neuron, but one of sample {view.sample} is")
    numbers = {"duration": view.duration, "absent": None, "error": None}
    silent = numbers[loss.silent] if isinstance(loss.silent, str) else exact(ctx, loss.silent)

    def value(trains: list[list[Any]]) -> Any:
        first = [train[0] if train else silent for train in trains]
        if first[label] is None:
            return ctx.zero
        entropy = _entropy_of_times(ctx, first, label, tau0)
        return entropy + alpha * (exponential(ctx, first[label] / tau1) - 1)

    return _of_lists(view, value, trains)


def _entropy_of_times(ctx: Any, times: list[Any], label: int, tau: Any) -> Any:
    """``-log(exp(-t_label / tau) / sum of exp(-t / tau))``, counted from the earliest time."""
    present = [t for t in times if t is not None]
    earliest = min(map(plain, present))
    total = sum((exponential(ctx, (earliest - t) / tau) for t in present), ctx.zero)
    return logarithm(ctx, total) + (times[label] - earliest) / tau


@voltage_formula.register
def _(loss: VoltageTarget, observed: list[list[Any]], view: View) -> Gradient:
    targets = loss.targets if loss.targets.ndim == 2 else loss.targets[view.sample]

    def value(observed: list[list[Any]]) -> Any:
        total = view.ctx.zero
        for n, k in np.ndindex(targets.shape):
            distance = observed[n][k] - exact(view.ctx, targets[n, k])
            total = total + distance * distance / 2
        return total

    return _of_lists(view, value, observed)


@voltage_formula.register
def _(loss: VoltageFunction, observed: list[list[Any]], view: View) -> Gradient:
    v = given(observed)
    value, slopes = called_for_pair(view.ctx, "loss.function", loss.function_of(view.sample), v, shapes=((), v.shape))
    return value[()], slopes.tolist()


@voltage_formula.register
def _(loss: VoltageIntegral, observed: list[list[Any]], view: View) -> Gradient:
    c = [1.0] * len(observed) if loss.coefficients is None else loss.coefficients

    def value(observed: list[list[Any]]) -> Any:
        return sum((exact(view.ctx, c[n]) * row[0] for n, row in enumerate(observed)), view.ctx.zero)

    return _of_lists(view, value, observed)


@voltage_formula.register(IntegralCrossEntropy)
@voltage_formula.register(MaxVoltageCrossEntropy)
def _(loss: IntegralCrossEntropy | MaxVoltageCrossEntropy, observed: list[list[Any]], view: View) -> Gradient:
    label = int(loss.labels[view.sample])
    return _of_lists(view, lambda rows: cross_entropy(view.ctx, [row[0] for row in rows], label), observed)


@density_formula.register
def _(loss: InstantaneousCrossEntropy, view: View) -> Local:
    label = int(loss.labels[view.sample])
    return lambda v, _t: (cross_entropy(view.ctx, v, label), softmax_slopes(view.ctx, v, label))


@density_formula.register
def _(loss: TargetTrace, view: View) -> Local:
    def local(v: list[Any], t: Any) -> tuple[Any, list[Any]]:
        if callable(loss.target):
            found = called("loss.target", loss.target, given([t]))
            levels = returned(view.ctx, "loss.target", found, (1, len(v)))[0].tolist()
        else:
            levels = [exact(view.ctx, x) for x in loss.target]
        distances = [x - level for x, level in zip(v, levels, strict=True)]
        return sum((d * d for d in distances), view.ctx.zero) / 2, distances

    return local


@density_formula.register
def _(loss: VoltagePathIntegral, view: View) -> Local:
    def local(v: list[Any], t: Any) -> tuple[Any, list[Any]]:
        shapes = (1,), (1, len(v))
        own = given([v]), given([t])
        value, slopes = called_for_pair(view.ctx, "loss.integrand", loss.integrand, *own, view.sample, shapes=shapes)
        return value[0], slopes[0].tolist()

    return local
