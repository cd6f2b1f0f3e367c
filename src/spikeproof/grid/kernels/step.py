"""One step of the neurons of a segment, forward and backward: loops without branches, which vectorise.

Loop: the neurons of one segment. The caller owns all arrays; V and I, or lambda_v and lambda_i, are stepped in place.

Where the neurons share their coefficients these stay in registers, and only the state is read. For the unsigned
indices see `rows`.
"""

from __future__ import annotations

from numpy import uint64

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.equations import advance, rewind

_1 = uint64(1)


@inner
def copy(x, out):
    """Copy an array; ``out[:] = x`` takes seconds to compile."""
    for n in range(len(out)):
        out[n] = x[n]


@kernel
def advance_segment(alike, first, stop, v_decay, v_gain, i_decay, v_th, v, i):
    """Advance the neurons; returns how many are at or above their threshold then."""
    above, a, b = 0, uint64(first), uint64(stop)
    if alike:
        vd, vg, id_, th = v_decay[a], v_gain[a], i_decay[a], v_th[a]
        for n in range(a, b):
            v_next, i_next = advance(v[n], i[n], vd, id_, vg)
            v[n], i[n] = v_next, i_next
            above += v_next >= th
    else:
        for n in range(a, b):
            v_next, i_next = advance(v[n], i[n], v_decay[n], i_decay[n], v_gain[n])
            v[n], i[n] = v_next, i_next
            above += v_next >= v_th[n]
    return above


@kernel
def find(first, above, v_th, v, neuron, k):
    """Write the `above` neurons at or above their threshold to `neuron` from `k` on; returns where they end."""
    n, stop = uint64(first), k + above
    while k < stop:
        if v[n] >= v_th[n]:
            neuron[k] = n
            k += 1
        n += _1
    return k


@kernel
def rewind_segment(alike, first, stop, v_decay, lambda_gain, i_decay, lambda_v, lambda_i):
    """Take the neurons back."""
    a, b = uint64(first), uint64(stop)
    if alike:
        vd, lg, id_ = v_decay[a], lambda_gain[a], i_decay[a]
        for n in range(a, b):
            lambda_v[n], lambda_i[n] = rewind(lambda_v[n], lambda_i[n], vd, id_, lg)
    else:
        for n in range(a, b):
            lambda_v[n], lambda_i[n] = rewind(lambda_v[n], lambda_i[n], v_decay[n], i_decay[n], lambda_gain[n])
