"""Observables on the trajectories of a run, and the pull-back of their derivatives to the adjoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.kernels.reading.maxima import KINK
from spikeproof.event.kernels.reading.trajectory import integrals
from spikeproof.event.maxima import Maxima
from spikeproof.event.quadrature import Nodes, nodes_of
from spikeproof.event.trajectories import Trajectories
from spikeproof.losses import ExponentialWeight, MaxVoltage, PathIntegral, VoltageAt, WeightedIntegral
from spikeproof.losses.observables import SMOOTH
from spikeproof.numbers import Array, Float64Array, IntArray, rounded

ORDER = 12  # of the quadrature for the user's weight


@dataclass(frozen=True)
class Points:
    """Derivatives with respect to V at single moments; one entry per moment, see `VoltageCotangents`."""

    sample: IntArray
    slot: IntArray
    time: Float64Array
    slope: Float64Array
    event: IntArray
    kink: Float64Array


@dataclass(frozen=True)
class Pulled:
    """The terms in the adjoint that follow from the derivative of a loss by an observable.

    Attributes
    ----------
    points : impulses.
    drives : (rate, derivatives with respect to the integral of exp(-rate t) V, shape (n_samples, size)) pairs.
    spikes : (numbers, dl/dt of these spikes): l_V^- - l_V^+ where the population itself spikes.
    """

    points: tuple[Points, ...] = ()
    drives: tuple[tuple[float, Float64Array], ...] = ()
    spikes: tuple[tuple[IntArray, Float64Array], ...] = ()


@dataclass(frozen=True)
class Observed:
    """The observed numbers, and a function that pulls derivatives with respect to them back."""

    values: Float64Array
    pull: Callable[[Float64Array], Pulled] = field(repr=False)


def observed_maxima(observable: MaxVoltage, found: Maxima, slots: range) -> Observed:
    """The largest V of neurons without a threshold in these slots."""
    time, arrival, slope = found.time, found.arrival, found.slope
    if observable.rule == "published":
        time = np.where(found.kind == KINK, np.nextafter(time, np.inf), time)  # lambda_v jumps before the arrival acts
        arrival, slope = np.full(time.shape, -1), np.zeros(time.shape)

    def pull(slopes: Float64Array) -> Pulled:
        sample, neuron = np.indices(time.shape).reshape(2, -1)
        c = slopes.ravel()
        points = Points(sample, slots.start + neuron, time.ravel(), c, arrival.ravel(), c * slope.ravel())
        return Pulled(points=(points,))

    return Observed(found.value, pull)


@singledispatch
def observed(observable: Any, run: Trajectories) -> Observed:  # noqa: ARG001, the registered ones use it
    """The observable's numbers on these trajectories."""
    allowed = "VoltageAt, MaxVoltage, WeightedIntegral or PathIntegral"
    raise InvalidInput("loss.observable", observable, allowed)


@observed.register
def _(observable: VoltageAt, run: Trajectories) -> Observed:
    times = rounded(observable.times)
    shape = (run.n_samples, len(times), run.size)
    nodes, offset = np.tile(times, run.n_samples), np.arange(run.n_samples + 1) * len(times)
    values = run.at(nodes, offset).reshape(shape).transpose(0, 2, 1)

    def pull(slopes: Float64Array) -> Pulled:
        sample, neuron, k = np.indices(slopes.shape).reshape(3, -1)
        return Pulled(points=(_free_points(run, sample, neuron, times[k], slopes.ravel()),))

    return Observed(values, pull)


@observed.register
def _(observable: WeightedIntegral, run: Trajectories) -> Observed:
    weight = observable.weight
    if callable(weight):
        return _quadrature_integral(observable, run)
    rate = 1.0 / float(weight.tau) if isinstance(weight, ExponentialWeight) else 0.0
    factor = 1.0 / run.duration if weight == "mean" else 1.0
    return Observed(factor * _integrals(run, rate), lambda slopes: Pulled(drives=((rate, factor * slopes),)))


