"""Eligibility traces of the synapses of one projection, forward in time, and their sum with a learning signal.

For a synapse to a neuron that spikes, with h the surrogate of the derivative of the step and x_k the spikes that
arrive in step k, an estimate of how V, the neuron's output S and a readout of it move with the weight::

    e_I <- b e_I + x_k      e_V <- (a (1 - S_k) - r a V_k h) e_V + c e_I      e = h e_V
    f_I <- b' f_I + e       f_V <- a' f_V + c' f_I                            a', b', c' of the readout

The derivative is the sum over k of the learning signal times f_V; for a synapse to a readout, times e_V.
Loops: samples; steps; synapses. The caller owns the arrays that are written.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.columns import (
    FROM_INPUT,
    I_DECAY,
    LAG,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    V_DECAY,
    V_GAIN,
    V_TH,
)
from spikeproof.lesson.kernels.shapes import surrogates


@kernel
def eligible_derivatives(tables, p, trace, shape, slope, reset, readout, signal, out):
    """Add the derivatives by the weights of projection `p` to `out`, shape (n_pre, n_post).

    `readout` holds a', b', c' and the lag, 0 or 1, of the readout of neurons that spike, and is empty for a projection
    to a readout; `signal`, shape (n_samples, K + 1, n_post), is the learning signal of each target.
    """
    projection = tables.projections[p]
    post = slice(projection[POST_START], projection[POST_STOP])
    v_decay, i_decay, v_gain = (
        tables.neurons[V_DECAY, post],
        tables.neurons[I_DECAY, post],
        tables.neurons[V_GAIN, post],
    )
    v_th = tables.neurons[V_TH, post]
    n_pre, n_post = out.shape
    traces, h, carried = np.empty((4, n_pre, n_post)), np.empty(n_post), np.empty(n_post)
    for s in range(len(trace.v)):
        traces[:] = 0.0
        for k in range(len(signal[s])):
            for i in range(n_pre):
                _gather(signal[s, k], traces[1 if len(readout) == 0 else 3, i], out[i])
            if k == len(signal[s]) - 1:
                break
            _arrive(projection, tables, trace, s, k, traces[0])
            v = trace.v[s, k, post]
            surrogates(shape, slope, v, v_th, h)
            _carried(v_decay, v, reset, h, trace, s, k, projection[POST_START], carried)
            for i in range(n_pre):
                if len(readout) > 0:
                    _read(readout, h, traces[1, i], traces[2, i], traces[3, i])
                _step(i_decay, v_gain, carried, traces[0, i], traces[1, i])


@inner
def _gather(signal, f, out):
    for j in range(len(out)):
        out[j] += signal[j] * f[j]


@inner
def _arrive(projection, tables, trace, s, k, e_i):
    """Add 1 to the first trace of every synapse through which a spike arrives in step `k`."""
    sent, start = k - projection[LAG], projection[PRE_START]
    if sent < 0:
        return
    bounds = tables.in_bounds[s] if projection[FROM_INPUT] else trace.bounds[s]
    for q in range(bounds[sent], bounds[sent + 1]):
        pre = (tables.in_channel[q] if projection[FROM_INPUT] else trace.neurons[s, q]) - start
        if 0 <= pre < projection[PRE_STOP] - start:
            for j in range(e_i.shape[1]):
                e_i[pre, j] += 1.0


@inner
def _carried(v_decay, v, reset, h, trace, s, k, first, carried):
    """Write the derivative of V after a step by V before it."""
    for j in range(len(v)):
        carried[j] = v_decay[j] - reset * v_decay[j] * v[j] * h[j]
    for q in range(trace.bounds[s, k], trace.bounds[s, k + 1]):
        j = trace.neurons[s, q] - first
        if 0 <= j < len(v):
            carried[j] = 0.0 - reset * v_decay[j] * v[j] * h[j]


@inner
def _read(readout, h, e_v, f_i, f_v):
    """Take the traces of the readout one step further."""
    decay_v, decay_i, gain = readout[0], readout[1], readout[2]
    if readout[3] == 0.0:
        for j in range(len(h)):
            now = f_i[j] + h[j] * e_v[j]
            f_v[j] = decay_v * f_v[j] + gain * now
            f_i[j] = decay_i * now
    else:
        for j in range(len(h)):
            f_v[j] = decay_v * f_v[j] + gain * f_i[j]
            f_i[j] = decay_i * f_i[j] + h[j] * e_v[j]


@inner
def _step(i_decay, v_gain, carried, e_i, e_v):
    """Take the traces of V and I one step further."""
    for j in range(len(carried)):
        e_v[j] = carried[j] * e_v[j] + v_gain[j] * e_i[j]
        e_i[j] *= i_decay[j]
