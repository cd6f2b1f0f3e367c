"""Forward pass with the hard step, sample by sample: the spikes of a step, the arrivals, one step of V and I.

Mirrored by `backward`. Loops: samples; steps; neurons, or spikes and their targets. The caller owns the arrays that are
written. For the equations see `spikeproof.lesson.discrete`.
"""

from __future__ import annotations

import numpy as np
from numpy import int64

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.columns import (
    DRIVE,
    FROM_INPUT,
    I_DECAY,
    I_INIT,
    LAG,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    ROW,
    V_DECAY,
    V_GAIN,
    V_INIT,
    V_TH,
)
from spikeproof.lesson.kernels.rows import add_row, copy


@kernel
def hard_forward(tables, noise, trace):
    """Solve all samples; `noise`, shape (n_samples, K, N) or (n_samples, 0, N), is added to the thresholds."""
    threshold = np.empty(trace.v.shape[2])
    for s in range(len(trace.v)):
        a, b = tables.in_offset[s], tables.in_offset[s + 1]
        _sample(tables, tables.in_step[a:b], tables.in_channel[a:b], noise[s], threshold, trace, s)


@inner
def _sample(tables, in_step, in_channel, noise, threshold, trace, s):
    """Solve one sample; `threshold` is memory for one row."""
    neurons, v, i, spikes, bounds = tables.neurons, trace.v[s], trace.i_end[s], trace.neurons[s], trace.bounds[s]
    n_steps = len(v) - 1
    copy(neurons[V_INIT], v[0])
    copy(neurons[I_INIT], i)
    copy(neurons[V_TH], threshold)
    bounds[0] = 0
    for k in range(n_steps + 1):
        if len(noise) > 0 and k < n_steps:
            _raised(neurons[V_TH], noise[k], threshold)
        bounds[k + 1] = _find(v[k], threshold, spikes, bounds[k]) if k < n_steps else bounds[k]
        _deliver(tables.projections, tables.weights, k, in_step, in_channel, spikes, bounds, i)
        if k < n_steps:
            _advance(neurons, threshold, v[k], i, v[k + 1])


@inner
def _raised(v_th, noise, threshold):
    for n in range(len(threshold)):
        threshold[n] = v_th[n] + noise[n]


@inner
def _find(v, threshold, spikes, first):
    """Write the neurons above their threshold to `spikes` from `first` on; returns where they end."""
    above, q = int64(0), first
    for n in range(len(v)):
        above += v[n] > threshold[n]
    if above > 0:
        for n in range(len(v)):
            if v[n] > threshold[n]:
                spikes[q] = n
                q += 1
    return q


@inner
def _advance(neurons, threshold, v, i, v_next):
    v_decay, i_decay, v_gain, drive = neurons[V_DECAY], neurons[I_DECAY], neurons[V_GAIN], neurons[DRIVE]
    for n in range(len(v)):
        kept = 0.0 if v[n] > threshold[n] else v[n]
        v_next[n] = v_decay[n] * kept + v_gain[n] * i[n] + drive[n]
        i[n] *= i_decay[n]


@inner
def _deliver(projections, weights, k, in_step, in_channel, spikes, bounds, i):
    """Add what arrives in step `k` to I."""
    for p in range(len(projections)):
        sent = k - projections[p, LAG]
        if sent < 0:
            continue
        row, pre_start = projections[p, ROW], projections[p, PRE_START]
        n_pre, post_start = projections[p, PRE_STOP] - pre_start, projections[p, POST_START]
        width = projections[p, POST_STOP] - post_start
        if projections[p, FROM_INPUT]:
            for e in range(np.searchsorted(in_step, sent), np.searchsorted(in_step, sent + 1)):
                pre = in_channel[e] - pre_start
                if 0 <= pre < n_pre:
                    add_row(weights, row + pre * width, i, post_start, width)
        else:
            for q in range(bounds[sent], bounds[sent + 1]):
                pre = spikes[q] - pre_start
                if 0 <= pre < n_pre:
                    add_row(weights, row + pre * width, i, post_start, width)
