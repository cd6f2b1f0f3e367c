"""Scores of the probabilistic network: derivatives of log P(S) by V. Loops: samples; steps; neurons."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import kernel
from spikeproof.lesson.kernels.columns import V_TH
from spikeproof.lesson.kernels.shapes import smoothed


@kernel
def write_scores(neurons, trace, beta, factors, out):
    """Write ``factors[sample] * beta * (S_k - P(S_k = 1))`` to `out`, shape (n_samples, K + 1, N); 0 for step K."""
    p = np.empty(trace.v.shape[2])
    for s in range(len(trace.v)):
        scale, last = factors[s] * beta, len(trace.v[s]) - 1
        for k in range(last):
            smoothed(beta, trace.v[s, k], neurons[V_TH], p)
            row = out[s, k]
            for n in range(len(p)):
                row[n] = -scale * p[n]
            for q in range(trace.bounds[s, k], trace.bounds[s, k + 1]):
                row[trace.neurons[s, q]] += scale
        for n in range(len(p)):
            out[s, last, n] = 0.0
