"""The first spikes of one population by closed forms, and the derivatives of functions of their times."""

from __future__ import annotations

import math
from typing import NamedTuple

from spikeproof.compiled import bare_kernel
from spikeproof.lesson.kernels.closed_crossing import advanced, closed_crossing, response
from spikeproof.numbers import Float64Array, IntArray

DONE, GRAZING = range(2)


class Neurons(NamedTuple):
    """The neurons of one population, with V measured from the bias: shape (N,) each."""

    tau_mem: Float64Array
    ratio: Float64Array  # tau_mem / tau_syn: 1 or 2
    v_th: Float64Array
    v_reset: Float64Array
    v_init: Float64Array
    i_init: Float64Array


class Arrivals(NamedTuple):
    """Arrivals at a population, sample by sample in the order of time; rows of one matrix of all weights."""

    time: Float64Array  # (A,)
    row: IntArray  # (A,) row of the matrix of weights
    offset: IntArray  # (S + 1,)


@bare_kernel
def first_spikes(neurons, arrivals, weights, duration, side, times, vdot, v_end, i_end):
    """Writes the time of the first spike of each neuron, infinite without one, Vdot there, and V and I at T.

    All of them have shape (S, N).
    """
    for s in range(len(arrivals.offset) - 1):
        for j in range(len(neurons.tau_mem)):
            v, i, now, spiked = neurons.v_init[j], neurons.i_init[j], 0.0, False
            tau_mem, ratio = neurons.tau_mem[j], neurons.ratio[j]
            times[s, j] = math.inf
            for a in range(arrivals.offset[s], arrivals.offset[s + 1] + 1):
                last = a == arrivals.offset[s + 1]
                t = duration if last else min(arrivals.time[a], duration)
                if not spiked and t > now:
                    dt = closed_crossing(v, i, neurons.v_th[j], tau_mem, ratio, side)
                    if now + dt <= t:
                        times[s, j] = now + dt
                        current = advanced(v, i, dt, tau_mem, ratio)[1]
                        vdot[s, j] = (current - neurons.v_th[j]) / tau_mem
                        spiked = True
                v, i = advanced(v, i, t - now, tau_mem, ratio)
                now = t
                if not last and arrivals.time[a] <= duration:
                    i += weights[arrivals.row[a], j]
            v_end[s, j] = neurons.v_reset[j] if spiked else v
            i_end[s, j] = i


@bare_kernel
def first_spikes_back(neurons, arrivals, weights, times, vdot, d_time, d_weights, d_arrival):
    """Adds the derivatives by weights and arrival times of a loss with these derivatives by first spikes, `d_time`.

    By the implicit function theorem at V(t) = v_th, with k the response of V to a weight of 1::

        dt/dw = -k(t - t_a) / Vdot        dt/dt_a = w k'(t - t_a) / Vdot

    Returns
    -------
    status, sample, neuron
        `GRAZING` with the spike that has Vdot <= 0.
    """
    for s in range(len(arrivals.offset) - 1):
        for j in range(len(neurons.tau_mem)):
            t = times[s, j]
            if d_time[s, j] == 0.0 or t == math.inf:
                continue
            tau_mem, ratio = neurons.tau_mem[j], neurons.ratio[j]
            if not vdot[s, j] > 0.0:
                return GRAZING, s, j
            factor = d_time[s, j] / vdot[s, j]
            for a in range(arrivals.offset[s], arrivals.offset[s + 1]):
                if arrivals.time[a] >= t:
                    break
                k, slope = response(t - arrivals.time[a], tau_mem, ratio)
                d_weights[arrivals.row[a], j] -= factor * k
                d_arrival[a] += factor * weights[arrivals.row[a], j] * slope
    return DONE, -1, -1
