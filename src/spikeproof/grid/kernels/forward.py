"""Forward pass: at every grid point spikes, then arrivals; then one step of the closed-form solution.

Mirrored by `adjoint`. Loops: samples; grid points; segments of neurons, projections. V and I of all neurons stand at
the same grid point. Cursors say which spike of a projection's source arrives next. The caller owns tape and record,
which are written; V and I lie in arrays of this pass, and go to the caller's at the end of each sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.equations import spike_slope
from spikeproof.grid.kernels.packed import (
    FROM_INPUT,
    I_DECAY,
    I_INIT,
    LAG,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    REFRACTORY,
    ROW,
    V_DECAY,
    V_GAIN,
    V_INIT,
    V_RESET,
    V_TH,
    packed,
)
from spikeproof.grid.kernels.refractory import SPIKE, UNTIL, hold, hold_none
from spikeproof.grid.kernels.rows import add
from spikeproof.grid.kernels.step import advance_segment, copy, find
from spikeproof.grid.kernels.tape import DONE, FULL, Inputs, Record, Tape
from spikeproof.numbers import Array


def forward(
    grid: Any,
    inputs: Inputs,
    first: int,
    start: int,
    stop: int,
    tape: Tape,
    k: int,
    record: Record,
    v_end: Array,
    i_end: Array,
) -> tuple[int, int, int]:
    """Solve samples start .. stop; returns status, the sample it stopped at, and the number of spikes.

    The tape holds samples from `first` on. When it is full the call can be repeated from the sample it stopped at.
    `v_end`, `i_end`, shape (samples, neurons), receive V - bias and I at the end.
    """
    found: tuple[int, int, int] = _forward(packed(grid), inputs, first, start, stop, tape, k, record, v_end, i_end)
    return found


@kernel
def _forward(grid, inputs, first, start, stop, tape, k, record, v_end, i_end):
    n_neurons = grid.neurons.shape[1]
    v, i = np.empty(n_neurons), np.empty(n_neurons)  # rows of v_end and i_end would straddle cache lines
    cursor, states = np.empty(len(grid.projections), np.int64), np.empty((0, 0, 0))
    holds = np.empty((2, n_neurons), np.int64)
    for s in range(start, stop):
        part = slice(inputs.offset[s], inputs.offset[s + 1])
        end = forward_sample(
            grid, inputs.step[part], inputs.channel[part], s, tape, k, record, v, i, cursor, holds, states
        )
        if end < 0:
            return FULL, s, k
        k = end
        tape.offset[s - first + 1] = k
        copy(v, v_end[s])
        copy(i, i_end[s])
    return DONE, stop, k


@inner
def forward_sample(grid, in_step, in_channel, s, tape, k0, record, v, i, cursor, holds, states):
    """Solve one sample, whose spikes start at `k0` of the tape; returns their end, -1 if the tape is full.

    `v` and `i` are left as they are at the end. `states`, shape (2, steps + 1, neurons) or empty, receives V - bias
    and I after the events of each grid point.
    """
    neurons, projections, segment, alike, weights = (
        grid.neurons, grid.projections, grid.segment, grid.alike, grid.weights
    )  # fmt: skip
    v_decay, v_gain, i_decay, v_th, v_reset = (
        neurons[V_DECAY], neurons[V_GAIN], neurons[I_DECAY], neurons[V_TH], neurons[V_RESET]
    )  # fmt: skip
    step, neuron, slope = tape.step, tape.neuron, tape.slope
    traced, peaked, kept = len(record.traced) > 0, len(record.peaked) > 0, states.size > 0
    copy(neurons[V_INIT], v)
    copy(neurons[I_INIT], i)
    hold_none(holds)
    for p in range(len(cursor)):
        cursor[p] = 0 if projections[p, FROM_INPUT] else k0
    k, due = k0, 0  # `due`: the next grid point at which something arrives
    for n in range(grid.n_steps + 1):
        first = k
        for g in range(len(alike)):
            a, b = segment[g], segment[g + 1]
            above = advance_segment(alike[g], a, b, v_decay, v_gain, i_decay, v_th, v, i) if n > 0 else 0
            if grid.holds and n > 0:
                above -= hold(n, a, b, neurons, v, i, holds, tape.restart)
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
            step[q], slope[q] = n, spike_slope(i[j], v[j])
            v[j] = v_reset[j]
            if grid.holds:
                holds[UNTIL, j], holds[SPIKE, j] = n + neurons[REFRACTORY, j], q
        if n >= due or k > first:
            due = grid.n_steps + 1
            for p in range(len(cursor)):
                lag = projections[p, LAG]
                if projections[p, FROM_INPUT]:
                    c = _deliver(projections, p, n, cursor[p], len(in_step), in_step, in_channel, weights, i)
                    if c < len(in_step):
                        due = min(due, in_step[c] + lag)
                else:
                    c = _deliver(projections, p, n, cursor[p], k, step, neuron, weights, i)
                    if c < k:
                        due = min(due, step[c] + lag)
                cursor[p] = c
        if peaked:
            _look_after(n, record.peaked, v, i, record.peak_step[s], record.slope_after[s])
        if kept:
            copy(v, states[0, n])
            copy(i, states[1, n])
    return k


@inner
def _trace(traced, v, out):
    for r in range(len(traced)):
        out[r] = v[traced[r]]


@inner
def _observe(n, peaked, v, i, peak, peak_step, slope_before):
    """Look for new maxima at grid point `n`."""
    for q in range(len(peaked)):
        j = peaked[q]
        if n == 0 or v[j] > peak[q]:
            peak[q], peak_step[q], slope_before[q] = v[j], n, i[j] - v[j]


@inner
def _look_after(n, peaked, v, i, peak_step, slope_after):
    """Note the slope after the arrivals of maxima at grid point `n`."""
    for q in range(len(peaked)):
        if peak_step[q] == n:
            slope_after[q] = i[peaked[q]] - v[peaked[q]]


@inner
def _deliver(projections, p, n, c, stop, step, source, weights, i):
    """Add the weights of all spikes of a projection up to grid point `n` from spike `c` on; returns the next."""
    until, row, pre_start = n - projections[p, LAG], projections[p, ROW], projections[p, PRE_START]
    n_pre, post_start = projections[p, PRE_STOP] - pre_start, projections[p, POST_START]
    width = projections[p, POST_STOP] - post_start
    while c < stop and step[c] <= until:
        pre = source[c] - pre_start
        if 0 <= pre < n_pre:
            add(weights, row + pre * width, i, post_start, width)
        c += 1
    return c
