"""Backward pass: the grid points in reverse, each with arrivals, then spikes; between them closed-form steps.

docs/theory.md (adjoint-step), (grid-steps); Wunderlich and Pehle (2021), Table 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.equations import jump
from spikeproof.grid.kernels import packed as packing
from spikeproof.grid.kernels.forward import forward_sample
from spikeproof.grid.kernels.packed import FROM_INPUT, LAG, POST_START, POST_STOP, PRE_START, PRE_STOP, ROW, packed
from spikeproof.grid.kernels.peaks import CLOSED, close_peaks, open_peaks, turned
from spikeproof.grid.kernels.rows import add_products, prepare, product, take
from spikeproof.grid.kernels.step import rewind_segment
from spikeproof.grid.kernels.tape import DONE, GRAZING, Record, Sources, Tape
from spikeproof.neuron_parameters import BIAS, I_INIT, TAU_MEM, TAU_SYN, V_INIT, V_RESET, V_TH
from spikeproof.numbers import Array


def adjoint(
    grid: Any,
    in_step: Array,
    in_channel: Array,
    in_offset: Array,
    first: int,
    bounds: Array,
    tape: Tape,
    record: Record,
    sources: Sources,
    d_spike: Array,
    d_input: Array,
    gradient: Array,
    d_delay: Array,
    d_neuron: Array,
) -> tuple[int, int, int]:
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike.

    `d_spike` holds dL/dt of each spike on the tape from the loss and collects what its arrivals add; `d_input`
    receives the gradient of each input time. ``gradient[c]`` and, unless they are empty, ``d_delay[c]`` and
    ``d_neuron[c]``, shape (N_PARAMETERS, neurons), receive those of the chunk of samples bounds[c] .. bounds[c + 1].
    """
    found: tuple[int, int, int] = _adjoint(
        packed(grid), in_step, in_channel, in_offset, first, bounds, tape, record, sources, d_spike, d_input, gradient,
        d_delay, d_neuron,
    )  # fmt: skip
    return found