@observed.register
def _(observable: PathIntegral, run: Trajectories) -> Observed:
    def densities(v: Float64Array, times: Float64Array, sample: int) -> Float64Array:
        density, slopes = observable.density(v, times, sample)
        return np.column_stack([density, slopes])

    t_width = observable.t_width if observable.depends_on_time else SMOOTH
    nodes = nodes_of(run, observable.order, densities, observable.v_width, t_width)
    values = np.add.reduceat(nodes.weight * nodes.values[:, 0], nodes.offset[:-1])
    drops = _drops(observable, run)

    def pull(c: Float64Array) -> Pulled:
        number, sample, drop = drops
        points = _node_points(run, nodes, c[nodes.sample][:, None] * nodes.values[:, 1:])
        return Pulled(points=(points,), spikes=((number, c[sample] * drop),))

    return Observed(values, pull)


def _drops(observable: PathIntegral, run: Trajectories) -> tuple[IntArray, IntArray, Float64Array]:
    """Number and sample of every spike of the population, and l_V^- - l_V^+ there."""
    number, sample, neuron, time = run.spikes()
    order = np.lexsort((time, sample))
    number, sample, neuron, time = number[order], sample[order], neuron[order], time[order]
    before = run.at(time, np.searchsorted(sample, np.arange(run.n_samples + 1)))
    row = np.arange(len(time))
    before[row, neuron] = (run.v_th + run.bias)[neuron]
    after = before.copy()
    after[row, neuron] = (run.v_reset + run.bias)[neuron]
    drop = np.zeros(len(time))
    for s in np.unique(sample):
        own = sample == s
        l_before, l_after = (observable.density(v[own], time[own], int(s))[0] for v in (before, after))
        drop[own] = l_before - l_after
    return number, sample, drop


def _quadrature_integral(observable: WeightedIntegral, run: Trajectories) -> Observed:
    def densities(v: Float64Array, times: Float64Array, _: int) -> Float64Array:
        g = observable.at(times)[:, None]
        return np.concatenate([g, g * v], axis=1)

    nodes = nodes_of(run, ORDER, densities, SMOOTH, observable.t_width)
    values = np.add.reduceat(nodes.weight[:, None] * nodes.values[:, 1:], nodes.offset[:-1], axis=0)

    def pull(slopes: Float64Array) -> Pulled:
        number, sample, neuron, time = run.spikes()
        drop = slopes[sample, neuron] * observable.at(time) * (run.v_th - run.v_reset)[neuron]
        points = _node_points(run, nodes, slopes[nodes.sample] * nodes.values[:, :1])
        return Pulled(points=(points,), spikes=((number, drop),))

    return Observed(values, pull)


def _node_points(run: Trajectories, nodes: Nodes, slopes: Float64Array) -> Points:
    """One point per node and neuron, where V has these derivatives before they are weighted."""
    c = nodes.weight[:, None] * slopes
    node, neuron = np.indices(c.shape).reshape(2, -1)
    return _free_points(run, nodes.sample[node], neuron, nodes.time[node], c.ravel())


def _free_points(run: Trajectories, sample: IntArray, neuron: IntArray, time: Float64Array, slope: Array) -> Points:
    n = len(time)
    return Points(sample, run.slots.start + neuron, time, slope, np.full(n, -1), np.zeros(n))


def _integrals(run: Trajectories, rate: float) -> Float64Array:
    """Integral of exp(-rate t) V(t) over [0, T], segment by segment, shape (n_samples, size)."""
    neuron = np.repeat(np.tile(np.arange(run.size), run.n_samples), np.diff(run.offset))
    end = np.append(run.time[1:], run.duration)
    end[run.offset[1:] - 1] = run.duration
    parts = np.empty(len(end))
    integrals(run.time, run.v, run.i, run.held, end, rate, run.tau_mem[neuron], run.tau_syn[neuron], parts)
    total = np.add.reduceat(parts, run.offset[:-1]).reshape(run.n_samples, run.size)
    g_total = run.duration if rate == 0.0 else -np.expm1(-rate * run.duration) / rate
    return np.asarray(total + run.bias * g_total)
