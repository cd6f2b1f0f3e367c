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
    arrival_time: Float64Array  # (E,) external arrivals at the component being solved, merged
    arrival_projection: Array  # (E,) int32
    arrival_source: Array  # (E,) int32
    arrival_row: IntArray  # (E,) where the weights of the source start
    spike_time: Float64Array  # (K,)
    spike_slot: IntArray  # (K,)
    spike_slope: Float64Array  # (K,) tau_mem Vdot = I - v_th just before the spike
    event_offset: IntArray  # (S * C + 1,) events of component c of sample s start at [s * C + c]
    spike_offset: IntArray  # (S + 1,)
    v_end: Float64Array  # (S, N) by slot
    i_end: Float64Array  # (S, N)


def new_tape(n_samples: int, n_components: int, n_slots: int, capacity: int) -> Tape:
    """An empty tape with room for `capacity` events."""
    floats = [np.empty(capacity) for _ in range(4)]
    int32s = [np.empty(capacity, np.int32) for _ in range(4)]
    rows, slots = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    return Tape(
        event_time=floats[0],
        event_projection=int32s[0],
        event_source=int32s[1],
        arrival_time=floats[1],
        arrival_projection=int32s[2],
        arrival_source=int32s[3],
        arrival_row=rows,
        spike_time=floats[2],
        spike_slot=slots,
        spike_slope=floats[3],
        event_offset=np.zeros(n_samples * n_components + 1, np.int64),
        spike_offset=np.zeros(n_samples + 1, np.int64),
        v_end=np.zeros((n_samples, n_slots)),
        i_end=np.zeros((n_samples, n_slots)),
    )


GROWING = ("event_time", "event_projection", "event_source", "arrival_time", "arrival_projection", "arrival_source",
           "arrival_row", "spike_time", "spike_slot", "spike_slope")  # fmt: skip


def grown(tape: Tape) -> Tape:
    """The same tape with room for twice as many events."""
    wider = {name: np.concatenate([getattr(tape, name), np.empty_like(getattr(tape, name))]) for name in GROWING}
    return tape._replace(**wider)