@kernel
def _adjoint(
    grid, in_step, in_channel, in_offset, first, bounds, tape, record, sources, d_spike, d_input, gradient, d_delay,
    d_neuron,
):  # fmt: skip
    n_neurons, everything = grid.neurons.shape[1], len(d_neuron) > 0
    work = np.empty((5, (n_neurons + 7) // 8 * 8))  # rows start at cache lines
    v, i = np.empty(n_neurons), np.empty(n_neurons)
    cursor, open_ = np.empty(len(grid.projections), np.int64), np.empty(len(record.peaked))
    states = np.empty((2, grid.n_steps + 1, n_neurons)) if everything else np.empty((0, 0, 0))
    no_delays, no_parameters = np.empty(0), np.empty((0, 0))
    for c in range(len(bounds) - 1):
        for s in range(bounds[c], bounds[c + 1]):
            k0, k1 = tape.offset[s - first], tape.offset[s - first + 1]
            part = slice(in_offset[s], in_offset[s + 1])
            if everything:
                forward_sample(grid, in_step[part], in_channel[part], s, tape, k0, record, v, i, cursor, states)
            inputs = (in_step[part], in_channel[part], d_input[part])
            spikes = (tape.step[k0:k1], tape.neuron[k0:k1], d_spike[k0:k1])
            k = _adjoint_sample(
                grid, inputs, spikes, tape.slope[k0:k1], s, record, sources, work, cursor, open_, states, gradient[c],
                d_delay[c] if everything else no_delays, d_neuron[c] if everything else no_parameters,
            )  # fmt: skip
            if k >= 0:
                return GRAZING, s, k
    return DONE, 0, 0


@inner
def _adjoint_sample(
    grid, inputs, spikes, slope, s, record, sources, work, cursor, open_, states, gradient, d_delay, d_neuron
):
    """One sample; returns -1, or the number of a spike with Vdot = 0 that matters."""
    in_step, in_channel, d_input = inputs
    step, neuron, d_spike = spikes
    neurons, projections, segment, alike, weights = (
        grid.neurons, grid.projections, grid.segment, grid.alike, grid.weights
    )  # fmt: skip
    v_decay, lambda_gain, i_decay, v_th, v_reset, tau_mem, tau_syn = (
        neurons[packing.V_DECAY], neurons[packing.LAMBDA_GAIN], neurons[packing.I_DECAY], neurons[packing.V_TH],
        neurons[packing.V_RESET], neurons[packing.TAU_MEM], neurons[packing.TAU_SYN],
    )  # fmt: skip
    peaked, complete, peak_step, d_peak = record.peaked, sources.complete, record.peak_step[s], sources.peak[s]
    slope_before, slope_after = record.slope_before[s], record.slope_after[s]
    lambda_v, lambda_i, scaled, difference, folded = (
        work[0, : len(v_th)], work[1, : len(v_th)], work[2], work[3], work[4]
    )  # fmt: skip
    lambda_v[:], lambda_i[:], open_[:] = 0.0, 0.0, CLOSED
    for p in range(len(cursor)):
        cursor[p] = (len(in_step) if projections[p, FROM_INPUT] else len(step)) - 1
    k, live, everything, traced = len(step) - 1, False, len(d_neuron) > 0, len(sources.before) > 0
    for n in range(grid.n_steps, -1, -1):
        if live:
            if everything:
                v, i = states[0, n], states[1, n]  # where the step starts; lambda_v and lambda_i are still at its end
                _integrate(neurons, v, i, lambda_v, lambda_i, d_neuron)
            for g in range(len(alike)):
                rewind_segment(alike[g], segment[g], segment[g + 1], v_decay, lambda_gain, i_decay, lambda_v, lambda_i)
        if traced:
            live |= _put(sources.after[s, n], record.traced, tau_mem, lambda_v)
        kinks = False
        if len(peaked):
            kinks = open_peaks(
                n, grid.n_steps, peaked, peak_step, slope_before, slope_after, d_peak, complete, tau_mem, lambda_v,
                open_,
            )  # fmt: skip
            live |= kinks
        for p in range(len(cursor) - 1 if live else -1, -1, -1):
            q, lag = cursor[p], projections[p, LAG]
            if projections[p, FROM_INPUT]:
                if q >= 0 and in_step[q] + lag >= n:
                    cursor[p] = _collect(
                        projections, p, n, q, in_step, in_channel, d_input, weights, tau_syn, lambda_v, lambda_i,
                        scaled, difference, folded, gradient, d_delay, kinks, peaked, peak_step, d_peak, tau_mem, open_,
                    )  # fmt: skip
            elif q >= 0 and step[q] + lag >= n:
                cursor[p] = _collect(
                    projections, p, n, q, step, neuron, d_spike, weights, tau_syn, lambda_v, lambda_i,
                    scaled, difference, folded, gradient, d_delay, kinks, peaked, peak_step, d_peak, tau_mem, open_,
                )  # fmt: skip
        while k >= 0 and step[k] == n:
            j = neuron[k]
            if lambda_v[j] != 0.0 or d_spike[k] != 0.0:
                if slope[k] == 0.0:
                    return k
                before = lambda_v[j] + jump(lambda_v[j], d_spike[k], v_th[j] - v_reset[j], slope[k])
                if everything:
                    d_neuron[V_TH, j] += tau_mem[j] * before
                    d_neuron[V_RESET, j] -= tau_mem[j] * lambda_v[j]
                lambda_v[j] = before
                live = True
            k -= 1
        if traced:
            live |= _put(sources.before[s, n], record.traced, tau_mem, lambda_v)
        if len(peaked):
            live |= close_peaks(n, peaked, peak_step, d_peak, complete, tau_mem, lambda_v, open_)
    if everything:
        for j in range(len(lambda_v)):
            d_neuron[V_INIT, j] -= tau_mem[j] * lambda_v[j]
            d_neuron[I_INIT, j] -= tau_syn[j] * lambda_i[j]
    return -1


@inner
def _integrate(neurons, v, i, lambda_v, lambda_i, d_neuron):
    """Add the integrals over one step to the gradients of the time constants and the bias."""
    for n in range(len(lambda_v)):
        by_v = neurons[packing.TAU_MEM_FROM_V, n] * v[n] + neurons[packing.TAU_MEM_FROM_I, n] * i[n]
        d_neuron[TAU_MEM, n] += by_v * lambda_v[n]
        by_i = neurons[packing.TAU_SYN_BY_V, n] * lambda_v[n] + neurons[packing.TAU_SYN_BY_I, n] * lambda_i[n]
        d_neuron[TAU_SYN, n] += by_i * i[n]
        d_neuron[BIAS, n] += neurons[packing.BIAS_BY_V, n] * lambda_v[n]


@inner
def _put(slopes, traced, tau_mem, lambda_v):
    """Let lambda_v jump by -dL/dV / tau_mem; returns True."""
    for r in range(len(traced)):
        lambda_v[traced[r]] -= slopes[r] / tau_mem[traced[r]]
    return True


@inner
def _collect(
    projections, p, n, c, step, source, d_time, weights, tau_syn, lambda_v, lambda_i, scaled, difference, folded,
    gradient, d_delay, kinks, peaked, peak_step, d_peak, tau_mem, open_,
):  # fmt: skip
    """Take back the arrivals of a projection at grid point `n`, from spike `c` on; returns the next one.

    Gradients of weights and delays, and dL/dt of the spikes.
    """
    lag, row, pre_start = projections[p, LAG], projections[p, ROW], projections[p, PRE_START]
    n_pre, post_start = projections[p, PRE_STOP] - pre_start, projections[p, POST_START]
    while c >= 0 and step[c] + lag > n:  # passed while lambda was 0
        c -= 1
    if c < 0 or step[c] + lag < n:
        return c
    width, everything = projections[p, POST_STOP] - post_start, len(d_delay) > 0
    moves = prepare(tau_syn, lambda_v, lambda_i, post_start, width, scaled, difference)
    while c >= 0 and step[c] + lag == n:
        pre = source[c] - pre_start
        if (moves or kinks) and 0 <= pre < n_pre:
            r = row + pre * width
            take(scaled, gradient, r, width)
            if everything:
                add_products(weights, r, difference, d_delay, width)
            collected = product(weights, r, difference, width, folded)
            if kinks:
                collected += turned(
                    n, post_start, width, weights, r, peaked, peak_step, d_peak, tau_mem, open_, lambda_v, difference,
                    d_delay,
                )  # fmt: skip
            d_time[c] += collected
        c -= 1
    return c
