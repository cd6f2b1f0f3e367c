"""How samples are kept that are followed from horizon to horizon: rows of arrays, a column for each lane or sample.

Lanes are the neurons of all components: those of a sample of a component lie side by side, those of a component as
well. An interval of a sample of a component is *entered* once its end is known: the first crossings of all its neurons
in it are found then, as in a run without horizons, and those after the horizon wait.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.event.kernels.core.queue import Queue, new_queue
from spikeproof.memory import LINE, aligned
from spikeproof.numbers import Array, Float64Array, IntArray

# Rows of `lanes`: V and I at the begin of the interval and at its end, if no more spikes come than have been followed;
# the next spike that waits, infinity if there is none, and where the lane stands before it: V, I and the time
V, I, V_END, I_END, T_WAITING, V_WAITING, I_WAITING, SINCE = range(8)  # noqa: E741 - I is the current
BEGIN, END, KNOWN, COMPLETE = range(4)  # rows of `clock`
AT_BEGIN = -1.0  # SINCE, where a lane stands at the begin of its interval
NOT_ENTERED, OVER = -1.0, np.inf  # END of an interval whose end is not known; END after T
E_MEM, E_SYN, GAIN = range(3)  # rows of `flow`
N_LANE_ROWS, N_CLOCK = 8, 4


class Ahead(NamedTuple):
    """The state of a block of samples. Shapes: S samples, C components, P projections, L lanes."""

    lanes: Array  # (8, L)
    clock: Float64Array  # (4, C, S) interval; arrivals before KNOWN are on the tape, and spikes before COMPLETE
    done: IntArray  # (C, S) arrivals that have acted
    cursor: IntArray  # (P, S) spikes of the source that have been looked at
    flow: Float64Array  # (3, S) the coefficients of `advance` over the intervals that are entered
    active: IntArray  # (S,) samples that are not determined, in front
    entering: IntArray  # (S,) samples whose intervals are entered
    flags: Array  # (N,) bool, for the neurons of a run
    words: IntArray  # (N / 8,) the flags, eight at a time
    chosen: IntArray  # (N,) numbers of those that are flagged
    queue: Queue


def new_ahead(n_components: int, n_projections: int, n_slots: int, n_samples: int, room: int) -> Ahead:
    """A block of this many samples, with room for so many spikes from one horizon to the next."""
    n_lanes = n_slots * n_samples
    flags = np.zeros((n_slots // LINE + 2) * LINE, np.bool_)
    return Ahead(
        lanes=aligned(N_LANE_ROWS, n_lanes),
        clock=np.empty((N_CLOCK, n_components, n_samples)),
        done=np.empty((n_components, n_samples), np.int64),
        cursor=np.empty((n_projections, n_samples), np.int64),
        flow=np.empty((3, n_samples)),
        active=np.empty(n_samples, np.int64),
        entering=np.empty(n_samples, np.int64),
        flags=flags,
        words=flags.view(np.int64),
        chosen=np.empty(len(flags), np.int64),
        queue=new_queue(n_lanes + LINE, room),
    )
