"""Forward pass with the smoothed step S = 1 / (1 + exp(-beta (V - v_th))), which every neuron sends in every step.

Mirrored by `backward`. Loops: blocks of samples, which share each reading of a weight matrix; steps; projections;
samples of the block; neurons. The caller owns the arrays that are written.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.arrivals import add_currents
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
from spikeproof.lesson.kernels.product import add_product
from spikeproof.lesson.kernels.rows import copy
from spikeproof.lesson.kernels.shapes import smoothed


@kernel
def smooth_forward(tables, beta, block, trace):
    """Solve all samples; V, S and I at the end are written to the trace."""
    n_samples, points, n_neurons = trace.v.shape
    depth = 1
    for p in range(len(tables.projections)):
        depth = max(depth, tables.projections[p, LAG] + 1)
    i, s = np.empty((block, n_neurons)), np.empty((depth, block, n_neurons))
    for first in range(0, n_samples, block):
        n_own = min(block, n_samples - first)
        for b in range(n_own):
            copy(tables.neurons[V_INIT], trace.v[first + b, 0])
            copy(tables.neurons[I_INIT], i[b])
        for k in range(points):
            if k < points - 1:
                for b in range(n_own):
                    smoothed(beta, trace.v[first + b, k], tables.neurons[V_TH], s[k % depth, b])
                    copy(s[k % depth, b], trace.s[first + b, k])
            _deliver(tables, first, k, s, i, n_own)
            if k < points - 1:
                for b in range(n_own):
                    _advance(tables.neurons, s[k % depth, b], trace.v[first + b, k], i[b], trace.v[first + b, k + 1])
        for b in range(n_own):
            copy(i[b], trace.i_end[first + b])


@inner
def _deliver(tables, first, k, s, i, n_own):
    """Add what arrives in step `k` to I."""
    depth = len(s)
    for p in range(len(tables.projections)):
        projection = tables.projections[p]
        sent = k - projection[LAG]
        if sent >= 0:
            if projection[FROM_INPUT]:
                for b in range(n_own):
                    bounds = tables.in_bounds[first + b]
                    add_currents(projection, tables.weights, tables.in_channel, bounds[sent], bounds[sent + 1], i[b])
            else:
                pre, post = projection[PRE_START], projection[POST_START]
                n_pre, width = projection[PRE_STOP] - pre, projection[POST_STOP] - post
                add_product(s[sent % depth], pre, tables.weights, projection[ROW], n_pre, width, i, post, n_own)


@inner
def _advance(neurons, s, v, i, v_next):
    v_decay, i_decay, v_gain, drive = neurons[V_DECAY], neurons[I_DECAY], neurons[V_GAIN], neurons[DRIVE]
    for n in range(len(v)):
        v_next[n] = v_decay[n] * v[n] * (1.0 - s[n]) + v_gain[n] * i[n] + drive[n]
        i[n] *= i_decay[n]
