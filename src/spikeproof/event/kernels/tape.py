"""The tape: events of a run in the order in which they happened, written forward, replayed in reverse."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.numbers import Array, Float64Array, IntArray

DONE, FULL, LIMIT, GRAZING = 0, 1, 2, 3
SPIKE = -1  # in place of a projection number


class Tape(NamedTuple):
    """Events of consecutive samples. Shapes: E events, K spikes, S samples, C components; capacities may be larger."""

    event_time: Float64Array  # (E,)
    event_projection: Array  # (E,) int32: projection that an arrival came through, or SPIKE
    event_source: Array  # (E,) int32: spike of the sample, or its input spike, that arrived or happened
    spike_time: Float64Array  # (K,)
    spike_slot: IntArray  # (K,)
    spike_slope: Float64Array  # (K,) tau_mem Vdot = I - v_th just before the spike
    event_offset: IntArray  # (S * C + 1,) events of component c of sample s start at [s * C + c]
    spike_offset: IntArray  # (S + 1,)
    v_end: Float64Array  # (S, N) by slot
    i_end: Float64Array  # (S, N)


def new_tape(n_samples: int, n_components: int, n_slots: int, capacity: int) -> Tape:
    """An empty tape with room for `capacity` events."""
    return Tape(
        np.empty(capacity),
        np.empty(capacity, np.int32),
        np.empty(capacity, np.int32),
        np.empty(capacity),
        np.empty(capacity, np.int64),
        np.empty(capacity),
        np.zeros(n_samples * n_components + 1, np.int64),
        np.zeros(n_samples + 1, np.int64),
        np.zeros((n_samples, n_slots)),
        np.zeros((n_samples, n_slots)),
    )


def grown(tape: Tape) -> Tape:
    """The same tape with room for twice as many events."""
    return Tape(*(np.concatenate([a, np.empty_like(a)]) for a in tape[:6]), *tape[6:])
