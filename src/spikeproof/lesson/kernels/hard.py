"""Forward pass with the hard step, sample by sample: the spikes of a step, the arrivals, one step of V and I.

Mirrored by `backward`. Loops: samples; steps; neurons, or spikes and their targets. The caller owns the arrays that are
written. For the equations see `spikeproof.lesson.discrete`.
"""

from __future__ import annotations

import numpy as np
from numpy import int64

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.arrivals import add_currents
from spikeproof.lesson.kernels.columns import DRIVE, FROM_INPUT, I_DECAY, I_INIT, LAG, V_DECAY, V_GAIN, V_INIT, V_TH
from spikeproof.lesson.kernels.rows import copy
from spikeproof.lesson.kernels.shapes import smoothed


@kernel
def hard_forward(tables, beta, uniform, trace):
    """Solve all samples; written are V, spikes and I at the end.

    With numbers `uniform`, shape (n_samples, K, N), a neuron spikes where its own is below the smoothed step of
    steepness `beta`; with none, shape (n_samples, 0, N), where V is above its threshold.
    """
    threshold = np.empty(trace.v.shape[2])
    for s in range(len(trace.v)):
        _sample(tables, beta, uniform[s], threshold, trace, s)


@inner
def _sample(tables, beta, uniform, threshold, trace, s):
    """Solve one sample; `threshold` is memory for one row."""
    neurons, v, i, spikes, bounds = tables.neurons, trace.v[s], trace.i_end[s], trace.neurons[s], trace.bounds[s]
    n_steps = len(v) - 1
    copy(neurons[V_INIT], v[0])
    copy(neurons[I_INIT], i)
    copy(neurons[V_TH], threshold)
    bounds[0] = 0
    for k in range(n_steps):
        if len(uniform) > 0:
            _draw(beta, v[k], neurons[V_TH], uniform[k], threshold)
        bounds[k + 1] = _find(v[k], threshold, spikes, bounds[k])
        _deliver(tables, k, tables.in_bounds[s], spikes, bounds, i)
        _advance(neurons, threshold, v[k], i, v[k + 1])
    bounds[n_steps + 1] = bounds[n_steps]
    _deliver(tables, n_steps, tables.in_bounds[s], spikes, bounds, i)


@inner
def _draw(beta, v, v_th, uniform, threshold):
    """Write thresholds below V where the neuron spikes, above V elsewhere."""
    smoothed(beta, v, v_th, threshold)
    for n in range(len(v)):
        threshold[n] = -np.inf if uniform[n] < threshold[n] else np.inf


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
def _deliver(tables, k, in_bounds, spikes, bounds, i):
    """Add what arrives in step `k` to I."""
    projections = tables.projections
    for p in range(len(projections)):
        sent = k - projections[p, LAG]
        if sent >= 0:
            if projections[p, FROM_INPUT]:
                first, stop = in_bounds[sent], in_bounds[sent + 1]
                add_currents(projections[p], tables.weights, tables.in_channel, first, stop, i)
            else:
                add_currents(projections[p], tables.weights, spikes, bounds[sent], bounds[sent + 1], i)
