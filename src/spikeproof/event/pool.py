"""Working memory that is kept from one forward pass to the next: new pages would take as long as the pass."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TypeVar

from spikeproof.event.kernels.core.scratch import Scratch, new_scratch
from spikeproof.event.kernels.core.tape import NO_STATES, Tape, new_tape
from spikeproof.memory import aligned
from spikeproof.numbers import Array

KEPT = 8  # sets of working memory, tapes and partial sums: the last ones used

_free: list[Scratch] = []
_tapes: list[Tape] = []
_sums: list[Array] = []
_lock = Lock()
Kept = TypeVar("Kept")


def scratch_for(n_lanes: int, room: int) -> Scratch:
    """Working memory for at least this many lanes and spikes of a block."""
    with _lock:
        fits = [s for s in _free if s.states.shape[1] >= n_lanes and len(s.queue.spike_time) >= room]
        found = _out_of(_free, max(fits, key=lambda s: len(s.queue.spike_time), default=None))
    return found or new_scratch(n_lanes, room)


def recycle_scratch(memory: Scratch) -> None:
    """Take back working memory that is no longer used."""
    with _lock:
        _free.append(memory)
        del _free[:-KEPT]


def sums(shape: tuple[int, int]) -> Array:
    """An uninitialised array of this shape for partial sums."""
    with _lock:
        found = _out_of(_sums, next((a for a in _sums if a.shape == shape), None))
    return aligned(*shape) if found is None else found


def recycle_sums(sums: Array) -> None:
    """Take back partial sums that are no longer read."""
    with _lock:
        _sums.append(sums)
        del _sums[:-KEPT]


def tape_for(n_blocks: int, n_arrivals: int, n_spikes: int) -> Tape:
    """A tape of `n_blocks` blocks with room for at least these arrivals and spikes, and none for final states."""
    with _lock:
        fits = [t for t in _tapes if _fits(t, n_blocks, n_arrivals, n_spikes)]
        found = _out_of(_tapes, max(fits, key=lambda t: len(t.arrival_time), default=None))
    return found or new_tape(n_blocks, n_arrivals, n_spikes)


def _out_of(kept: list[Kept], found: Kept | None) -> Kept | None:
    """`found`, no longer among those that are kept."""
    kept[:] = [k for k in kept if k is not found]
    return found


def recycle(tapes: Iterable[Tape]) -> None:
    """Take back tapes that are no longer read, without their final states, which belong to the solution."""
    with _lock:
        _tapes.extend(tape._replace(v_end=NO_STATES, i_end=NO_STATES) for tape in tapes)
        del _tapes[:-KEPT]


def _fits(tape: Tape, n_blocks: int, n_arrivals: int, n_spikes: int) -> bool:
    return (
        len(tape.spike_start) == n_blocks and len(tape.arrival_time) >= n_arrivals and len(tape.spike_time) >= n_spikes
    )
