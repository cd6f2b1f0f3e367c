"""Spikes on their way through a projection: forward to the currents, backward to the weights.

Loops: the neurons or channels that have sent a spike; their targets. The caller owns all arrays.
"""

from __future__ import annotations

from spikeproof.compiled import inner
from spikeproof.lesson.kernels.columns import POST_START, POST_STOP, PRE_START, PRE_STOP, ROW
from spikeproof.lesson.kernels.rows import add_row


@inner
def add_currents(projection, weights, senders, first, stop, i):
    """Add the weights of ``senders[first:stop]`` to I, as far as a projection starts at them."""
    row, pre_start, post_start = projection[ROW], projection[PRE_START], projection[POST_START]
    n_pre, width = projection[PRE_STOP] - pre_start, projection[POST_STOP] - post_start
    for q in range(first, stop):
        pre = senders[q] - pre_start
        if 0 <= pre < n_pre:
            add_row(weights, row + pre * width, i, post_start, width)


@inner
def add_derivatives(projection, g_i, senders, first, stop, d_weights):
    """Add the derivatives by I to those by the weights of ``senders[first:stop]``."""
    row, pre_start, post_start = projection[ROW], projection[PRE_START], projection[POST_START]
    n_pre, width = projection[PRE_STOP] - pre_start, projection[POST_STOP] - post_start
    for q in range(first, stop):
        pre = senders[q] - pre_start
        if 0 <= pre < n_pre:
            add_row(g_i, post_start, d_weights, row + pre * width, width)
