"""What all forward passes share: neurons with the same time constants taken through one interval, and arrivals."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.crossings import may_cross


@njit(cache=True, error_model="numpy")
def step(v, i, v_next, i_next, v_th, share, e_mem, e_syn, k, flags):
    """Advance neurons by one interval; returns how many may spike on the way, and flags them."""
    found = 0
    for s in range(len(v)):
        v_next[s] = v[s] * e_mem + i[s] * k
        i_next[s] = i[s] * e_syn
        flags[s] = may_cross(v[s], i[s], v_next[s], i_next[s], v_th[s], share)
        found += flags[s]
    return found


@njit(cache=True, error_model="numpy")
def add(i, w):
    """Add weights to currents."""
    for n in range(len(i)):
        i[n] += w[n]


@njit(cache=True, error_model="numpy")
def target(layout, p, row, n):
    """Slot that synapse `n` of a row of projection `p` reaches."""
    return (
        layout.target[n - layout.unlisted[p]] if layout.sparse[p] else layout.post_start[p] + n - layout.row_offset[row]
    )
