"""Forward pass of whole samples, component by component."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from spikeproof.event.kernels.layer import layer_forward
from spikeproof.event.kernels.recurrent import recurrent_forward
from spikeproof.event.kernels.tape import DONE
from spikeproof.numbers import Array, Float64Array, IntArray


class Scratch(NamedTuple):
    """Working memory of one forward pass. Shapes: N slots, P projections, G pairs of time constants."""

    v: Float64Array  # (N,)
    i: Float64Array  # (N,)
    at: Float64Array  # (N,) time of the state
    due: Float64Array  # (N,) time of the next crossing
    touched: IntArray  # (N,)
    marked: Array  # (N,) bool
    candidates: IntArray  # (N,)
    cursor: IntArray  # (P,)
    e_mem: Float64Array  # (G,)
    e_syn: Float64Array  # (G,)
    k: Float64Array  # (G,)


def new_scratch(n_slots: int, n_projections: int, n_groups: int) -> Scratch:
    """Working memory for a layout of these sizes."""
    return Scratch(
        v=np.zeros(n_slots),
        i=np.zeros(n_slots),
        at=np.zeros(n_slots),
        due=np.zeros(n_slots),
        touched=np.zeros(n_slots, np.int64),
        marked=np.zeros(n_slots, np.bool_),
        candidates=np.zeros(n_slots, np.int64),
        cursor=np.zeros(n_projections, np.int64),
        e_mem=np.zeros(n_groups),
        e_syn=np.zeros(n_groups),
        k=np.zeros(n_groups),
    )


@njit(cache=True, nogil=True)
def forward(layout, duration, times, channels, offsets, first, start, stop, tape, e, k, scratch, limit):
    """Solve samples start .. stop; returns status, the sample it stopped at, and the numbers of events and spikes.

    The tape holds samples from `first` on. When it is full the call can be repeated from the sample it stopped at.
    """
    n_components = len(layout.internal)
    for s in range(start, stop):
        e0, k0, row = e, k, s - first
        inputs = (times[offsets[s] : offsets[s + 1]], channels[offsets[s] : offsets[s + 1]])
        scratch.v[:], scratch.i[:] = layout.v_init, layout.i_init
        scratch.marked[:] = False
        for c in range(n_components):
            if layout.internal[c] < layout.external[c + 1]:
                status, e, k = recurrent_forward(layout, c, duration, inputs, tape, e, k0, k, scratch, e0 + limit)
            else:
                status, e, k = layer_forward(layout, c, duration, inputs, tape, e, k0, k, scratch, e0 + limit)
            if status != DONE:
                return status, s, e0, k0
            tape.event_offset[row * n_components + c + 1] = e
        tape.spike_offset[row + 1] = k
        tape.v_end[row], tape.i_end[row] = scratch.v + layout.bias, scratch.i
    return DONE, stop, e, k
