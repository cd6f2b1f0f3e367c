"""A network and its parameters on a time grid, as the plain arrays that the kernels read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.grid.kernels.coefficients import N_COEFFICIENTS, step_coefficients
from spikeproof.network import Network
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.problem import Problem
from spikeproof.stimulus import Stimulus

MAX_STEPS = 2**30
WHOLE = 4 * 2.0**-52  # T may differ from a whole number of steps by the roundings of T and dt


class Grid(NamedTuple):
    """The arrays of a network that the kernels read: N neurons in its order, S segments of neurons, P projections.

    A segment is a range of consecutive neurons. V is measured from the bias current, to which it relaxes without input:
    `v_th`, `v_reset` and `v_init` hold V - bias. For the coefficients see `step_coefficients`.
    """

    dt: float
    n_steps: int
    v_decay: Float64Array  # (N,)
    i_decay: Float64Array  # (N,)
    v_gain: Float64Array  # (N,)
    lambda_gain: Float64Array  # (N,)
    tau_mem_from_v: Float64Array  # (N,) dL/dtau_mem from lambda_v after and V - bias before a step, per unit
    tau_mem_from_i: Float64Array  # (N,) and from lambda_v and I
    tau_syn_by_v: Float64Array  # (N,) dL/dtau_syn from lambda_v and I
    tau_syn_by_i: Float64Array  # (N,) and from lambda_i and I
    bias_by_v: Float64Array  # (N,) dL/dbias from lambda_v
    tau_mem: Float64Array  # (N,)
    tau_syn: Float64Array  # (N,)
    v_th: Float64Array  # (N,) infinite for a leaky integrator
    v_reset: Float64Array  # (N,)
    v_init: Float64Array  # (N,)
    i_init: Float64Array  # (N,)
    bias: Float64Array  # (N,)
    refractory: Float64Array  # (N,) refractory time in steps, at most one more than there are
    segment: IntArray  # (S + 1,) first neuron of each segment, and the number of neurons
    alike: Array  # (S,) bool: the neurons of a segment share their coefficients and thresholds
    from_input: Array  # (P,) bool: starts at an input
    pre_start: IntArray  # (P,) first channel, or first neuron, of the source
    pre_stop: IntArray  # (P,)
    post_start: IntArray  # (P,) first neuron of the target
    post_stop: IntArray  # (P,)
    row: IntArray  # (P,) where the weight matrix starts in `weights`
    lag: IntArray  # (P,) delay in steps
    weights: Float64Array  # (sum of n_pre * n_post,)


@dataclass(frozen=True)
class Shifts:
    """How far the grid moves times that lie between its points, in the unit of time.

    Attributes
    ----------
    n_steps : number of steps.
    input_time, delay, t_ref : largest distance that an input spike, a delay, or a refractory time that is no longer
        than the duration, is moved; at most dt / 2.
    """

    n_steps: int
    input_time: float
    delay: float
    t_ref: float


def step_count(duration: float, dt: float) -> int:
    """Number of steps of `dt` in `duration`; raises `InvalidInput` unless it is whole."""
    n_steps = round(duration / dt) if duration / dt <= MAX_STEPS else 0
    if n_steps < 1 or abs(n_steps * dt - duration) > WHOLE * duration:
        raise InvalidInput("dt", dt, f"the duration {duration} divided by a whole number up to {MAX_STEPS}")
    return n_steps


def grid_of(problem: Problem, dt: float) -> Grid:
    """The arrays of a float64 problem on the grid of step `dt`."""
    network, n_steps = problem.network, step_count(float(problem.stimulus.duration), dt)
    given = problem.neuron_columns()
    tau_mem, tau_syn, bias = given["tau_mem"], given["tau_syn"], given["bias"]
    table = np.empty((N_COEFFICIENTS, network.n_neurons))
    step_coefficients(dt, tau_mem, tau_syn, table)
    v_decay, i_decay, v_gain, lambda_gain, by_tau_mem, by_tau_syn = (np.ascontiguousarray(row) for row in table)
    inputs = [network.from_input(p) for p in network.projections]
    pre = [
        network.channels(p.pre) if outside else network.neurons(p.pre)
        for p, outside in zip(network.projections, inputs, strict=True)
    ]
    post = [network.neurons(p.post) for p in network.projections]
    sizes = np.array([len(a) * len(b) for a, b in zip(pre, post, strict=True)], dtype=np.int64)
    delays = np.array([float(p.delay) for p in network.projections])
    threshold = given["v_th"] - bias
    threshold[threshold == 0.0] = np.nextafter(0.0, 1.0)  # V that decays to its bias from below ends at -0, not above
    segment, alike = _segments(network, np.array([v_decay, i_decay, v_gain, lambda_gain, threshold]))
    return Grid(
        dt, n_steps, v_decay, i_decay, v_gain, lambda_gain,
        tau_mem_from_v=-v_decay * (dt / tau_mem),
        tau_mem_from_i=-tau_mem * by_tau_mem,
        tau_syn_by_v=-tau_mem * by_tau_syn,
        tau_syn_by_i=-i_decay * (dt / tau_syn),
        bias_by_v=tau_mem * np.expm1(-dt / tau_mem),
        tau_mem=tau_mem, tau_syn=tau_syn,
        v_th=threshold, v_reset=given["v_reset"] - bias, v_init=given["v_init"] - bias,
        i_init=given["i_init"], bias=bias, refractory=_steps(given["t_ref"], dt, n_steps),
        segment=segment, alike=alike,
        from_input=np.array(inputs, dtype=np.bool_),
        pre_start=np.array([r.start for r in pre], dtype=np.int64),
        pre_stop=np.array([r.stop for r in pre], dtype=np.int64),
        post_start=np.array([r.start for r in post], dtype=np.int64),
        post_stop=np.array([r.stop for r in post], dtype=np.int64),
        row=np.cumsum(sizes) - sizes,
        lag=_steps(delays, dt, n_steps).astype(np.int64),
        weights=problem.parameters.flat(),
    )  # fmt: skip


def _steps(spans: Float64Array, dt: float, n_steps: int) -> Float64Array:
    """Spans of time as the nearest whole numbers of steps; ``n_steps + 1`` for all that go beyond the end."""
    return np.minimum(np.rint(spans / dt), n_steps + 1)


def input_steps(stimulus: Stimulus, dt: float, n_steps: int) -> Array:
    """Grid point nearest to each input spike, int32; ``n_steps + 1`` for a spike after the duration."""
    steps = np.minimum(np.rint(stimulus.times / dt), n_steps)
    return np.where(stimulus.times > stimulus.duration, n_steps + 1, steps).astype(np.int32)


def shifts_of(problem: Problem, dt: float) -> Shifts:
    """How far the grid of step `dt` moves input spikes, delays and refractory times of a float64 problem."""
    stimulus, n_steps = problem.stimulus, step_count(float(problem.stimulus.duration), dt)
    times = stimulus.times[stimulus.times <= stimulus.duration]
    delays = np.array([float(p.delay) for p in problem.network.projections])
    held = problem.neuron_columns()["t_ref"]
    held = held[held <= stimulus.duration]
    moved = [float(np.max(np.abs(t - np.rint(t / dt) * dt), initial=0.0)) for t in (times, delays, held)]
    return Shifts(n_steps, *moved)


def _segments(network: Network, table: Float64Array) -> tuple[IntArray, Array]:
    """Bounds of the populations, joined where all columns of the table agree, and where they agree within."""
    bounds = [0]
    alike: list[bool] = []
    for population in network.populations:
        neurons = network.neurons(population.name)
        own = bool(np.all(table[:, neurons] == table[:, neurons.start, None]))
        if own and alike and alike[-1] and np.array_equal(table[:, neurons.start], table[:, bounds[-1] - 1]):
            bounds[-1] = neurons.stop
        else:
            bounds.append(neurons.stop)
            alike.append(own)
    return np.array(bounds, dtype=np.int64), np.array(alike, dtype=np.bool_)
