"""Losses of V in the numbers of the reference: functions of what they observe, and integrands.

A new kind of loss is added with ``@voltage_evaluated.register`` and, if it integrates a function of its own along the
path, ``@integrand_of.register``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from spikeproof.losses import (
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    MaxVoltageCrossEntropy,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltageLoss,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof_reference.mp.losses.own_functions import called, called_for_pair, given, returned
from spikeproof_reference.mp.losses.path_integral import Integrand
from spikeproof_reference.mp.precision import exact


@dataclass(frozen=True)
class Observed:
    """The numbers that a voltage loss observes in one sample.

    Attributes
    ----------
    ctx : mpmath context of the numbers.
    number : number of the sample in the batch.
    numbers : one number, a list with one per neuron, or lists of these, as the observable says.
    """

    ctx: Any
    number: int
    numbers: Any


@singledispatch
def voltage_evaluated(loss: object, observed: Observed) -> tuple[Any, Any]:
    """Loss of one sample, and its derivatives; register a high-precision form of your own loss here.

    Parameters
    ----------
    loss : VoltageLoss
    observed : Observed

    Returns
    -------
    value : mpf
    slopes : as ``observed.numbers``

    Raises
    ------
    NotImplementedError
        If no form of this loss is registered.
    """
    raise NotImplementedError(f"no high-precision form of {type(loss).__name__} is registered")


def is_voltage_registered(loss: object) -> bool:
    """True if `voltage_evaluated` knows this kind of loss."""
    return voltage_evaluated.dispatch(type(loss)) is not voltage_evaluated.dispatch(object)


@voltage_evaluated.register
def _(loss: VoltageTarget, observed: Observed) -> tuple[Any, Any]:
    targets = loss.targets if loss.targets.ndim == 2 else loss.targets[observed.number]
    distance = [
        [v - exact(observed.ctx, target) for v, target in zip(*rows, strict=True)]
        for rows in zip(observed.numbers, targets, strict=True)
    ]
    return sum((d * d / 2 for row in distance for d in row), observed.ctx.zero), distance


@voltage_evaluated.register
def _(loss: VoltageFunction, observed: Observed) -> tuple[Any, Any]:
    v = given(observed.numbers)
    value, slopes = called_for_pair(
        observed.ctx, "loss.function", loss.function_of(observed.number), v, shapes=((), v.shape)
    )
    return value[()], slopes.tolist()


@voltage_evaluated.register
def _(loss: VoltageIntegral, observed: Observed) -> tuple[Any, Any]:
    ctx, n = observed.ctx, len(observed.numbers)
    c = [ctx.one] * n if loss.coefficients is None else [exact(ctx, x) for x in loss.coefficients]
    return sum((a * x for a, x in zip(c, observed.numbers, strict=True)), ctx.zero), c


@voltage_evaluated.register(IntegralCrossEntropy)
@voltage_evaluated.register(MaxVoltageCrossEntropy)
def _(loss: Any, observed: Observed) -> tuple[Any, Any]:
    return cross_entropy(observed.ctx, observed.numbers, int(loss.labels[observed.number]))


@voltage_evaluated.register(TargetTrace)
@voltage_evaluated.register(InstantaneousCrossEntropy)
@voltage_evaluated.register(VoltagePathIntegral)
def _(_loss: Any, observed: Observed) -> tuple[Any, Any]:
    return observed.numbers, observed.ctx.one


@singledispatch
def integrand_of(loss: VoltageLoss, ctx: Any, sample: int) -> Integrand:
    """The functions l_V(V, t) and dl_V/dV of a loss that observes a `PathIntegral`; by default the loss's own.

    Parameters
    ----------
    loss : VoltageLoss
    ctx
        The mpmath context of the numbers.
    sample : int
        Number of the sample in the batch.

    Returns
    -------
    callable
        Called with V, lists [time][neuron], and times; returns l_V, a list, and dl_V/dV, lists [time][neuron].
    """
    function = loss.observable.integrand  # type: ignore[union-attr]

    def integrand(v: list[list[Any]], t: list[Any]) -> tuple[list[Any], list[list[Any]]]:
        own, shapes = given(v), ((len(t),), (len(t), len(v[0])))
        values, slopes = called_for_pair(ctx, "loss.integrand", function, own, given(t), sample, shapes=shapes)
        return values.tolist(), slopes.tolist()

    return integrand


@integrand_of.register
def _(loss: TargetTrace, ctx: Any, _sample: int) -> Integrand:
    constant = None if callable(loss.target) else [exact(ctx, x) for x in loss.target]

    def levels(t: list[Any], size: int) -> list[list[Any]]:
        if constant is not None:
            return [constant] * len(t)
        found = called("loss.target", loss.target, given(t))
        return returned(ctx, "loss.target", found, (len(t), size)).tolist()  # type: ignore[no-any-return]

    def integrand(v: list[list[Any]], t: list[Any]) -> tuple[list[Any], list[list[Any]]]:
        rows = zip(v, levels(t, len(v[0])), strict=True)
        distance = [[x - level for x, level in zip(*row, strict=True)] for row in rows]
        return [sum((d * d / 2 for d in row), ctx.zero) for row in distance], distance

    return integrand


@integrand_of.register
def _(loss: InstantaneousCrossEntropy, ctx: Any, sample: int) -> Integrand:
    label = int(loss.labels[sample])

    def integrand(v: list[list[Any]], _t: list[Any]) -> tuple[list[Any], list[list[Any]]]:
        pairs = [cross_entropy(ctx, row, label) for row in v]
        return [value for value, _ in pairs], [slopes for _, slopes in pairs]

    return integrand


def cross_entropy(ctx: Any, scores: list[Any], label: int) -> tuple[Any, list[Any]]:
    """``log sum_j exp(s_j - s_label)``, and ``P_j - [j = label]`` with the label's entry as minus the others' sum."""
    weight = [ctx.exp(s - scores[label]) for s in scores]
    others = sum((w for j, w in enumerate(weight) if j != label), ctx.zero)
    slopes = [w / (1 + others) for w in weight]
    slopes[label] = -others / (1 + others)
    return ctx.log1p(others), slopes
