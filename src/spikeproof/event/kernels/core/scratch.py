"""Working memory of forward passes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.event.kernels.core.queue import Queue, new_queue
from spikeproof.memory import LINE, aligned
from spikeproof.numbers import Array, Float64Array, IntArray

STATE_V, STATE_I = range(2)  # rows of a state; `states` holds two, from rows 0 and 2 on
BEGIN, END, E_MEM, E_SYN, GAIN, LAST = range(6)  # rows of `interval`
FIRST, NUMBER, SAMPLE, MISSING = range(4)  # rows of `arrivals`; the last two are those of `forward.few`
NEVER_HELD = -1.0
APART = 40  # more lanes than there are: rows whose lengths are powers of two would contend for the same cache lines


class Held(NamedTuple):
    """Neurons in their refractory time; None stands for it in networks without one. Shapes: L lanes."""

    until: Float64Array  # (L,) when each lane was, or will be, released last; `NEVER_HELD` before its first spike
    lane: IntArray  # (L,) lanes that are held, in `lockstep`
    kept: Float64Array  # (L,) `until` by neuron, in `sparse` and `sliced`


class Scratch(NamedTuple):
    """Working memory of the passes of all kinds of components. Shapes: L lanes (neurons of samples taken together)."""

    queue: Queue
    events: Array  # (R, 2) arrivals at single neurons, see `forward.sparse`; R is the room for them
    states: Array  # (4, L) two states, V and I of the lanes of a block: before an interval and after it
    interval: Array  # (6, L) of each sample: where it begins and ends, the coefficients of `advance` over it, and where
    # the last one ends; -1 if that is left out
    arrivals: Array  # (4, L) of each sample: the first one and their number; which sample it is; how many of its
    # neurons have not had all spikes that the loss looks at
    flags: Array  # (L,) bool
    words: Array  # (L / 8,) int64: the flags, eight at a time
    chosen: Array  # (L,) int64: numbers of those that are flagged
    fired: IntArray  # (L,) number of spikes of each lane
    log: Array  # (R, 3) int32: arrivals of a component's own spikes, see `lockstep_state`


def new_scratch(n_lanes: int, room: int) -> Scratch:
    """Working memory for blocks of this many lanes, with room for so many spikes, or arrivals at single neurons."""
    n_lanes = n_lanes // LINE * LINE + APART
    flags = np.zeros(n_lanes, np.bool_)
    return Scratch(
        queue=new_queue(n_lanes, room),
        events=aligned(room, 2),
        states=aligned(4, n_lanes),
        interval=aligned(6, n_lanes),
        arrivals=np.empty((4, n_lanes), np.int64),
        flags=flags,
        words=flags.view(np.int64),
        chosen=np.empty(n_lanes, np.int64),
        fired=np.empty(n_lanes, np.int64),
        log=np.empty((room, 3), np.int32),
    )


def new_held(n_lanes: int) -> Held:
    """Room for this many lanes."""
    return Held(np.empty(n_lanes), np.empty(n_lanes, np.int64), np.empty(n_lanes))
