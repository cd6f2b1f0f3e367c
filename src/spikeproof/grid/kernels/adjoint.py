"""Backward pass: the grid points in reverse, each with arrivals, then spikes; between them closed-form steps.

Mirrors `forward`. Loops: chunks of samples; samples; grid points, last one first; at each of them projections, last
one first, and the spikes that were found there. lambda_v and lambda_i of all neurons stand at the same grid point; they
are stepped once one of them is not 0. Cursors say which spike of a projection's source arrives next, on the way back.
The caller owns tape, record and sources, which are read, and all derivatives, which are written; the working memory is
made here. For gradients of neuron parameters the sample is first run forward again, and V and I of every grid point
are kept.

docs/theory.md (adjoint-step), (grid-steps); Wunderlich and Pehle (2021), Table 2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spikeproof.compiled import inner, kernel, once
from spikeproof.dynamics.equations import jump
from spikeproof.grid.kernels import packed as packing
from spikeproof.grid.kernels.forward import forward_sample
from spikeproof.grid.kernels.packed import FROM_INPUT, LAG, POST_START, POST_STOP, PRE_START, PRE_STOP, ROW, packed
from spikeproof.grid.kernels.peaks import CLOSED, Peaks, close_peaks, open_peaks, turned
from spikeproof.grid.kernels.refractory import HELD, NEXT, pass_over, put_held, take_back_releases
from spikeproof.grid.kernels.rows import add_products, prepare, product, take
from spikeproof.grid.kernels.step import rewind_segment
from spikeproof.grid.kernels.tape import DONE, GRAZING, Inputs, Record, Sources, Tape
from spikeproof.neuron_parameters import BIAS, I_INIT, T_REF, TAU_MEM, TAU_SYN, V_INIT, V_RESET, V_TH
from spikeproof.numbers import Array, Float64Array


class Derivatives(NamedTuple):
    """The arrays that a backward pass writes. K spikes of the tape, A input spikes, C chunks, W weights, N neurons."""

    spikes: Float64Array  # (K,) dL/dt of each spike from the loss; collects what its arrivals add
    inputs: Float64Array  # (A,) of each input time
    weights: Array  # (C, W)
    delays: Array  # (C, W), or no chunks where only the weights are asked for
    neurons: Array  # (C, N_PARAMETERS, N), or no chunks


class _Adjoint(NamedTuple):
    """The adjoint variables of one sample, and working memory. Shapes: N neurons, P projections."""

    lambda_v: Float64Array  # (N,)
    lambda_i: Float64Array  # (N,)
    tau_mem: Float64Array  # (N,)
    tau_syn: Float64Array  # (N,)
    scaled: Float64Array  # (N,) or longer; of the targets of a projection: the derivative by a weight,
    difference: Float64Array  # by the time of an arrival of a unit of weight,
    folded: Float64Array  # and a sum in parts


class _Spikes(NamedTuple):
    """The input spikes of a sample, or those of its neurons, in the order of time."""

    step: Array
    source: Array  # channel, or neuron
    d_time: Float64Array


class _Found(NamedTuple):
    """The spikes of a sample; see `Tape`."""

    slope: Float64Array
    restart: Float64Array
    previous: Array  # number of the spike of the same neuron before, or -1; working memory


class _Sums(NamedTuple):
    """The sums of the gradients of a chunk; the last two are empty where only the weights are asked for."""

    weights: Float64Array  # (W,)
    delays: Float64Array  # (W,)
    neurons: Array  # (N_PARAMETERS, N)


class _Traces(NamedTuple):
    """Derivatives of the loss by the traced V of one sample; see `Sources`."""

    neuron: Array  # (R,)
    before: Array  # (M + 1, R), or empty
    after: Array  # (M + 1, R)


def adjoint(
    grid: Any, inputs: Inputs, first: int, bounds: Array, tape: Tape, record: Record, sources: Sources, out: Derivatives
) -> tuple[int, int, int]:
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike.

    Chunk c, samples bounds[c] .. bounds[c + 1], adds to row c of the derivatives. The first sample of the tape is
    `first`.
    """
    found: tuple[int, int, int] = _adjoint(packed(grid), inputs, first, bounds, tape, record, sources, out)
    return found


