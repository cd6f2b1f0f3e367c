"""The backward pass over the tape of a network with delta synapses: the events in reverse, one sample."""

from __future__ import annotations

import math

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.delta_tables import BY_BIAS, DONE, TIED
from spikeproof.neuron_parameters import BIAS, TAU_MEM, V_INIT, V_RESET, V_TH

ALONE = 2**62  # an origin that no arrival has


@kernel
def delta_backward(
    tables, tape, n_arrivals, n_spikes, duration, slopes, v_end, d_weights, d_delays, d_inputs, d_neurons
):
    """Adds the derivatives of one sample's loss, whose derivatives by spike times are `slopes`, to the last four.

    lambda_v of a neuron decays from event to event. A spike by bias, at Vdot = (bias - v_th) / tau, hands the
    derivative g by its time to V before it, as -g / Vdot; a spike that an arrival causes hands g to that arrival, and
    nothing to V.

    Parameters
    ----------
    slopes : array, shape (n_spikes,)
        Changed: afterwards it holds the derivatives by spike times, those through all that follows included.
    d_weights, d_delays : arrays, shape (W,)
    d_inputs : array, shape (n_input_spikes,)
    d_neurons : array, shape (N_PARAMETERS, N)
        By the parameters of the neurons, in the order of `NEURON_PARAMETERS`.
    """
    n = len(tables.tau)
    lam, later, v_later = np.zeros(n), np.full(n, duration), v_end.copy()
    a = n_arrivals
    for k in range(n_spikes - 1, -1, -1):
        while a > tape.after[k]:
            a -= 1
            _arrival_back(tables, tape, a, lam, later, v_later, slopes, d_weights, d_delays, d_inputs, d_neurons)
        j, t = tape.spike_neuron[k], tape.spike_time[k]
        _decay_back(tables, j, t, lam, later, v_later, d_neurons)
        d_neurons[V_RESET, j] += lam[j]
        slopes[k] -= lam[j] * (tables.bias[j] - tables.v_reset[j]) / tables.tau[j]
        if tape.trigger[k] == BY_BIAS:
            lam[j] = -slopes[k] * tables.tau[j] / (tables.bias[j] - tables.v_th[j])
            d_neurons[V_TH, j] -= lam[j]
        else:
            lam[j] = 0.0
            cause = _cause(tables, tape, k)
            d_delays[tape.weight[cause]] += slopes[k]
            _hand_over(tape.source[cause], slopes[k], slopes, d_inputs)
        v_later[j] = tape.spike_v[k]
    while a > 0:
        a -= 1
        _arrival_back(tables, tape, a, lam, later, v_later, slopes, d_weights, d_delays, d_inputs, d_neurons)
    for j in range(n):
        _decay_back(tables, j, 0.0, lam, later, v_later, d_neurons)
        d_neurons[V_INIT, j] += lam[j]


@inner
def _arrival_back(tables, tape, a, lam, later, v_later, slopes, d_weights, d_delays, d_inputs, d_neurons):
    j, w = tape.neuron[a], tape.weight[a]
    _decay_back(tables, j, tape.time[a], lam, later, v_later, d_neurons)
    v_later[j] = tape.v[a]
    d_weights[w] += lam[j]
    by_time = lam[j] * tables.weights[w] / tables.tau[j]
    d_delays[w] += by_time
    _hand_over(tape.source[a], by_time, slopes, d_inputs)


@inner
def _decay_back(tables, j, t, lam, later, v_later, d_neurons):
    """lambda_v of neuron j from its later event back to t; adds the derivatives by tau and bias of that interval."""
    dt, tau = later[j] - t, tables.tau[j]
    x = dt / tau
    d_neurons[TAU_MEM, j] += lam[j] * (v_later[j] - tables.bias[j]) * x / tau
    d_neurons[BIAS, j] -= lam[j] * math.expm1(-x)
    lam[j] *= math.exp(-x)
    later[j] = t


@inner
def _cause(tables, tape, k):
    """The first arrival with a positive weight among those that made a neuron spike."""
    for a in range(tape.trigger[k], tape.after[k]):
        if tape.neuron[a] == tape.spike_neuron[k] and tables.weights[tape.weight[a]] > 0.0:
            return a
    return tape.trigger[k]


@inner
def _hand_over(source, by_time, slopes, d_inputs):
    """Add the derivative by the time of an arrival to that of the spike that arrived."""
    if source < 0:
        d_inputs[-1 - source] += by_time
    else:
        slopes[source] += by_time


@kernel
def find_tie(tables, tape, n_arrivals, n_spikes, alone):
    """The first neuron and time at which the order of simultaneous events decides what happens; TIED, neuron, time.

    Arrivals that stem from one input spike, or from one spike by bias, move together: their order does not change. With
    `alone` each arrival moves by itself, as where delays of single synapses are changed. Simultaneous arrivals of
    different origins are no tie where the positive ones together do not lift V above the threshold. An arrival just
    when the bias would make its target spike is a tie.
    """
    n = len(tables.tau)
    origin_of = np.empty(n_spikes, np.int64)
    time, highest, origin = np.full(n, -1.0), np.zeros(n), np.zeros(n, np.int64)
    mixed, spiked = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    a = 0
    for k in range(n_spikes + 1):
        stop = tape.after[k] if k < n_spikes else n_arrivals
        while a < stop:
            j, w = tape.neuron[a], tables.weights[tape.weight[a]]
            own = tape.source[a] if tape.source[a] < 0 else origin_of[tape.source[a]]
            if w != 0.0 and time[j] != tape.time[a]:
                if mixed[j] and (spiked[j] or highest[j] > tables.v_th[j]):
                    return TIED, j, time[j]
                time[j], highest[j], origin[j] = tape.time[a], tape.v[a], own
                mixed[j] = spiked[j] = tape.v[a] == tables.v_th[j] and tables.bias[j] > tables.v_th[j]
            if w != 0.0:
                mixed[j] = mixed[j] or (own != origin[j])
                highest[j] += max(w, 0.0)
                origin[j] = ALONE if alone else own
            a += 1
        if k == n_spikes:
            break
        j, t = tape.spike_neuron[k], tape.spike_time[k]
        if tape.trigger[k] == BY_BIAS:
            if time[j] == t:
                return TIED, j, t
            if mixed[j] and (spiked[j] or highest[j] > tables.v_th[j]):
                return TIED, j, time[j]
            origin_of[k] = k
            time[j], highest[j], origin[j], mixed[j] = t, tables.v_th[j], k, False
        else:
            source = tape.source[_cause(tables, tape, k)]
            origin_of[k] = source if source < 0 else origin_of[source]
        spiked[j] = True
    for j in range(n):
        if mixed[j] and (spiked[j] or highest[j] > tables.v_th[j]):
            return TIED, j, time[j]
    return DONE, -1, 0.0
