"""Backward pass: the grid points in reverse, each with arrivals, then spikes; between them closed-form steps.

Wunderlich and Pehle (2021), Table 2; the notes' sections 10 and 11.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.grid.kernels.forward import forward_sample
from spikeproof.grid.kernels.tape import DONE, GRAZING

TAU_MEM, TAU_SYN, V_TH, V_RESET, BIAS, V_INIT, I_INIT = range(7)
N_PARAMETERS = 7


@njit(cache=True, nogil=True)
def adjoint(
    grid, in_step, in_channel, in_offset, first, bounds, tape, record, sources, d_spike, d_input, gradient, d_delay,
    d_neuron,
):  # fmt: skip
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike.

    `d_spike` holds dL/dt of each spike on the tape from the loss and collects what its arrivals add; `d_input`
    receives the gradient of each input time. ``gradient[c]`` and, unless they are empty, ``d_delay[c]`` and
    ``d_neuron[c]``, shape (7, neurons), receive those of the chunk of samples bounds[c] .. bounds[c + 1].
    """
    n_neurons, everything = len(grid.v_th), len(d_neuron) > 0
    lambda_v, lambda_i, v, i = np.empty(n_neurons), np.empty(n_neurons), np.empty(n_neurons), np.empty(n_neurons)
    cursor, open_ = np.empty(len(grid.row), np.int64), np.empty(len(record.peaked))
    states = np.empty((2, grid.n_steps + 1, n_neurons)) if everything else np.empty((0, 0, 0))
    nothing = np.empty((0, 0))
    for c in range(len(bounds) - 1):
        for s in range(bounds[c], bounds[c + 1]):
            k0, k1 = tape.offset[s - first], tape.offset[s - first + 1]
            part = slice(in_offset[s], in_offset[s + 1])
            if everything:
                forward_sample(grid, in_step[part], in_channel[part], s, tape, k0, record, v, i, cursor, states)
            spikes = (tape.step[k0:k1], tape.neuron[k0:k1], tape.slope[k0:k1], d_spike[k0:k1])
            inputs = (in_step[part], in_channel[part], d_input[part])
            k = _adjoint_sample(
                grid, inputs, spikes, s, record, sources, lambda_v, lambda_i, cursor, open_, states, gradient[c],
                d_delay[c] if everything else d_delay.ravel(), d_neuron[c] if everything else nothing,
            )  # fmt: skip
            if k >= 0:
                return GRAZING, s, k
    return DONE, 0, 0


@njit(cache=True)
def _adjoint_sample(
    grid, inputs, spikes, s, record, sources, lambda_v, lambda_i, cursor, open_, states, gradient, d_delay, d_neuron
):
    """One sample; returns -1, or the number of a spike with Vdot = 0 that matters."""
    step, neuron, slope, d_spike = spikes
    v_decay, lambda_gain, i_decay, from_input, lag, in_step = (  # see `forward_sample`
        grid.v_decay, grid.lambda_gain, grid.i_decay, grid.from_input, grid.lag, inputs[0]
    )  # fmt: skip
    a, b, c, d, e = (
        grid.tau_mem_from_v, grid.tau_mem_from_i, grid.tau_syn_by_v, grid.tau_syn_by_i, grid.bias_by_v
    )  # fmt: skip
    lambda_v[:], lambda_i[:], open_[:] = 0.0, 0.0, 0.0
    for p in range(len(lag)):
        cursor[p] = (len(in_step) if from_input[p] else len(step)) - 1
    k, live, everything = len(step) - 1, False, len(d_neuron) > 0
    traced, peaked = len(sources.before) > 0, len(record.peaked) > 0
    for n in range(grid.n_steps, -1, -1):
        if live:
            if everything:
                v, i = states[0, n], states[1, n]  # where the step starts; lambda_v and lambda_i are still at its end
                _add_products(a, v, b, i, lambda_v, d_neuron[TAU_MEM])
                _add_products(c, lambda_v, d, lambda_i, i, d_neuron[TAU_SYN])
                _add_product(e, lambda_v, d_neuron[BIAS])
            _step(v_decay, lambda_gain, i_decay, lambda_v, lambda_i)
        if traced:
            live |= _put(sources.after, record, grid, s, n, lambda_v)
        if peaked:
            live |= _open_peaks(record, sources, grid, s, n, lambda_v, open_)
        if live and _due(n, from_input, lag, in_step, step, cursor):
            _collect(grid, n, inputs, spikes, s, record, sources, lambda_v, lambda_i, cursor, open_, gradient, d_delay)
        while k >= 0 and step[k] == n:
            j = neuron[k]
            if lambda_v[j] != 0.0 or d_spike[k] != 0.0:
                if slope[k] == 0.0:
                    return k
                before = lambda_v[j] + ((grid.v_th[j] - grid.v_reset[j]) * lambda_v[j] + d_spike[k]) / slope[k]
                if everything:
                    d_neuron[V_TH, j] += grid.tau_mem[j] * before
                    d_neuron[V_RESET, j] -= grid.tau_mem[j] * lambda_v[j]
                lambda_v[j] = before
                live = True
            k -= 1
        if traced:
            live |= _put(sources.before, record, grid, s, n, lambda_v)
        if peaked:
            live |= _close_peaks(record, sources, grid, s, n, lambda_v, open_)
    if everything:
        for j in range(len(lambda_v)):
            d_neuron[V_INIT, j] -= grid.tau_mem[j] * lambda_v[j]
            d_neuron[I_INIT, j] -= grid.tau_syn[j] * lambda_i[j]
    return -1


