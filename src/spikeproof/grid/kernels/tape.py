"""The arrays that passes over the grid read and write: input spikes, spikes, and V where a loss observes it.

No loops here. A tape and a record are made by the caller of `forward`, which writes them, and are read by `adjoint`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.numbers import Array, Float64Array, IntArray

DONE, FULL, GRAZING = 0, 1, 2


class Inputs(NamedTuple):
    """The input spikes of a batch on the grid. Shapes: A spikes, S samples."""

    step: Array  # (A,) int32: grid point
    channel: Array  # (A,) int32
    offset: IntArray  # (S + 1,)


class Tape(NamedTuple):
    """Spikes of consecutive samples in the order of steps, then of neurons. Shapes: K spikes, S samples."""

    step: Array  # (K,) int32
    neuron: Array  # (K,) int32
    slope: Float64Array  # (K,) tau_mem Vdot = I + bias - V when the spike was found, before the reset
    offset: IntArray  # (S + 1,)
    restart: Float64Array  # (K,) tau_mem Vdot at the release after the spike, if there was one; see `holds` of a grid


class Record(NamedTuple):
    """V - bias as losses observe it. Shapes: S samples, M steps, R neurons with a trace, Q neurons with a maximum."""

    traced: IntArray  # (R,) neuron numbers
    trace: Array  # (S, M + 1, R) at every grid point, before its spikes
    peaked: IntArray  # (Q,) neuron numbers
    peak: Float64Array  # (S, Q) largest value at a grid point
    peak_step: Array  # (S, Q) int64: the first grid point of this value
    slope_before: Float64Array  # (S, Q) tau_mem Vdot there, before its arrivals
    slope_after: Float64Array  # (S, Q) and after them


class Sources(NamedTuple):
    """Derivatives of the loss with respect to what a record holds."""

    before: Array  # (S, M + 1, R) V at every grid point before its spikes; (0, 0, 0) if there are none
    after: Array  # (S, M + 1, R) and after them
    peak: Float64Array  # (S, Q)
    complete: Array  # (Q,) bool: the exact rule where an arrival cuts a rising V


def new_tape(n_samples: int, capacity: int) -> Tape:
    """An empty tape with room for `capacity` spikes."""
    step, neuron = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
    return Tape(step, neuron, np.empty(capacity), np.zeros(n_samples + 1, np.int64), np.empty(capacity))


def grown(tape: Tape) -> Tape:
    """A copy of the tape with room for twice as many spikes."""
    columns = (tape.step, tape.neuron, tape.slope, tape.restart)
    step, neuron, slope, restart = (np.concatenate([a, np.empty_like(a)]) for a in columns)
    return Tape(step, neuron, slope, tape.offset, restart)


def new_record(n_samples: int, n_steps: int, traced: IntArray, peaked: IntArray) -> Record:
    """An empty record of these neurons."""
    shape = (n_samples, len(peaked))
    trace = np.empty((n_samples, n_steps + 1, len(traced)))
    return Record(traced, trace, peaked, np.empty(shape), np.empty(shape, np.int64), np.empty(shape), np.empty(shape))