@kernel
def _adjoint(grid, inputs, first, bounds, tape, record, sources, out):
    n_neurons, everything, traced = grid.neurons.shape[1], len(out.neurons) > 0, len(sources.before) > 0
    work = np.empty((5, (n_neurons + 7) // 8 * 8))  # rows start at cache lines
    adjoint = _Adjoint(
        work[0, :n_neurons], work[1, :n_neurons], grid.neurons[packing.TAU_MEM], grid.neurons[packing.TAU_SYN], work[2],
        work[3], work[4],
    )  # fmt: skip
    v, i = np.empty(n_neurons), np.empty(n_neurons)
    cursor, open_ = np.empty(len(grid.projections), np.int64), np.empty(len(record.peaked))
    n_spikes = tape.offset[len(tape.offset) - 1]
    holds, previous = np.empty((2, n_neurons), np.int64), np.empty(n_spikes if grid.holds else 0, np.int64)
    states = np.empty((2, grid.n_steps + 1, n_neurons)) if everything else np.empty((0, 0, 0))
    no_delays, no_parameters = np.empty(0), np.empty((0, 0))
    for c in range(len(bounds) - 1):
        sums = _Sums(
            out.weights[c], out.delays[c] if everything else no_delays, out.neurons[c] if everything else no_parameters
        )
        for s in range(bounds[c], bounds[c + 1]):
            k0, k1 = tape.offset[s - first], tape.offset[s - first + 1]
            part = slice(inputs.offset[s], inputs.offset[s + 1])
            if everything:
                forward_sample(
                    grid, inputs.step[part], inputs.channel[part], s, tape, k0, record, v, i, cursor, holds, states
                )
            arriving = _Spikes(inputs.step[part], inputs.channel[part], out.inputs[part])
            spikes = _Spikes(tape.step[k0:k1], tape.neuron[k0:k1], out.spikes[k0:k1])
            found = _Found(tape.slope[k0:k1], tape.restart[k0:k1], previous)
            row = s if traced else 0
            traces = _Traces(record.traced, sources.before[row : row + 1], sources.after[row : row + 1])
            peaks = Peaks(
                record.peaked, record.peak_step[s], record.slope_before[s], record.slope_after[s], sources.peak[s],
                sources.complete, open_,
            )  # fmt: skip
            k = _adjoint_sample(grid, arriving, spikes, found, traces, peaks, adjoint, holds, cursor, states, sums)
            if k >= 0:
                return GRAZING, s, k
    return DONE, 0, 0


@inner
def _adjoint_sample(grid, inputs, spikes, found, traces, peaks, adjoint, holds, cursor, states, out):
    """One sample; returns -1, or the number of a spike with Vdot = 0 that matters."""
    lambda_v, lambda_i, tau_mem, step = adjoint.lambda_v, adjoint.lambda_i, adjoint.tau_mem, spikes.step
    slope, lambda_v[:], lambda_i[:], peaks.open[:] = found.slope, 0.0, 0.0, CLOSED
    if grid.holds:
        pass_over(grid.n_steps, spikes.source, step, grid.neurons, holds, found.previous)
    for p in range(len(cursor)):
        cursor[p] = (len(inputs.step) if grid.projections[p, FROM_INPUT] else len(step)) - 1
    k, live, traced, peaked = len(step) - 1, False, len(traces.before) > 0, len(peaks.neuron) > 0
    for n in range(grid.n_steps, -1, -1):
        if live:
            _rewind(grid, n, adjoint, states, out)
        if traced:
            live |= _put(grid, traces.after[0, n], traces.neuron, tau_mem, lambda_v, holds, out)
        kinks = False
        if peaked:
            kinks = open_peaks(n, grid.n_steps, peaks, tau_mem, lambda_v)
            live |= kinks
        if live:
            _take_back_arrivals(grid, n, inputs, spikes, adjoint, out, kinks, peaks, cursor)
        while k >= 0 and step[k] == n:
            j = spikes.source[k]
            if lambda_v[j] != 0.0 or spikes.d_time[k] != 0.0:
                if slope[k] == 0.0:
                    return k
                _jump(grid, j, spikes.d_time[k], slope[k], adjoint, out)
                live = True
            if grid.holds:
                holds[HELD, j], holds[NEXT, j] = 0, found.previous[k]
            k -= 1
        if grid.holds:
            take_back_releases(
                n, grid.neurons, step, found.restart, lambda_v, tau_mem, holds, spikes.d_time, out.neurons
            )
        if traced:
            live |= _put(grid, traces.before[0, n], traces.neuron, tau_mem, lambda_v, holds, out)
        if peaked:
            live |= close_peaks(n, peaks, tau_mem, lambda_v)
    for j in range(len(lambda_v) if len(out.neurons) else 0):
        out.neurons[V_INIT, j] -= tau_mem[j] * lambda_v[j]
        out.neurons[I_INIT, j] -= adjoint.tau_syn[j] * lambda_i[j]
    return -1


@once
def _rewind(grid, n, adjoint, states, out):
    """Take lambda_v and lambda_i over the step that starts at grid point `n`, at whose end they are."""
    neurons, lambda_v, lambda_i = grid.neurons, adjoint.lambda_v, adjoint.lambda_i
    v_decay, lambda_gain, i_decay = neurons[packing.V_DECAY], neurons[packing.LAMBDA_GAIN], neurons[packing.I_DECAY]
    if len(out.neurons):
        _integrate(neurons, states[0, n], states[1, n], lambda_v, lambda_i, out.neurons)
    for g in range(len(grid.alike)):
        start, stop = grid.segment[g], grid.segment[g + 1]
        rewind_segment(grid.alike[g], start, stop, v_decay, lambda_gain, i_decay, lambda_v, lambda_i)


@once
def _jump(grid, j, d_time, slope, adjoint, out):
    """Take neuron `j` back through a spike."""
    lambda_v, tau_mem = adjoint.lambda_v, adjoint.tau_mem
    height = grid.neurons[packing.V_TH, j] - grid.neurons[packing.V_RESET, j]
    before = lambda_v[j] + jump(lambda_v[j], d_time, height, slope)
    if len(out.neurons):
        out.neurons[V_TH, j] += tau_mem[j] * before
        out.neurons[V_RESET, j] -= tau_mem[j] * lambda_v[j]
        out.neurons[T_REF, j] += (slope + height) * lambda_v[j]  # of a release at once; 0 in a neuron that is held
    lambda_v[j] = before


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
def _put(grid, slopes, traced, tau_mem, lambda_v, holds, out):
    """Let lambda_v jump by -dL/dV / tau_mem; returns True."""
    if grid.holds:
        return put_held(slopes, traced, tau_mem, lambda_v, holds, out.neurons)
    for r in range(len(traced)):
        lambda_v[traced[r]] -= slopes[r] / tau_mem[traced[r]]
    return True


@once
def _take_back_arrivals(grid, n, inputs, spikes, adjoint, out, kinks, peaks, cursor):
    """Take back all that arrives at grid point `n`, projection by projection."""
    for p in range(len(cursor) - 1, -1, -1):
        q, lag = cursor[p], grid.projections[p, LAG]
        if grid.projections[p, FROM_INPUT]:
            if q >= 0 and inputs.step[q] + lag >= n:
                cursor[p] = _collect(grid, p, n, q, inputs, adjoint, out, kinks, peaks)
        elif q >= 0 and spikes.step[q] + lag >= n:
            cursor[p] = _collect(grid, p, n, q, spikes, adjoint, out, kinks, peaks)


@inner
def _collect(grid, p, n, c, spikes, adjoint, out, kinks, peaks):
    """Take back the arrivals of a projection at grid point `n`, from spike `c` on; returns the next one.

    Gradients of weights and delays, and dL/dt of the spikes.
    """
    step, projection, lag = spikes.step, grid.projections[p], grid.projections[p, LAG]
    while c >= 0 and step[c] + lag > n:  # passed while lambda was 0
        c -= 1
    if c < 0 or step[c] + lag < n:
        return c
    pre_start, post_start, weights, difference = (
        projection[PRE_START],
        projection[POST_START],
        grid.weights,
        adjoint.difference,
    )
    n_pre, width = projection[PRE_STOP] - pre_start, projection[POST_STOP] - post_start
    moves = prepare(adjoint.tau_syn, adjoint.lambda_v, adjoint.lambda_i, post_start, width, adjoint.scaled, difference)
    while c >= 0 and step[c] + lag == n:
        pre = spikes.source[c] - pre_start
        if (moves or kinks) and 0 <= pre < n_pre:
            row = projection[ROW] + pre * width
            take(adjoint.scaled, out.weights, row, width)
            if len(out.delays):
                add_products(weights, row, difference, out.delays, width)
            collected = product(weights, row, difference, width, adjoint.folded)
            if kinks:
                collected += turned(
                    n, post_start, width, weights, row, peaks, adjoint.tau_mem, adjoint.lambda_v, difference, out.delays
                )
            spikes.d_time[c] += collected
        c -= 1
    return c