@njit(cache=True)
def _step(v_decay, lambda_gain, i_decay, lambda_v, lambda_i):
    """Take all neurons back by one step."""
    for n in range(len(lambda_v)):
        lambda_i[n] = lambda_i[n] * i_decay[n] + lambda_v[n] * lambda_gain[n]
        lambda_v[n] *= v_decay[n]


@njit(cache=True)
def _add_products(a, x, b, y, z, out):
    for n in range(len(out)):
        out[n] += (a[n] * x[n] + b[n] * y[n]) * z[n]


@njit(cache=True)
def _add_product(a, x, out):
    for n in range(len(out)):
        out[n] += a[n] * x[n]


@njit(cache=True)
def _due(n, from_input, lag, in_step, spike_step, cursor):
    """True if a spike that has not been seen yet arrives at grid point `n` or later, at whatever target."""
    for p in range(len(lag)):
        c = cursor[p]
        if c >= 0 and (in_step[c] if from_input[p] else spike_step[c]) + lag[p] >= n:
            return True
    return False


@njit(cache=True)
def _put(slopes, record, grid, s, n, lambda_v):
    """Let lambda_v jump by -dL/dV / tau_mem; returns True."""
    for r in range(len(record.traced)):
        j = record.traced[r]
        lambda_v[j] -= slopes[s, n, r] / grid.tau_mem[j]
    return True


@njit(cache=True)
def _open_peaks(record, sources, grid, s, n, lambda_v, open_):
    """Maxima at grid point `n` before its arrivals are taken back; True if there are any.

    By the published rule lambda_v jumps here. A kink is left open, with the slope of V after the arrivals: it belongs
    to the arrival that turned V.
    """
    found = False
    for q in range(len(record.peaked)):
        if record.peak_step[s, q] == n and sources.peak[s, q] != 0.0:
            found = True
            j = record.peaked[q]
            if not sources.complete[q]:
                lambda_v[j] -= sources.peak[s, q] / grid.tau_mem[j]
            elif 0 < n < grid.n_steps and record.slope_before[s, q] > 0.0 > record.slope_after[s, q]:
                open_[q] = record.slope_after[s, q]
    return found


@njit(cache=True)
def _close_peaks(record, sources, grid, s, n, lambda_v, open_):
    """Smooth maxima at grid point `n`, after its arrivals were taken back; True if there are any."""
    found = False
    for q in range(len(record.peaked)):
        if record.peak_step[s, q] == n and sources.complete[q] and sources.peak[s, q] != 0.0:
            if open_[q] <= 0.0:
                lambda_v[record.peaked[q]] -= sources.peak[s, q] / grid.tau_mem[record.peaked[q]]
            open_[q] = 0.0
            found = True
    return found


@njit(cache=True)
def _collect(grid, n, inputs, spikes, s, record, sources, lambda_v, lambda_i, cursor, open_, gradient, d_delay):
    """Take back the arrivals at grid point `n`: gradients of weights and delays, and dL/dt of their sources."""
    for p in range(len(grid.row) - 1, -1, -1):
        step, source, d_time = inputs if grid.from_input[p] else (spikes[0], spikes[1], spikes[3])
        lag, start, stop = grid.lag[p], grid.pre_start[p], grid.pre_stop[p]
        c = cursor[p]
        while c >= 0 and step[c] + lag >= n:
            if start <= source[c] < stop and step[c] + lag == n:
                d_time[c] += _take_row(
                    grid, p, source[c] - start, s, n, record, sources, lambda_v, lambda_i, open_, gradient, d_delay
                )
            c -= 1
        cursor[p] = c


@njit(cache=True)
def _take_row(grid, p, pre, s, n, record, sources, lambda_v, lambda_i, open_, gradient, d_delay):
    """One arrival; returns sum over targets of w (lambda_v - lambda_i)."""
    start, width, collected = grid.post_start[p], grid.post_stop[p] - grid.post_start[p], 0.0
    row = grid.row[p] + pre * width
    for m in range(width):
        gradient[row + m] -= grid.tau_syn[start + m] * lambda_i[start + m]
    for m in range(width):
        collected += grid.weights[row + m] * (lambda_v[start + m] - lambda_i[start + m])
    if len(d_delay):
        for m in range(width):
            d_delay[row + m] += grid.weights[row + m] * (lambda_v[start + m] - lambda_i[start + m])
    for q in range(len(open_)):
        m = record.peaked[q] - start
        if open_[q] < 0.0 and 0 <= m < width and record.peak_step[s, q] == n:
            open_[q] -= grid.weights[row + m]
            if open_[q] > 0.0:  # this arrival turned the rise: V at it moves along the slope before
                tau_mem, c = grid.tau_mem[start + m], sources.peak[s, q]
                kink = c * open_[q] / tau_mem  # the slope just before this arrival, of several at one grid point
                collected += kink
                if len(d_delay):
                    d_delay[row + m] += kink
                lambda_v[start + m] -= c / tau_mem
    return collected
