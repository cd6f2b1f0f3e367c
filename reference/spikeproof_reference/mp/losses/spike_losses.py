"""Losses of spike times in the numbers of the reference, each in its textbook form: value, and derivative per spike.

A new kind of loss is added with ``@evaluated.register``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any, TypeAlias

from spikeproof.errors import InvalidInput
from spikeproof.losses import (
    FirstSpikeCrossEntropy,
    SpikeCountRegulariser,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
)
from spikeproof_reference.mp.losses.own_functions import called_for_trains
from spikeproof_reference.mp.precision import exact

Trains: TypeAlias = list[list[Any]]


@dataclass(frozen=True)
class Sample:
    """The spike times of one sample that a loss is a function of.

    Attributes
    ----------
    ctx : mpmath context of the numbers.
    number : number of the sample in the batch.
    trains : spike times of the loss's population, neuron by neuron.
    duration : T.
    """

    ctx: Any
    number: int
    trains: Trains
    duration: Any


@singledispatch
def evaluated(loss: object, sample: Sample) -> tuple[Any, Trains]:
    """Loss of one sample, and its derivatives; register a high-precision form of your own loss here.

    Parameters
    ----------
    loss : SpikeLoss
    sample : Sample

    Returns
    -------
    value : mpf
    slopes : list of lists
        dl_p/dt of each spike, neuron by neuron.

    Raises
    ------
    NotImplementedError
        If no form of this loss is registered.
    """
    raise NotImplementedError(f"no high-precision form of {type(loss).__name__} is registered")


def is_registered(loss: object) -> bool:
    """True if `evaluated` knows this kind of loss."""
    return evaluated.dispatch(type(loss)) is not evaluated.dispatch(object)


@evaluated.register
def _(loss: SpikeTimeSum, sample: Sample) -> tuple[Any, Trains]:
    value, slopes = sample.ctx.zero, []
    for n, train in enumerate(sample.trains):
        c = sample.ctx.one if loss.coefficients is None else exact(sample.ctx, loss.coefficients[n])
        value += sum((c * t for t in train), sample.ctx.zero)
        slopes.append([c] * len(train))
    return value, slopes


@evaluated.register
def _(loss: SpikeTimeTarget, sample: Sample) -> tuple[Any, Trains]:
    targets = loss.targets if loss.targets.ndim == 2 else loss.targets[sample.number]
    value = sample.ctx.zero
    slopes = [[sample.ctx.zero] * len(train) for train in sample.trains]
    for n, train in enumerate(sample.trains):
        for k in range(targets.shape[-1]):
            if k < len(train):
                slopes[n][k] = train[k] - exact(sample.ctx, targets[n, k])
                value += slopes[n][k] ** 2 / 2
            elif loss.missing == "duration":
                value += (sample.duration - exact(sample.ctx, targets[n, k])) ** 2 / 2
    return value, slopes


@evaluated.register
def _(loss: SpikeTimeFunction, sample: Sample) -> tuple[Any, Trains]:
    return called_for_trains(sample.ctx, loss.function_of(sample.number), sample.trains)


@evaluated.register
def _(loss: FirstSpikeCrossEntropy, sample: Sample) -> tuple[Any, Trains]:
    ctx, label = sample.ctx, int(loss.labels[sample.number])
    tau0, tau1, alpha = (exact(ctx, x) for x in (loss.tau0, loss.tau1, loss.alpha))
    slopes = [[ctx.zero] * len(train) for train in sample.trains]
    first = _first_times(loss, sample)
    if first[label] is None:
        return ctx.zero, slopes
    weight = {j: ctx.exp(-t / tau0) for j, t in enumerate(first) if t is not None}
    total = sum(weight.values(), ctx.zero)
    others = sum((w for j, w in weight.items() if j != label), ctx.zero)  # not 1 - P, which cancels for P near 1
    for j, train in enumerate(sample.trains):
        if train:
            slopes[j][0] = -weight[j] / total / tau0
    late = ctx.exp(first[label] / tau1)
    if sample.trains[label]:
        slopes[label][0] = others / total / tau0 + alpha / tau1 * late
    return ctx.log1p(others / weight[label]) + alpha * (late - 1), slopes


@evaluated.register
def _(loss: SpikeCountRegulariser, sample: Sample) -> tuple[Any, Trains]:
    """Not a derivative: what practice uses in its place."""
    strength, target = exact(sample.ctx, loss.strength), exact(sample.ctx, loss.target)
    excess = [len(train) - target for train in sample.trains]
    value = sum((strength * x * x / 2 for x in excess), sample.ctx.zero)
    return value, [[-strength * x] * len(train) for x, train in zip(excess, sample.trains, strict=True)]


def _first_times(loss: FirstSpikeCrossEntropy, sample: Sample) -> list[Any]:
    """First spike time of each neuron, with what a silent one counts as; None if it does not count."""
    if loss.silent == "error":
        for j, train in enumerate(sample.trains):
            if not train:
                where = f"no silent neuron, but neuron {j} of sample {sample.number} is"
                raise InvalidInput("loss.silent", "error", where)
    if loss.silent == "absent" or loss.silent == "error":
        silent = None
    else:
        silent = sample.duration if loss.silent == "duration" else exact(sample.ctx, loss.silent)
    return [train[0] if train else silent for train in sample.trains]
