"""A grid in a few arrays: every array that a kernel takes costs compilation time, at each level of calls.

No loops here. Rows of neurons and columns of projections have names; kernels read them and write none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from spikeproof.numbers import Array, Float64Array, IntArray

NEURON_ROWS = (
    "v_decay", "i_decay", "v_gain", "lambda_gain", "tau_mem_from_v", "tau_mem_from_i", "tau_syn_by_v", "tau_syn_by_i",
    "bias_by_v", "tau_mem", "tau_syn", "v_th", "v_reset", "v_init", "i_init", "refractory",
)  # fmt: skip
(
    V_DECAY, I_DECAY, V_GAIN, LAMBDA_GAIN, TAU_MEM_FROM_V, TAU_MEM_FROM_I, TAU_SYN_BY_V, TAU_SYN_BY_I, BIAS_BY_V,
    TAU_MEM, TAU_SYN, V_TH, V_RESET, V_INIT, I_INIT, REFRACTORY,
) = range(len(NEURON_ROWS))  # fmt: skip
PROJECTION_COLUMNS = ("from_input", "pre_start", "pre_stop", "post_start", "post_stop", "row", "lag")
FROM_INPUT, PRE_START, PRE_STOP, POST_START, POST_STOP, ROW, LAG = range(len(PROJECTION_COLUMNS))


class Packed(NamedTuple):
    """The numbers of a `Grid` in few arrays; shapes as there, with S segments."""

    n_steps: int
    neurons: Float64Array  # (len(NEURON_ROWS), N)
    projections: IntArray  # (P, len(PROJECTION_COLUMNS))
    segment: IntArray  # (S + 1,)
    alike: Array  # (S,)
    weights: Float64Array
    holds: bool  # some neuron has a refractory time


def packed(grid: Any) -> Packed:
    """The arrays of a `Grid`, stacked."""
    neurons = np.array([getattr(grid, name) for name in NEURON_ROWS])
    columns = [np.asarray(getattr(grid, name), dtype=np.int64) for name in PROJECTION_COLUMNS]
    projections = np.ascontiguousarray(np.array(columns).T)
    holds = bool(np.any(grid.refractory > 0.0))
    return Packed(grid.n_steps, neurons, projections, grid.segment, grid.alike, grid.weights, holds)
