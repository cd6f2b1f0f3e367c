"""Observables on the grid points, and how derivatives with respect to them enter the adjoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.grid.run import Run
from spikeproof.losses import (
    ExponentialWeight,
    Loss,
    MaxVoltage,
    PathIntegral,
    VoltageAt,
    VoltageLoss,
    WeightedIntegral,
    is_voltage_loss,
    terms_of,
)
from spikeproof.numbers import Array, Float64Array, IntArray, rounded
from spikeproof.problem import Problem


@dataclass(frozen=True)
class Columns:
    """The columns that a population's neurons have in the record of a run."""

    neurons: range
    columns: slice


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of a loss, collected over its terms; shapes as in `Sources`."""

    d_spike: Float64Array
    before: Array
    after: Array
    peak: Float64Array
    complete: Array


@dataclass(frozen=True)
class Observed:
    """The observed numbers, and a function that adds the contribution of their derivatives to the adjoint."""

    values: Float64Array
    push: Callable[[Float64Array, Derivatives], None] = field(repr=False)


def voltage_terms(loss: Loss | None) -> list[VoltageLoss]:
    """The terms of a loss that observe V."""
    return [] if loss is None else [part for _, part in terms_of(loss) if is_voltage_loss(part)]


def placed(problem: Problem) -> tuple[IntArray, IntArray, list[Columns]]:
    """Neurons whose trace, and whose maximum, must be recorded, and the columns of each voltage term in these."""
    traced: dict[str, Columns] = {}
    n_traced, n_peaked, found, peaked = 0, 0, [], [np.zeros(0, np.int64)]
    for part in voltage_terms(problem.loss):
        neurons = problem.network.neurons(part.population)
        if isinstance(part.observable, MaxVoltage):
            found.append(Columns(neurons, slice(n_peaked, n_peaked + len(neurons))))
            peaked.append(np.asarray(neurons))
            n_peaked += len(neurons)
            continue
        if part.population not in traced:
            traced[part.population] = Columns(neurons, slice(n_traced, n_traced + len(neurons)))
            n_traced += len(neurons)
        found.append(traced[part.population])
    columns = [np.zeros(0, np.int64), *(np.asarray(c.neurons) for c in traced.values())]
    return np.concatenate(columns), np.concatenate(peaked), found


@singledispatch
def observed(observable: Any, run: Run, where: Columns) -> Observed:  # noqa: ARG001 - the signature of its cases
    """The numbers that an observable has in a run."""
    allowed = "VoltageAt, MaxVoltage, WeightedIntegral or PathIntegral"
    raise InvalidInput("loss.observable", observable, allowed)


@observed.register
def _(observable: VoltageAt, run: Run, where: Columns) -> Observed:
    points = np.minimum(np.rint(rounded(observable.times) / run.grid.dt), run.grid.n_steps).astype(np.int64)
    values = _trace(run, where)[:, points].transpose(0, 2, 1)

    def push(slopes: Float64Array, out: Derivatives) -> None:
        for k, point in enumerate(points):
            out.before[:, point, where.columns] += slopes[:, :, k]

    return Observed(values, push)


@observed.register
def _(observable: MaxVoltage, run: Run, where: Columns) -> Observed:
    def push(slopes: Float64Array, out: Derivatives) -> None:
        out.peak[:, where.columns] += slopes
        out.complete[where.columns] = observable.rule == "complete"

    return Observed(run.record.peak[:, where.columns] + run.grid.bias[where.neurons], push)


@observed.register
def _(observable: WeightedIntegral, run: Run, where: Columns) -> Observed:
    g = _weights(observable, run)
    left, right = (part * g for part in _trapezoid(run))
    v = _trace(run, where)
    number, sample, point, column = _own_spikes(run, where)
    drop = v[sample, point, column] - _reset(run, where)[column]
    values = np.einsum("n,snr->sr", left + right, v)
    np.subtract.at(values, (sample, column), right[point] * drop)

    def push(slopes: Float64Array, out: Derivatives) -> None:
        out.before[:, :, where.columns] += left[None, :, None] * slopes[:, None, :]
        out.after[:, :, where.columns] += right[None, :, None] * slopes[:, None, :]
        out.d_spike[number] += slopes[sample, column] * g[point] * drop

    return Observed(values, push)


@observed.register
def _(observable: PathIntegral, run: Run, where: Columns) -> Observed:
    v_before, times = _trace(run, where), _times(run)
    number, sample, point, column = _own_spikes(run, where)
    v_after = v_before.copy()
    v_after[sample, point, column] = _reset(run, where)[column]
    left, right = _trapezoid(run)
    values, drop = np.zeros(len(v_before)), np.zeros(len(number))
    d_before, d_after = np.empty(v_before.shape), np.empty(v_before.shape)
    for s in range(len(v_before)):
        density, d_before[s] = observable.density(v_before[s], times, s)
        density_after, d_after[s] = observable.density(v_after[s], times, s)
        values[s] = np.sum(left * density + right * density_after)
        own = np.flatnonzero(sample == s)
        fallen = v_before[s, point[own]]
        fallen[np.arange(len(own)), column[own]] = _reset(run, where)[column[own]]
        drop[own] = density[point[own]] - observable.density(fallen, times[point[own]], s)[0]

    def push(slopes: Float64Array, out: Derivatives) -> None:
        out.before[:, :, where.columns] += slopes[:, None, None] * left[None, :, None] * d_before
        out.after[:, :, where.columns] += slopes[:, None, None] * right[None, :, None] * d_after
        out.d_spike[number] += slopes[sample] * drop

    return Observed(values, push)


def _trace(run: Run, where: Columns) -> Float64Array:
    """V of a population at the grid points, before their spikes, shape (n_samples, n_steps + 1, size)."""
    return np.asarray(run.record.trace[:, :, where.columns] + run.grid.bias[where.neurons])


def _times(run: Run) -> Float64Array:
    return np.asarray(np.minimum(np.arange(run.grid.n_steps + 1) * run.grid.dt, float(run.problem.stimulus.duration)))


def _reset(run: Run, where: Columns) -> Float64Array:
    return np.asarray((run.grid.v_reset + run.grid.bias)[where.neurons])


def _trapezoid(run: Run) -> tuple[Float64Array, Float64Array]:
    """Weights of the left and of the right limit of an integrand at every grid point."""
    left = np.full(run.grid.n_steps + 1, 0.5 * run.grid.dt)
    right = left.copy()
    left[0] = right[-1] = 0.0
    return left, right


def _weights(observable: WeightedIntegral, run: Run) -> Float64Array:
    """The weight at the grid points."""
    times, weight = _times(run), observable.weight
    if isinstance(weight, ExponentialWeight):
        return np.asarray(np.exp(-times / float(weight.tau)))
    if callable(weight):
        return observable.at(times)
    return np.full(len(times), 1.0 / float(run.problem.stimulus.duration) if weight == "mean" else 1.0)


def _own_spikes(run: Run, where: Columns) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Number, sample, grid point and index of the neuron of every spike of a population."""
    neurons = run.spikes.neurons
    number = np.flatnonzero((neurons >= where.neurons.start) & (neurons < where.neurons.stop))
    column = neurons[number] - where.neurons.start
    return number, run.spikes.samples()[number], run.steps[number].astype(np.int64), column
