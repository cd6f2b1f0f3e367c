"""Backward pass through a trace: the derivatives of the loss by V, I and S of each step, and by the weights.

With l_k = dL/dV_k of the loss itself, h the surrogate of the derivative of the step, m the lag of a projection, and r
1 with the gradient through the reset and 0 without it, from k = K - 1 to 0::

    I'_k = b I'_{k+1} + c V'_{k+1}
    S'_k = sum over targets of w I'_{k+m}
    V'_k = l_k + a (1 - S_k) V'_{k+1} + h(V_k - v_th) (S'_k - r a V_k V'_{k+1})
    w'   = sum over k of S_k I'_{k+m}

Mirrors `hard` and `smooth`. Loops: blocks of samples; steps; projections; samples of the block; neurons. The caller
owns the arrays that are written.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.lesson.kernels.arrivals import add_derivatives
from spikeproof.lesson.kernels.columns import (
    FROM_INPUT,
    I_DECAY,
    LAG,
    POST_START,
    POST_STOP,
    PRE_START,
    PRE_STOP,
    ROW,
    V_DECAY,
    V_GAIN,
    V_TH,
)
from spikeproof.lesson.kernels.product import add_product
from spikeproof.lesson.kernels.rows import add_scaled_row, copy, fill
from spikeproof.lesson.kernels.shapes import NONE, surrogates


@kernel
def backward(tables, turned, trace, shape, slope, reset, read, d_v, block, d_weights):
    """Add the derivatives by the weights to `d_weights`, shaped like ``tables.weights``.

    `turned` holds the weight matrices with their axes exchanged; `reset` is 1.0 or 0.0; `d_v`, shape (n_samples,
    K + 1, len(read)), are the derivatives of the loss by V of the neurons `read`. `block` samples are taken together.
    """
    n_samples, points, n_neurons = trace.v.shape
    depth = 2
    for p in range(len(tables.projections)):
        depth = max(depth, tables.projections[p, LAG] + 1)
    g_v, g_s, rows = np.empty((block, n_neurons)), np.zeros((block, n_neurons)), np.empty((2, n_neurons))
    g_i, v = np.empty((depth, block, n_neurons)), np.empty((block, points, n_neurons))
    for first in range(0, n_samples, block):
        n_own = min(block, n_samples - first)
        for b in range(n_own):
            fill(0.0, g_v[b])
            fill(0.0, g_i[(points - 1) % depth, b])
            _read(read, d_v[first + b, points - 1], g_v[b])
            for k in range(points):  # read backward, memory takes twice as long as in its order
                copy(trace.v[first + b, k], v[b, k])
        for k in range(points - 2, -1, -1):
            for b in range(n_own):
                _to_current(tables.neurons, g_v[b], g_i[(k + 1) % depth, b], g_i[k % depth, b])
            for p in range(len(tables.projections)):
                projection = tables.projections[p]
                due = k + projection[LAG]
                if due < points - 1:
                    for b in range(n_own):
                        _to_weights(tables, projection, trace, first + b, k, g_i[due % depth, b], d_weights)
                    if shape != NONE and not projection[FROM_INPUT]:
                        _to_spikes(projection, turned, g_i[due % depth], g_s, n_own)
            for b in range(n_own):
                surrogates(shape, slope, v[b, k], tables.neurons[V_TH], rows[0])
                _kept(trace, first + b, k, rows[1])
                _to_potential(tables.neurons[V_DECAY], v[b, k], reset, rows[0], rows[1], g_s[b], g_v[b])
                _read(read, d_v[first + b, k], g_v[b])


@inner
def _read(read, d_v, g_v):
    for r in range(len(read)):
        g_v[read[r]] += d_v[r]


@inner
def _to_current(neurons, g_v, g_later, g_i):
    i_decay, v_gain = neurons[I_DECAY], neurons[V_GAIN]
    for n in range(len(g_v)):
        g_i[n] = i_decay[n] * g_later[n] + v_gain[n] * g_v[n]


@inner
def _to_spikes(projection, turned, g_i, g_s, n_own):
    """Add the derivatives by S of the neurons that a projection starts at."""
    n_pre, n_post = projection[PRE_STOP] - projection[PRE_START], projection[POST_STOP] - projection[POST_START]
    add_product(
        g_i, projection[POST_START], turned, projection[ROW], n_post, n_pre, g_s, projection[PRE_START], n_own
    )  # fmt: skip


@inner
def _to_weights(tables, projection, trace, s, k, g_i, d_weights):
    """Add the derivatives by the weights of a projection through what was sent in step `k` of sample `s`."""
    if projection[FROM_INPUT]:
        bounds = tables.in_bounds[s]
        add_derivatives(projection, g_i, tables.in_channel, bounds[k], bounds[k + 1], d_weights)
    elif trace.s.shape[1] == 0:
        bounds = trace.bounds[s]
        add_derivatives(projection, g_i, trace.neurons[s], bounds[k], bounds[k + 1], d_weights)
    else:
        row, pre_start, post_start = projection[ROW], projection[PRE_START], projection[POST_START]
        width = projection[POST_STOP] - post_start
        for pre in range(pre_start, projection[PRE_STOP]):
            add_scaled_row(trace.s[s, k, pre], g_i, post_start, d_weights, row + (pre - pre_start) * width, width)


@inner
def _kept(trace, s, k, kept):
    """Write 1 - S of a step."""
    if trace.s.shape[1] > 0:
        for n in range(len(kept)):
            kept[n] = 1.0 - trace.s[s, k, n]
    else:
        fill(1.0, kept)
        for q in range(trace.bounds[s, k], trace.bounds[s, k + 1]):
            kept[trace.neurons[s, q]] = 0.0


@inner
def _to_potential(v_decay, v, reset, h, kept, g_s, g_v):
    """Take the derivatives by V from step k + 1 to step k; those by S are used up."""
    for n in range(len(v)):
        after = v_decay[n] * g_v[n]
        g_v[n] = kept[n] * after + h[n] * (g_s[n] - reset * v[n] * after)
        g_s[n] = 0.0
