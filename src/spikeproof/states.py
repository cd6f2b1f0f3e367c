"""V and I of a population at any times, from the spikes of a solution by the equations of the model.

Nothing but the spikes of a solution is needed, so that this works for the solution of every engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.network import Network, Projection
from spikeproof.numbers import Array, Float64Array, IntArray, array, refuse_where, rounded
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes

RELEASE, SPIKE, ARRIVAL = 0, 1, 2  # kinds of events, in the order in which they act at one time

BESIDE = 1e-9  # of the duration: the width of a jump in a curve


@dataclass(frozen=True)
class Events:
    """The events of a population in one sample, in the order of time.

    Attributes
    ----------
    time : array, shape (n_events,), before T.
    kind : int array: `RELEASE`, `SPIKE` or `ARRIVAL`.
    place : int array: the neuron of the population, or the row of `weights` that arrives.
    weights : array, shape (n_rows, size): what the arrivals of a row add to I.
    """

    time: Float64Array
    kind: IntArray
    place: IntArray
    weights: Float64Array


@dataclass(frozen=True)
class Neurons:
    """The parameters of a population as arrays, shape (size,); potentials are measured from the bias."""

    tau_mem: Float64Array
    tau_syn: Float64Array
    bias: Float64Array
    v_init: Float64Array
    i_init: Float64Array
    v_reset: Float64Array
    t_ref: Float64Array

    @classmethod
    def of(cls, problem: Problem, population: str) -> Neurons:
        """The neurons of a population of a problem without decimals."""
        numbers = problem.network.neurons(population)
        own = {name: c[numbers.start : numbers.stop] for name, c in problem.neuron_columns().items()}
        from_bias = {name: own[name] - own["bias"] for name in ("v_init", "v_reset")}
        return cls(own["tau_mem"], own["tau_syn"], own["bias"], i_init=own["i_init"], t_ref=own["t_ref"], **from_bias)


def checked_times(times: object, duration: float) -> Float64Array:
    """`times` as an array of binary64, shape (n_times,), from 0 to T."""
    given: Float64Array = rounded(array("times", times, ndim=1))
    refuse_where((given < 0.0) | (given > duration), "times", given, f"times from 0 to the duration {duration}")
    return given


def times_of_curves(duration: float, n_points: int, spikes: Float64Array) -> Float64Array:
    """Times for curves with jumps at some spikes: even ones from 0 to T, each spike, and one on either side of it."""
    near = BESIDE * duration
    beside = np.clip(np.concatenate([spikes - near, spikes, spikes + near]), 0.0, duration)
    return np.unique(np.concatenate([np.linspace(0.0, duration, n_points), beside]))


def event_times(problem: Problem, spikes: Spikes, population: str, sample: int) -> Float64Array:
    """The times before T at which V or I of a population jump in a sample, ascending: spikes, releases, arrivals."""
    problem = problem.rounded()
    return _events(problem, spikes.sample(sample), sample, population, Neurons.of(problem, population)).time


def states_at(
    problem: Problem, spikes: Spikes, population: str, times: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """V and I of every neuron of a population in every sample at given times, left limits where they jump.

    Parameters
    ----------
    problem : Problem
    spikes : Spikes
        Of that problem, from any engine.
    population : str
    times : array, shape (n_times,), from 0 to T, in any order.

    Returns
    -------
    v, i : arrays, shape (n_samples, size, n_times)
    """
    problem = problem.rounded()
    neurons = Neurons.of(problem, population)
    out = np.empty((2, spikes.n_samples, len(neurons.bias), len(times)))
    for sample in range(spikes.n_samples):
        events = _events(problem, spikes.sample(sample), sample, population, neurons)
        out[:, sample] = _read(neurons, events, times)
    return out[0], out[1]


def propagators(dt: Array, tau_mem: Array, tau_syn: Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """exp(-dt / tau_mem), exp(-dt / tau_syn), and the gain of V from I over `dt`; docs/theory.md (flow).

    The gain is ``dt / tau_mem`` times the mean of exp(-s) for s between the two exponents, without a difference of
    nearly equal numbers for any ratio of the time constants.
    """
    e_mem, e_syn = np.exp(-dt / tau_mem), np.exp(-dt / tau_syn)
    x = np.abs(dt / tau_mem * ((tau_syn - tau_mem) / tau_syn))  # distance of the exponents
    mean = np.where(x > 0.0, -np.expm1(-x) / np.where(x > 0.0, x, 1.0), 1.0)
    return e_mem, e_syn, dt / tau_mem * np.maximum(e_mem, e_syn) * mean


def _events(problem: Problem, own: Spikes, sample: int, population: str, neurons: Neurons) -> Events:
    """The events of a population in one sample; `own` has the spikes of that sample."""
    network, numbers = problem.network, problem.network.neurons(population)
    t_spike, spiking = own.times.astype(np.float64), own.neurons
    inputs = problem.stimulus.sample(sample)
    mine = (spiking >= numbers.start) & (spiking < numbers.stop)
    neuron = spiking[mine] - numbers.start
    times, places = [t_spike[mine] + neurons.t_ref[neuron], t_spike[mine]], [neuron, neuron]
    kinds, rows, first = [np.full(len(neuron), kind) for kind in (RELEASE, SPIKE)], [np.zeros((0, len(numbers)))], 0
    for projection in network.projections:
        if projection.post != population:
            continue
        from_input = network.from_input(projection)
        pre = network.channels(projection.pre) if from_input else network.neurons(projection.pre)
        when, source = inputs if from_input else (t_spike, spiking)
        here = (source >= pre.start) & (source < pre.stop)
        times.append(when[here] + float(projection.delay))
        places.append(source[here] - pre.start + first)
        kinds.append(np.full(len(times[-1]), ARRIVAL))
        rows.append(_matrix(network, projection, problem.parameters.weights[projection.name]))
        first += len(pre)
    time, kind, place = np.concatenate(times), np.concatenate(kinds), np.concatenate(places)
    order = np.lexsort((kind, time))
    order = order[time[order] < float(problem.stimulus.duration)]
    return Events(time[order], kind[order], place[order], np.concatenate(rows))


def _matrix(network: Network, projection: Projection, weights: Array) -> Float64Array:
    matrix: Float64Array = network.as_matrices({projection.name: weights})[projection.name]
    return matrix


def _read(neurons: Neurons, events: Events, times: Float64Array) -> Float64Array:
    """V and I of one sample, shape (2, size, n_times): the state after each event, and from there to each time."""
    start, v, i, held = _followed(neurons, events)
    last = np.maximum(np.searchsorted(start, times, side="left") - 1, 0)
    e_mem, e_syn, gain = propagators((times - start[last])[:, None], neurons.tau_mem, neurons.tau_syn)
    found = np.where(held[last], v[last], v[last] * e_mem + i[last] * gain) + neurons.bias
    return np.stack([found.T, (i[last] * e_syn).T])


def _followed(neurons: Neurons, events: Events) -> tuple[Float64Array, Float64Array, Float64Array, Array]:
    """Times of 0 and of all events, and V - bias, I, and whether V is held, just after each: shape (n + 1, size)."""
    start = np.concatenate([[0.0], events.time])
    e_mem, e_syn, gain = propagators(np.diff(start)[:, None], neurons.tau_mem, neurons.tau_syn)
    shape = (len(start), len(neurons.bias))
    v, i, held = np.empty(shape), np.empty(shape), np.zeros(shape, dtype=bool)
    v[0], i[0] = neurons.v_init, neurons.i_init
    until = np.zeros(
        len(neurons.bias)
    )  # end of the last refractory time: where two of them meet, rounding may swap them
    for k, (time, kind, place) in enumerate(zip(events.time, events.kind.tolist(), events.place.tolist(), strict=True)):
        held[k + 1] = held[k]
        v[k + 1] = np.where(held[k], v[k], v[k] * e_mem[k] + i[k] * gain[k])
        i[k + 1] = i[k] * e_syn[k]
        if kind == ARRIVAL:
            i[k + 1] += events.weights[place]
            continue
        if kind == SPIKE:
            v[k + 1, place], until[place] = neurons.v_reset[place], time + neurons.t_ref[place]
        held[k + 1, place] = until[place] > time
    return start, v, i, held
