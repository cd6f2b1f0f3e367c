"""Losses of V at the grid points: the potentials of leaky integrators that a loss reads, and its derivatives by them.

Integrals are sums by the trapezoidal rule, maxima are taken over the grid points, the first of equal ones counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.grid.grid import WHOLE, step_count
from spikeproof.losses import (
    ExponentialWeight,
    Located,
    Loss,
    MaxVoltage,
    PathIntegral,
    VoltageAt,
    WeightedIntegral,
    is_spike_loss,
    is_voltage_loss,
    terms_of,
    voltage_part,
)
from spikeproof.losses.checked import require_finite
from spikeproof.numbers import Float64Array, IntArray, refuse_where, rounded
from spikeproof.problem import Problem

Push = Callable[[Float64Array, Float64Array], None]  # derivatives by the observed numbers, added to those by V


@dataclass(frozen=True)
class Reading:
    """A loss and its derivatives by the potentials that it reads.

    Attributes
    ----------
    values : array, shape (n_samples,)
    observed : what each term saw of V, as in `spikeproof.Solution`.
    neurons : int64 array, shape (n_read,)
        The neurons that are read.
    d_v : array, shape (n_samples, K + 1, n_read)
        Derivatives of the loss of each sample, not of their mean.
    """

    values: Float64Array
    observed: tuple[Float64Array, ...]
    neurons: IntArray
    d_v: Float64Array

    def of_mean(self) -> Float64Array:
        """Derivatives of the mean over the samples by V, shaped like `d_v`."""
        return self.d_v / len(self.values)


class Points(NamedTuple):
    """The grid points of a duration: their times, and the step."""

    times: Float64Array
    dt: float


class Readouts(NamedTuple):
    """The neurons that a loss reads, the columns of each population among them, and the grid points."""

    neurons: IntArray
    columns: dict[str, slice]
    points: Points


def check_loss(problem: Problem, dt: float) -> None:
    """Refuse a loss of anything but potentials of leaky integrators at the grid points.

    Parameters
    ----------
    problem : Problem
        Its duration is a whole number of steps.
    dt : float

    Raises
    ------
    InvalidInput
        If a term of the loss reads spike times, a population that spikes, or V between grid points.
    """
    if problem.loss is None:
        return
    for number, (_, part) in enumerate(terms_of(problem.loss)):
        with Located(problem.loss, number):
            if is_spike_loss(part) or not is_voltage_loss(part):
                allowed = "a loss of potentials: a network in steps has no derivative of spike times"
                raise InvalidInput("loss", type(part).__name__, allowed)
            if problem.network.population(part.population).kind != "li":
                raise InvalidInput("loss.population", part.population, "one of leaky integrators: others are not read")
            if isinstance(part.observable, VoltageAt):
                times = np.asarray(rounded(part.observable.times))
                off = np.abs(np.rint(times / dt) * dt - times) > WHOLE * times
                refuse_where(off, "loss.times", times, f"whole multiples of the step {dt}")


def readouts_of(problem: Problem, dt: float) -> Readouts:
    """The readouts of the loss of a float64 problem.

    Parameters
    ----------
    problem : Problem
        It has a loss.
    dt : float

    Returns
    -------
    Readouts

    Raises
    ------
    InvalidInput
        As `check_loss`, or if there is no loss.
    """
    if problem.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    check_loss(problem, dt)
    names = dict.fromkeys(part.population for _, part in terms_of(problem.loss))
    ends = np.cumsum([0, *(problem.network.population(name).size for name in names)])
    columns = {name: slice(*pair) for name, pair in zip(names, pairwise(ends.tolist()), strict=True)}
    neurons = np.concatenate([np.asarray(problem.network.neurons(name)) for name in names])
    duration = float(problem.stimulus.duration)
    times = np.minimum(np.arange(step_count(duration, dt) + 1) * dt, duration)
    return Readouts(neurons, columns, Points(times, dt))


def read(loss: Loss, readouts: Readouts, v: Float64Array) -> Reading:
    """A loss on the potentials of all neurons at the grid points.

    Parameters
    ----------
    loss : Loss
        That of the readouts, or a part of it for some samples.
    readouts : Readouts
    v : array, shape (n_samples, K + 1, n_neurons)

    Returns
    -------
    Reading

    Raises
    ------
    InvalidInput
        If the loss returns anything but finite numbers of the right shapes.
    """
    values, views, seen = np.zeros(len(v)), [], v[:, :, readouts.neurons]
    d_v = np.zeros(seen.shape)
    for number, (factor, part) in enumerate(terms_of(loss)):
        with Located(loss, number):
            assert is_voltage_loss(part)
            own = readouts.columns[part.population]
            observed, push = observe(part.observable, seen[:, :, own], readouts.points)
            views.append(observed.copy())
            value, slopes = voltage_part(part, observed)
            require_finite("factor times value", float(factor) * value)
            values += float(factor) * value
            push(float(factor) * slopes, d_v[:, :, own])
    return Reading(values, tuple(views), readouts.neurons, d_v)


@singledispatch
def observe(observable: Any, v: Float64Array, points: Points) -> tuple[Float64Array, Push]:  # noqa: ARG001
    """The numbers that an observable has on V, shape (n_samples, K + 1, size), and how their derivatives go back."""
    raise InvalidInput("loss.observable", observable, "VoltageAt, MaxVoltage, WeightedIntegral or PathIntegral")


@observe.register
def _(observable: VoltageAt, v: Float64Array, points: Points) -> tuple[Float64Array, Push]:
    at = np.rint(rounded(observable.times) / points.dt).astype(np.int64)

    def push(slopes: Float64Array, d_v: Float64Array) -> None:
        for number, point in enumerate(at):
            d_v[:, point] += slopes[:, :, number]

    return v[:, at].transpose(0, 2, 1), push


@observe.register
def _(observable: MaxVoltage, v: Float64Array, points: Points) -> tuple[Float64Array, Push]:  # noqa: ARG001
    at = np.argmax(v, axis=1)[:, None, :]

    def push(slopes: Float64Array, d_v: Float64Array) -> None:
        np.put_along_axis(d_v, at, np.take_along_axis(d_v, at, axis=1) + slopes[:, None, :], axis=1)

    return np.take_along_axis(v, at, axis=1)[:, 0], push


@observe.register
def _(observable: WeightedIntegral, v: Float64Array, points: Points) -> tuple[Float64Array, Push]:
    g = _trapezoid(points) * _weight(observable, points)

    def push(slopes: Float64Array, d_v: Float64Array) -> None:
        d_v += g[None, :, None] * slopes[:, None, :]

    return np.einsum("k,skn->sn", g, v), push


@observe.register
def _(observable: PathIntegral, v: Float64Array, points: Points) -> tuple[Float64Array, Push]:
    g, values, density_by_v = _trapezoid(points), np.empty(len(v)), np.empty(v.shape)
    for sample, own in enumerate(v):
        density, density_by_v[sample] = observable.density(own, points.times, sample)
        values[sample] = np.sum(g * density)

    def push(slopes: Float64Array, d_v: Float64Array) -> None:
        d_v += slopes[:, None, None] * g[None, :, None] * density_by_v

    return values, push


def _trapezoid(points: Points) -> Float64Array:
    """Weights of the trapezoidal rule."""
    weights = np.full(len(points.times), points.dt)
    weights[[0, -1]] = 0.5 * points.dt
    return weights


def _weight(observable: WeightedIntegral, points: Points) -> Float64Array:
    """The weight g of an integral at the grid points."""
    weight = observable.weight
    if isinstance(weight, ExponentialWeight):
        return np.asarray(np.exp(-points.times / float(weight.tau)))
    if callable(weight):
        return observable.at(points.times)
    return np.full(len(points.times), 1.0 / points.times[-1] if weight == "mean" else 1.0)
