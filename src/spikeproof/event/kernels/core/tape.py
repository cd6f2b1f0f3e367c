"""The tape: arrivals and spikes of a run in the order in which they happened, written forward, replayed in reverse.

Block ``s * C + c`` of the tape holds what happened to component c of sample s: its arrivals, numbered from 0, and its
spikes, each with the number of arrivals that came before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.numbers import Array, Float64Array, IntArray

# TAPE_FULL: the tape; SCRATCH_FULL: not enough working memory; LOST: V or I overflows
DONE, TAPE_FULL, SCRATCH_FULL, LIMIT, GRAZING, LOST = range(6)


class Tape(NamedTuple):
    """Events of consecutive samples. Shapes: A arrivals, K spikes, S samples, C components; there may be more room."""

    arrival_time: Float64Array  # (A,)
    arrival_projection: Array  # (A,) int32
    arrival_source: Array  # (A,) int32: input spike of the sample, or spike of the tape, that arrived
    arrival_row: Array  # (A,) int32: row of the source, see `Layout.row_offset`
    arrival_start: IntArray  # (S * C,)
    arrival_stop: IntArray  # (S * C,)
    spike_time: Float64Array  # (K,)
    spike_slot: Array  # (K,) int32
    spike_slope: Float64Array  # (K,) tau_mem Vdot = I - v_th just before the spike
    spike_after: Array  # (K,) int32: number of arrivals of its block before it
    spike_start: IntArray  # (S * C,)
    spike_stop: IntArray  # (S * C,)
    v_end: Float64Array  # (S, N) by slot
    i_end: Float64Array  # (S, N)


ARRIVALS = ("arrival_time", "arrival_projection", "arrival_source", "arrival_row")
SPIKES = ("spike_time", "spike_slot", "spike_slope", "spike_after")


NO_STATES = np.empty((0, 0))


def new_tape(n_blocks: int, n_arrivals: int, n_spikes: int) -> Tape:
    """An empty tape of so many blocks, with room for this many arrivals and spikes, and none for final states."""
    blocks = [np.zeros(n_blocks, np.int64) for _ in range(4)]
    return Tape(
        arrival_time=np.empty(n_arrivals),
        arrival_projection=np.empty(n_arrivals, np.int32),
        arrival_source=np.empty(n_arrivals, np.int32),
        arrival_row=np.empty(n_arrivals, np.int32),
        arrival_start=blocks[0],
        arrival_stop=blocks[1],
        spike_time=np.empty(n_spikes),
        spike_slot=np.empty(n_spikes, np.int32),
        spike_slope=np.empty(n_spikes),
        spike_after=np.empty(n_spikes, np.int32),
        spike_start=blocks[2],
        spike_stop=blocks[3],
        v_end=NO_STATES,
        i_end=NO_STATES,
    )


def grown(tape: Tape) -> Tape:
    """A copy of the tape with room for twice as many events."""
    wider = {
        name: np.concatenate([getattr(tape, name), np.empty_like(getattr(tape, name))]) for name in ARRIVALS + SPIKES
    }
    return tape._replace(**wider)
