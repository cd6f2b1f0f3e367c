"""The forward pass of a network with delta synapses: from instant to instant, exact, one sample."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.delta_tables import BY_BIAS, DONE, FULL, LIMIT
from spikeproof.numbers import Array, Float64Array, IntArray


class State(NamedTuple):
    """The neurons between two instants, and what each projection has yet to deliver."""

    v: Float64Array  # (N,) at the time `since`
    since: Float64Array  # (N,)
    crossing: Float64Array  # (N,) when the bias alone makes the neuron spike, infinite if it never does
    touched: Array  # (N,) bool: reached by an arrival of this instant
    first: IntArray  # (N,) the first of these on the tape
    pending: IntArray  # (P,) the next spike of the input, or of the tape, that the projection delivers


@kernel
def delta_forward(tables, input_times, input_channels, duration, limit, tape, v_end):
    """Spikes and arrivals up to T onto the tape, and V at T; returns a status, and the numbers of arrivals and spikes.

    Each turn of the loop is one instant of arrivals, or one of spikes by bias. Arrivals of one time are summed before
    the threshold is looked at; spikes that arrive without a delay make another turn at the same time. An arrival comes
    before a crossing by bias at the same time.
    """
    n = len(tables.tau)
    state = State(
        tables.v_init.copy(), np.zeros(n), np.empty(n), np.zeros(n, np.bool_), np.empty(n, np.int64),
        np.zeros(len(tables.delay), np.int64),
    )  # fmt: skip
    for j in range(n):
        state.crossing[j] = crossing_time(tables, j, state.v[j], 0.0)
    a, k = 0, 0
    while True:
        t_arrival = math.inf
        for p in range(len(tables.delay)):
            t_arrival = min(t_arrival, _next_arrival(tables, p, state, input_times, input_channels, tape, k))
        t = min(t_arrival, np.min(state.crossing))
        if not t <= duration:
            break
        if a + k > limit:
            return LIMIT, a, k
        if k + n > len(tape.spike_time):
            return FULL, a, k
        if t_arrival <= t:
            for p in range(len(tables.delay)):
                while _next_arrival(tables, p, state, input_times, input_channels, tape, k) == t:
                    size = tables.post[p, 1] - tables.post[p, 0]
                    if a + size > len(tape.time):
                        return FULL, a, k
                    _arrive(tables, p, state, input_channels, t, tape, a)
                    a += size
            k = _spikes_of_arrivals(tables, state, t, tape, a, k)
        else:
            for j in range(n):
                if state.crossing[j] == t:
                    _spike(tables, j, state, t, tables.v_th[j], tape, a, k, BY_BIAS)
                    k += 1
    for j in range(n):
        v_end[j] = decayed(state.v[j], tables.bias[j], duration - state.since[j], tables.tau[j])
    return DONE, a, k


@inner
def decayed(v, bias, dt, tau):
    """V after `dt` without events."""
    return v * math.exp(-dt / tau) - bias * math.expm1(-dt / tau)


@inner
def crossing_time(tables, j, v, t):
    """The time at which the bias alone drives neuron j from V = v at t to its threshold; infinite if it never does."""
    drive = tables.bias[j] - tables.v_th[j]
    return t + tables.tau[j] * math.log1p((tables.v_th[j] - v) / drive) if drive > 0.0 else math.inf


@inner
def _next_arrival(tables, p, state, input_times, input_channels, tape, n_spikes):
    """Time of the next arrival of projection p, which `pending` is moved to; infinite if none is known yet."""
    low, high, k = tables.pre[p, 0], tables.pre[p, 1], state.pending[p]
    if tables.of_input[p]:
        while k < len(input_times) and not low <= input_channels[k] < high:
            k += 1
        state.pending[p] = k
        return input_times[k] + tables.delay[p] if k < len(input_times) else math.inf
    while k < n_spikes and not low <= tape.spike_neuron[k] < high:
        k += 1
    state.pending[p] = k
    return tape.spike_time[k] + tables.delay[p] if k < n_spikes else math.inf


@inner
def _arrive(tables, p, state, input_channels, t, tape, a):
    """The pending spike of projection p at all its targets: onto the tape from place a on, and into V."""
    k, of_input, low = state.pending[p], tables.of_input[p], tables.post[p, 0]
    source = input_channels[k] if of_input else tape.spike_neuron[k]
    size = tables.post[p, 1] - low
    row = tables.first_weight[p] + (source - tables.pre[p, 0]) * size
    for i in range(size):
        j = low + i
        if not state.touched[j]:
            _decay_to(tables, j, state, t)
            state.touched[j], state.first[j] = True, a + i
        tape.time[a + i], tape.neuron[a + i], tape.v[a + i] = t, j, state.v[j]
        tape.weight[a + i], tape.source[a + i] = row + i, -1 - k if of_input else k
        state.v[j] += tables.weights[row + i]
    state.pending[p] = k + 1


@inner
def _decay_to(tables, j, state, t):
    """V of neuron j from its last event to t, which is not after its next crossing by bias."""
    if state.crossing[j] > t:  # rounding alone could put V above the threshold
        v = decayed(state.v[j], tables.bias[j], t - state.since[j], tables.tau[j])
        state.v[j] = min(v, tables.v_th[j])
    else:
        state.v[j] = tables.v_th[j]
    state.since[j] = t


@inner
def _spikes_of_arrivals(tables, state, t, tape, a, k):
    """Spikes of all neurons that the arrivals of this instant have lifted above the threshold; their new number."""
    for j in range(len(tables.tau)):
        if state.touched[j]:
            state.touched[j] = False
            if state.v[j] > tables.v_th[j]:
                _spike(tables, j, state, t, state.v[j], tape, a, k, state.first[j])
                k += 1
            else:
                state.crossing[j] = crossing_time(tables, j, state.v[j], t)
    return k


@inner
def _spike(tables, j, state, t, v_before, tape, a, k, trigger):
    """Spike k, of neuron j at t, after `a` arrivals, onto the tape; the neuron is reset."""
    tape.spike_time[k], tape.spike_neuron[k], tape.spike_v[k] = t, j, v_before
    tape.after[k], tape.trigger[k] = a, trigger
    state.v[j], state.since[j] = tables.v_reset[j], t
    state.crossing[j] = crossing_time(tables, j, state.v[j], t)
