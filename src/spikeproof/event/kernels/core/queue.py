"""The queue: neurons on their way to the end of an interval that may spike in it, and the spikes they had."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.memory import aligned, whole_lines
from spikeproof.numbers import Array, Float64Array, IntArray

# columns of a queue: threshold and reset, state where the lane stands and at the end of its interval, and the search
V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL, DT_CROSS, LATEST, UNSETTLED = range(11)  # noqa: E741 - I is the current
T_TRIAL, E_MEM, E_SYN = range(11, 14)  # what one pass of the search hands to the next
HOLD = 14  # refractory time, where there is one in the network
N_COLUMNS = 15


class Queue(NamedTuple):
    """Working memory. Shapes: L lanes (neurons of all samples of a block), K spikes."""

    column: Array  # (N_COLUMNS, L) state and constants of the queued lanes, see `crossings`
    lane: IntArray  # (L,) number of the lane in the block
    after: IntArray  # (L,) arrivals of the lane's sample before its spikes
    spike_time: Float64Array  # (K,) spikes of the block in the order in which they were found
    spike_slope: Float64Array  # (K,)
    spike_lane: IntArray  # (K,)
    spike_after: IntArray  # (K,)
    spike_sample: IntArray  # (K,)
    place: IntArray  # (L + 1,) number of spikes of the samples before


def new_queue(n_lanes: int, n_spikes: int) -> Queue:
    """Working memory for blocks of this many lanes and spikes."""
    column = aligned(N_COLUMNS, whole_lines(n_lanes))
    column[:] = 1.0
    return Queue(
        column=column,
        lane=np.zeros(n_lanes, np.int64),
        after=np.zeros(n_lanes, np.int64),
        spike_time=np.empty(n_spikes),
        spike_slope=np.empty(n_spikes),
        spike_lane=np.empty(n_spikes, np.int64),
        spike_after=np.empty(n_spikes, np.int64),
        spike_sample=np.empty(n_spikes, np.int64),
        place=np.empty(n_lanes + 1, np.int64),
    )
