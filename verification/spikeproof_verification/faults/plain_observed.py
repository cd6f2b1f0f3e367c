"""What losses observe of V on a plain record, and where the derivatives go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, TypeAlias

import numpy as np

from spikeproof.losses import ExponentialWeight, MaxVoltage, PathIntegral, VoltageAt, WeightedIntegral
from spikeproof.numbers import Float64Array
from spikeproof_verification.faults.plain_crossing import bisected
from spikeproof_verification.faults.plain_flow import flowed
from spikeproof_verification.faults.plain_model import PlainModel
from spikeproof_verification.faults.plain_record import Arrival, Record, Spike, Stretch, potentials

ORDER = 8  # of the Gauss-Legendre rule on pieces of at most the shortest time constant
COARSE = 3


@dataclass
class Pulled:
    """What a loss puts on the adjoint of one sample.

    Attributes
    ----------
    impulses : by number of the stretch, (time, dL/dV of all neurons then).
    kinks : by numbers of the event and the neuron, dL/dt of an arrival that cuts a rising V.
    drops : (number of the spike, l_V^- - l_V^+).
    """

    impulses: dict[int, list[tuple[float, Float64Array]]] = field(default_factory=dict)
    kinks: dict[tuple[int, int], float] = field(default_factory=dict)
    drops: list[tuple[int, float]] = field(default_factory=list)

    def add(self, stretch: int, time: float, slopes: Float64Array) -> None:
        """Add an impulse."""
        self.impulses.setdefault(stretch, []).append((time, slopes))


Pull: TypeAlias = Callable[[Any, Pulled], None]


@singledispatch
def observed(observable: Any, model: PlainModel, record: Record, neurons: range, sample: int) -> tuple[Any, Pull]:
    """The numbers that are observed in one sample, and how derivatives with respect to them are pulled back."""
    raise NotImplementedError(type(observable).__name__)


@observed.register
def _(observable: VoltageAt, model: PlainModel, record: Record, neurons: range, _sample: int) -> tuple[Any, Pull]:
    times = [float(t) for t in observable.times]
    where = [next(k for k, s in enumerate(record.stretches) if t <= s.stop) for t in times]
    seen = [record.stretches[k].start for k in where] if model.wrong == "V held since the last event" else times
    v = np.stack([potentials(model, record.stretches[k], [t], neurons)[0] for k, t in zip(where, seen, strict=True)])

    def pull(slopes: Float64Array, pulled: Pulled) -> None:
        for k, t, slope in zip(where, times, slopes.T, strict=True):
            pulled.add(k, t, _spread(model, neurons, slope))

    return v.T, pull


@observed.register
def _(_observable: MaxVoltage, model: PlainModel, record: Record, neurons: range, _sample: int) -> tuple[Any, Pull]:
    if model.wrong == "last V for the largest":
        last = len(record.stretches) - 1
        peaks = [(record.v_end[n], last, record.stretches[last].stop) for n in neurons]
    else:
        peaks = [max((_peak(model, s, n, k) for k, s in enumerate(record.stretches)), key=_height) for n in neurons]

    def pull(slopes: Float64Array, pulled: Pulled) -> None:
        for n, (_, k, time), c in zip(neurons, peaks, slopes, strict=True):
            _pull_peak(model, record, n, k, time, float(c), pulled)

    return np.array([v for v, _, _ in peaks]), pull


def _height(peak: tuple[float, int, float]) -> float:
    return peak[0]


def _peak(model: PlainModel, stretch: Stretch, n: int, k: int) -> tuple[float, int, float]:
    """Largest V of neuron `n` on stretch `k`, and when."""
    bias, length = model.neurons.bias[n], stretch.stop - stretch.start

    def at(dt: float) -> tuple[float, float]:
        v, i = flowed(model, n, stretch.v[n], stretch.i[n], dt)
        return v, i + bias

    def rises(dt: float) -> bool:
        v, drive = at(dt)
        return drive > v

    if rises(0.0) and not rises(length):
        dt = bisected(rises, 0.0, length)[0]
        return at(dt)[0], k, stretch.start + dt
    end = at(length)[0], k, stretch.stop  # the start of a later stretch is the end of the one before
    return max(end, (stretch.v[n], k, stretch.start), key=_height) if k == 0 else end


def _pull_peak(model: PlainModel, record: Record, n: int, k: int, time: float, c: float, pulled: Pulled) -> None:
    impulse = _spread(model, range(n, n + 1), np.array([c]))
    stretch = record.stretches[k]
    at_arrival = time == stretch.stop and k < len(record.events) and isinstance(record.events[k], Arrival)
    v, i = flowed(model, n, stretch.v[n], stretch.i[n], time - stretch.start)
    vdot = (i + model.neurons.bias[n] - v) / model.neurons.tau_mem[n]
    if at_arrival and model.wrong in ("published rule at kinks", "kink on the plus side"):
        pulled.add(k + 1, time, impulse)
    else:
        pulled.add(k, time, impulse)
    if at_arrival and model.wrong not in ("published rule at kinks", "kink term dropped"):
        pulled.kinks[k, n] = pulled.kinks.get((k, n), 0.0) + c * vdot


@observed.register
def _(observable: WeightedIntegral, model: PlainModel, record: Record, neurons: range, _: int) -> tuple[Any, Pull]:
    def g(times: Any) -> Any:
        return _weight(model, observable, times)

    nodes = list(_nodes(model, record))
    total = sum(w * g(t) @ potentials(model, record.stretches[k], t, neurons) for k, t, w in nodes)

    def pull(slopes: Float64Array, pulled: Pulled) -> None:
        for k, times, weights in nodes:
            for t, w in zip(times, weights * g(times), strict=True):
                pulled.add(k, t, _spread(model, neurons, w * slopes))
        for spike in record.spikes:
            if spike.neuron in neurons:
                height = model.neurons.v_th[spike.neuron] - model.neurons.v_reset[spike.neuron]
                at = float(g(np.array([spike.time]))[0])
                pulled.drops.append((spike.number, float(slopes[spike.neuron - neurons.start]) * at * height))

    return np.asarray(total), pull


def _weight(model: PlainModel, observable: WeightedIntegral, times: Any) -> Any:
    weight = observable.weight
    if isinstance(weight, ExponentialWeight):
        return np.ones_like(times) if model.wrong == "weight g forgotten" else np.exp(-times / float(weight.tau))
    if callable(weight):
        return observable.at(times)
    mean = weight == "mean" and model.wrong != "sum taken for the mean"
    return np.full(np.shape(times), 1.0 / model.duration if mean else 1.0)


@observed.register
def _(observable: PathIntegral, model: PlainModel, record: Record, neurons: range, sample: int) -> tuple[Any, Pull]:
    nodes, total, slopes_at = list(_nodes(model, record)), 0.0, []
    for k, t, w in nodes:
        density, slopes = observable.density(potentials(model, record.stretches[k], t, neurons), t, sample)
        total += float(w @ density)
        slopes_at.append(slopes)

    def pull(c: Any, pulled: Pulled) -> None:
        for (k, times, weights), slopes in zip(nodes, slopes_at, strict=True):
            for t, w, slope in zip(times, weights, slopes, strict=True):
                pulled.add(k, t, _spread(model, neurons, float(c) * w * slope))
        for k, event in enumerate(record.events):
            if isinstance(event, Spike) and event.neuron in neurons:
                drop = _path_drop(observable, model, record.stretches[k], event, neurons, sample)
                pulled.drops.append((event.number, float(c) * drop))

    return total, pull


def _path_drop(
    observable: PathIntegral, model: PlainModel, stretch: Stretch, spike: Spike, neurons: range, sample: int
) -> float:
    """l_V^- - l_V^+ at a spike of the population that is observed."""
    own, n = spike.neuron - neurons.start, spike.neuron
    pair = np.repeat(potentials(model, stretch, [stretch.stop], neurons), 2, axis=0)
    pair[:, own] = model.neurons.v_th[n], model.neurons.v_reset[n]
    before, after = observable.density(pair, np.full(2, spike.time), sample)[0]
    return float(before - after)


def _nodes(model: PlainModel, record: Record) -> Any:
    """(number of the stretch, times, weights) of the quadrature, piece by piece in the order of time."""
    x, w = np.polynomial.legendre.leggauss(COARSE if model.wrong == "quadrature too coarse" else ORDER)
    shortest = min(*model.neurons.tau_mem, *model.neurons.tau_syn)
    for k, s in enumerate(record.stretches):
        if s.stop > s.start:
            pieces = int(np.ceil((s.stop - s.start) / shortest))
            for a, b in np.lib.stride_tricks.sliding_window_view(np.linspace(s.start, s.stop, pieces + 1), 2):
                yield k, 0.5 * (a + b) + 0.5 * (b - a) * x, 0.5 * (b - a) * w


def _spread(model: PlainModel, neurons: range, slopes: Float64Array) -> Float64Array:
    """Derivatives with respect to V of `neurons` as those with respect to V of all neurons."""
    result = np.zeros(model.n_neurons)
    result[neurons.start : neurons.stop] = slopes
    return result
