"""Forward pass: at every grid point spikes, then arrivals; then one step of the closed-form solution."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.grid.kernels.tape import DONE, FULL


@njit(cache=True, nogil=True)
def forward(grid, in_step, in_channel, in_offset, first, start, stop, tape, k, record, v_end, i_end):
    """Solve samples start .. stop; returns status, the sample it stopped at, and the number of spikes.

    The tape holds samples from `first` on. When it is full the call can be repeated from the sample it stopped at.
    `v_end`, `i_end`, shape (samples, neurons), receive V - bias and I at the end.
    """
    n_neurons = len(grid.v_th)
    v, i, cursor = np.empty(n_neurons), np.empty(n_neurons), np.empty(len(grid.row), np.int64)
    states = np.empty((0, 0, 0))
    for s in range(start, stop):
        part = slice(in_offset[s], in_offset[s + 1])
        end = forward_sample(grid, in_step[part], in_channel[part], s, tape, k, record, v, i, cursor, states)
        if end < 0:
            return FULL, s, k
        k = end
        tape.offset[s - first + 1] = k
        v_end[s], i_end[s] = v, i
    return DONE, stop, k


@njit(cache=True)
def forward_sample(grid, in_step, in_channel, s, tape, k0, record, v, i, cursor, states):
    """Solve one sample, whose spikes start at `k0` of the tape; returns their end, -1 if the tape is full.

    `states`, shape (2, steps + 1, neurons) or empty, receives V - bias and I after the events of each grid point.
    """
    v_decay, v_gain, i_decay, v_th, from_input, lag = (  # tuples of arrays are not passed at every step: that costs
        grid.v_decay, grid.v_gain, grid.i_decay, grid.v_th, grid.from_input, grid.lag
    )  # fmt: skip
    watched, peaked, spike_step = len(record.traced) + len(record.peaked) > 0, record.peaked, tape.step
    v[:], i[:] = grid.v_init, grid.i_init
    cursor[:] = 0
    k, above = k0, 0
    for n in range(grid.n_steps + 1):
        if n > 0:
            above = _step(v_decay, v_gain, i_decay, v_th, v, i)
        if watched:
            _observe(n, s, record, v, i)
        if above > 0:
            if k + above > len(spike_step):
                return -1
            k = _spikes(n, v_th, grid.v_reset, v, i, tape, k)
        if _due(n, from_input, lag, in_step, spike_step, k0, k, cursor):
            _deliver(grid, n, in_step, in_channel, tape, k0, k, cursor, i)
        for q in range(len(peaked)):
            if record.peak_step[s, q] == n:
                record.slope_after[s, q] = i[peaked[q]] - v[peaked[q]]
        if states.size:
            states[0, n], states[1, n] = v, i
    return k


@njit(cache=True)
def _step(v_decay, v_gain, i_decay, v_th, v, i):
    """Advance all neurons by one step; returns how many are at or above their threshold then."""
    above = 0
    for n in range(len(v)):
        v_next = v[n] * v_decay[n] + i[n] * v_gain[n]
        i[n] *= i_decay[n]
        v[n] = v_next
        above += v_next >= v_th[n]
    return above


@njit(cache=True)
def _observe(n, s, record, v, i):
    for r in range(len(record.traced)):
        record.trace[s, n, r] = v[record.traced[r]]
    for q in range(len(record.peaked)):
        j = record.peaked[q]
        if n == 0 or v[j] > record.peak[s, q]:
            record.peak[s, q], record.peak_step[s, q], record.slope_before[s, q] = v[j], n, i[j] - v[j]


@njit(cache=True)
def _spikes(n, v_th, v_reset, v, i, tape, k):
    """Record and reset the neurons at or above their threshold."""
    for j in range(len(v)):
        if v[j] >= v_th[j]:
            tape.step[k], tape.neuron[k], tape.slope[k] = n, j, i[j] - v[j]
            v[j] = v_reset[j]
            k += 1
    return k


@njit(cache=True)
def _due(n, from_input, lag, in_step, spike_step, k0, k, cursor):
    """True if a spike that has not been seen yet has arrived by grid point `n`, at whatever target."""
    for p in range(len(lag)):
        c = cursor[p]
        if from_input[p]:
            if c < len(in_step) and in_step[c] + lag[p] <= n:
                return True
        elif k0 + c < k and spike_step[k0 + c] + lag[p] <= n:
            return True
    return False


@njit(cache=True)
def _deliver(grid, n, in_step, in_channel, tape, k0, k, cursor, i):
    """Add the weights of all spikes that arrive at grid point `n`."""
    for p in range(len(grid.row)):
        lag, start, stop = grid.lag[p], grid.pre_start[p], grid.pre_stop[p]
        c = cursor[p]
        if grid.from_input[p]:
            while c < len(in_step) and in_step[c] + lag <= n:
                if start <= in_channel[c] < stop:
                    _add_row(grid, p, in_channel[c] - start, i)
                c += 1
        else:
            while k0 + c < k and tape.step[k0 + c] + lag <= n:
                if start <= tape.neuron[k0 + c] < stop:
                    _add_row(grid, p, tape.neuron[k0 + c] - start, i)
                c += 1
        cursor[p] = c


@njit(cache=True)
def _add_row(grid, p, pre, i):
    start, width = grid.post_start[p], grid.post_stop[p] - grid.post_start[p]
    row = grid.row[p] + pre * width
    for m in range(width):
        i[start + m] += grid.weights[row + m]
