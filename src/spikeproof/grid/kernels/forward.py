"""Forward pass: at every grid point spikes, then arrivals; then one step of the closed-form solution."""

from __future__ import annotations

import numpy as np
from numba import njit

from spikeproof.grid.kernels.rows import add
from spikeproof.grid.kernels.step import advance, copy, find
from spikeproof.grid.kernels.tape import DONE, FULL


@njit(cache=True, nogil=True, error_model="numpy")
def forward(grid, in_step, in_channel, in_offset, first, start, stop, tape, k, record, v_end, i_end):
    """Solve samples start .. stop; returns status, the sample it stopped at, and the number of spikes.

    The tape holds samples from `first` on. When it is full the call can be repeated from the sample it stopped at.
    `v_end`, `i_end`, shape (samples, neurons), receive V - bias and I at the end.
    """
    n_neurons = len(grid.v_th)
    v, i = np.empty(n_neurons), np.empty(n_neurons)  # rows of v_end and i_end would straddle cache lines
    cursor, states = np.empty(len(grid.row), np.int64), np.empty((0, 0, 0))
    for s in range(start, stop):
        part = slice(in_offset[s], in_offset[s + 1])
        end = forward_sample(grid, in_step[part], in_channel[part], s, tape, k, record, v, i, cursor, states)
        if end < 0:
            return FULL, s, k
        k = end
        tape.offset[s - first + 1] = k
        copy(v, v_end[s])
        copy(i, i_end[s])
    return DONE, stop, k


@njit(cache=True, error_model="numpy")
def forward_sample(grid, in_step, in_channel, s, tape, k0, record, v, i, cursor, states):
    """Solve one sample, whose spikes start at `k0` of the tape; returns their end, -1 if the tape is full.

    `v` and `i` are left as they are at the end. `states`, shape (2, steps + 1, neurons) or empty, receives V - bias
    and I after the events of each grid point.
    """
    v_decay, v_gain, i_decay, v_th, v_reset, segment, alike = (  # tuples of arrays are not passed at every step
        grid.v_decay, grid.v_gain, grid.i_decay, grid.v_th, grid.v_reset, grid.segment, grid.alike
    )  # fmt: skip
    from_input, lag, pre_start, pre_stop, post_start, post_stop, row, weights = (
        grid.from_input, grid.lag, grid.pre_start, grid.pre_stop, grid.post_start, grid.post_stop, grid.row,
        grid.weights,
    )  # fmt: skip
    step, neuron, slope = tape.step, tape.neuron, tape.slope
    traced, peaked, kept = len(record.traced) > 0, len(record.peaked) > 0, states.size > 0
    copy(grid.v_init, v)
    copy(grid.i_init, i)
    for p in range(len(row)):
        cursor[p] = 0 if from_input[p] else k0
    k, due = k0, 0  # `due`: the next grid point at which something arrives
    for n in range(grid.n_steps + 1):
        first = k
        for g in range(len(alike)):
            a, b = segment[g], segment[g + 1]
            above = advance(alike[g], a, b, v_decay, v_gain, i_decay, v_th, v, i) if n > 0 else 0
            if above > 0:
                if k + above > len(step):
                    return -1
                k = find(a, above, v_th, v, neuron, k)
        if traced:
            _trace(record.traced, v, record.trace[s, n])
        if peaked:
            _observe(n, record.peaked, v, i, record.peak[s], record.peak_step[s], record.slope_before[s])
        for q in range(first, k):
            j = neuron[q]
            step[q], slope[q] = n, i[j] - v[j]
            v[j] = v_reset[j]
        if n >= due or k > first:
            due = grid.n_steps + 1
            for p in range(len(row)):
                if from_input[p]:
                    c = _deliver(
                        n - lag[p], cursor[p], len(in_step), in_step, in_channel, pre_start[p], pre_stop[p], row[p],
                        weights, i, post_start[p], post_stop[p],
                    )  # fmt: skip
                    if c < len(in_step):
                        due = min(due, in_step[c] + lag[p])
                else:
                    c = _deliver(
                        n - lag[p], cursor[p], k, step, neuron, pre_start[p], pre_stop[p], row[p],
                        weights, i, post_start[p], post_stop[p],
                    )  # fmt: skip
                    if c < k:
                        due = min(due, step[c] + lag[p])
                cursor[p] = c
        if peaked:
            _look_after(n, record.peaked, v, i, record.peak_step[s], record.slope_after[s])
        if kept:
            copy(v, states[0, n])
            copy(i, states[1, n])
    return k


@njit(cache=True, error_model="numpy")
def _trace(traced, v, out):
    for r in range(len(traced)):
        out[r] = v[traced[r]]


@njit(cache=True, error_model="numpy")
def _observe(n, peaked, v, i, peak, peak_step, slope_before):
    """Look for new maxima at grid point `n`."""
    for q in range(len(peaked)):
        j = peaked[q]
        if n == 0 or v[j] > peak[q]:
            peak[q], peak_step[q], slope_before[q] = v[j], n, i[j] - v[j]


@njit(cache=True, error_model="numpy")
def _look_after(n, peaked, v, i, peak_step, slope_after):
    """Note the slope after the arrivals of maxima at grid point `n`."""
    for q in range(len(peaked)):
        if peak_step[q] == n:
            slope_after[q] = i[peaked[q]] - v[peaked[q]]


@njit(cache=True, error_model="numpy")
def _deliver(until, c, stop, step, source, pre_start, pre_stop, row, weights, i, post_start, post_stop):
    """Add the weights of all spikes of a projection up to grid point `until` from spike `c` on; returns the next."""
    while c < stop and step[c] <= until:
        pre = source[c] - pre_start
        if 0 <= pre < pre_stop - pre_start:
            add(weights, row + pre * (post_stop - post_start), i, post_start, post_stop - post_start)
        c += 1
    return c
