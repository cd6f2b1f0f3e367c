"""How samples that are taken side by side through a component are kept: rows of plain arrays, a column for each sample.

Lanes are neurons: neuron s of sample b is lane ``b * size + s``. Everything here is made once for a block of samples,
belongs to `lockstep` and is written only there and in the modules whose functions it calls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner, making_arrays
from spikeproof.event.kernels.core.tables import (
    EXTERNAL,
    INTERNAL,
    POST_START,
    POST_STOP,
    RUNS,
    SIZES,
    SLOTS,
    SPARSE,
    THRESHOLD,
)
from spikeproof.event.kernels.forward.crossings import SAFE
from spikeproof.numbers import Array, Float64Array, IntArray

V, I, ROW = range(3)  # noqa: E741 - states by lane; ROW is what arrives where it is not one row of weights
# rows of `flow`: to the event and over the interval after it, in which no unit of current lifts V by more than MAX_GAIN
E_MEM, E_SYN, GAIN, NEXT_MEM, NEXT_SYN, NEXT_GAIN, MAX_GAIN = range(7)
N_FLOWS = 7
# clock: where the sample stands, its next event, how far one is looked for, the next arrival and the next release;
# LATEST is working memory: a time up to which somebody certainly crosses
NOW, EVENT, UNTIL, HORIZON, FOLLOWING, RELEASE, LATEST = range(7)
N_CLOCK = 7
# counts: its external arrivals on the tape; arrivals, internal ones among them, and spikes so far; spikes whose
# undelayed weights have arrived; events that are allowed; what arrives now; neurons that may cross up to UNTIL; whether
# arrivals may come after the last one on the tape
START, OUTER, ARRIVALS, INNER, SPIKES, DELIVERED, ALLOWED, ARRIVED, FOUND, OPEN = range(10)
N_COUNT = 10
NOTHING, SEVERAL = -1, -2  # ARRIVED, where it is not the place of one row of weights for all neurons
PROJECTION, SENDER, PLACE = range(3)  # columns of the log of internal arrivals: SENDER and PLACE count from 0
LOG_FULL = -1  # ALLOWED, of a sample that has found its part of a log full


class Members(NamedTuple):
    """The component of a block of samples. Shapes: N neurons, R runs of them, P projections up to its last one."""

    lo: int  # its first slot
    size: int  # N
    per_size: float  # 1 / N: to tell the sample of a lane
    first_internal: int  # its internal projections
    stop_internal: int
    delays: bool  # whether one of them has a delay
    whole: Array  # (P,) bool: one row of weights of the projection is one for all neurons
    runs: IntArray  # (R + 1,) where runs start, neurons counted from 0
    threshold: Float64Array  # (N,) v_th, `deflated`
    positive: Array  # (R,) bool: all thresholds of the run are positive
    first_flag: IntArray  # (R,) where its flags start
    stride: IntArray  # (R,) number of its flags in a sample, a multiple of 8


class Lockstep(NamedTuple):
    """The state of a block of samples. Shapes: S samples, R runs, P internal projections, L lanes, F flags."""

    active: IntArray  # (S,) samples that have not ended, in front
    clock: Float64Array  # (N_CLOCK, S)
    counts: IntArray  # (N_COUNT, S)
    flow: Float64Array  # (R, N_FLOWS, S)
    cursor: IntArray  # (S, P) the next spike that arrives by a delayed projection
    flags: Array  # (F,) bool: neurons that may cross up to UNTIL
    words: IntArray  # (F / 8,) the flags, eight at a time
    chosen: IntArray  # (F + words,) working memory: flags that are set
    due: Float64Array  # (L,) crossings that are known, run by run, and
    due_lane: IntArray  # (L,) whose they are
    due_stop: IntArray  # (R,) where those of each run stop
    fired: IntArray  # (L,) working memory: lanes that spike now


@making_arrays
def members_of(layout, c, n):
    """Component `c`, for blocks of `n` samples."""
    lo, size = layout.component[SLOTS, c], layout.component[SIZES, c]
    internal, stop = layout.component[INTERNAL, c], layout.component[EXTERNAL, c + 1]
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1] - lo
    n_runs, whole, delays = len(runs) - 1, np.zeros(stop, np.bool_), False
    for p in range(layout.component[EXTERNAL, c], stop):
        n_targets = layout.projection[POST_STOP, p] - layout.projection[POST_START, p]
        whole[p] = not layout.projection[SPARSE, p] and n_targets == size
        delays |= p >= internal and layout.delay[p] > 0.0
    threshold, positive, n_flags = np.empty(size), np.empty(n_runs, np.bool_), 0
    stride, first_flag = np.empty(n_runs, np.int64), np.empty(n_runs, np.int64)
    for r in range(n_runs):
        stride[r], first_flag[r], positive[r] = (runs[r + 1] - runs[r] + 7) // 8 * 8, n_flags, True
        n_flags += stride[r] * n
        for s in range(runs[r], runs[r + 1]):
            v_th = layout.slot[THRESHOLD, lo + s]
            threshold[s] = deflated(v_th)
            positive[r] &= v_th > 0.0
    return Members(
        lo, size, 1.0 / size, internal, stop, delays, whole, runs, threshold, positive, first_flag, stride
    )  # fmt: skip


@making_arrays
def new_lockstep(members, n):
    """`n` samples of this component."""
    n_runs, size, n_internal = len(members.stride), members.size, members.stop_internal - members.first_internal
    flags = np.zeros(members.first_flag[n_runs - 1] + n * members.stride[n_runs - 1], np.bool_)
    words, active = flags.view(np.int64), np.empty(n, np.int64)
    for b in range(n):
        active[b] = b
    return Lockstep(
        active, np.zeros((N_CLOCK, n)), np.zeros((N_COUNT, n), np.int64), np.zeros((n_runs, N_FLOWS, n)),
        np.zeros((n, n_internal), np.int64), flags, words, np.empty(len(flags) + len(words), np.int64),
        np.empty(n * size), np.empty(n * size, np.int64), np.zeros(n_runs, np.int64), np.empty(n * size, np.int64),
    )  # fmt: skip


@inner
def deflated(v_th):
    """A threshold that a bound on V, computed with rounding, does not reach if V does not reach `v_th`."""
    return v_th * SAFE if v_th > 0.0 else v_th / SAFE
