"""Working memory that is kept from one forward pass to the next: fresh pages would cost as much as the pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from spikeproof.event.kernels.forward import Scratch, new_scratch
from spikeproof.event.kernels.tape import Tape, new_tape

KEPT = 8  # sets of working memory, and tapes: the last ones used

_free: list[Scratch] = []
_tapes: list[Tape] = []
_lock = Lock()


@contextmanager
def scratch(n_lanes: int, room: int) -> Iterator[Scratch]:
    """Working memory for at least this many lanes and spikes of a block."""
    found = _taken(n_lanes, room) or new_scratch(n_lanes, room)
    try:
        yield found
    finally:
        with _lock:
            _free.append(found)
            del _free[:-KEPT]


def _taken(n_lanes: int, room: int) -> Scratch | None:
    with _lock:
        for number, found in enumerate(_free):
            lanes, spikes = found.states.shape[1], len(found.queue.spike_time)
            if lanes >= n_lanes and spikes >= room:
                return _free.pop(number)
    return None


def tape_for(n_samples: int, n_components: int, n_slots: int, n_arrivals: int, n_spikes: int) -> Tape:
    """A tape of these samples with at least this room for arrivals and spikes."""
    with _lock:
        for number, found in enumerate(_tapes):
            if _fits(found, n_samples, n_components, n_slots, n_arrivals, n_spikes):
                return _tapes.pop(number)
    return new_tape(n_samples, n_components, n_slots, n_arrivals, n_spikes)


def recycle(tapes: Iterable[Tape]) -> None:
    """Take back tapes that nobody reads any more."""
    with _lock:
        _tapes.extend(tapes)
        del _tapes[:-KEPT]


def _fits(tape: Tape, n_samples: int, n_components: int, n_slots: int, n_arrivals: int, n_spikes: int) -> bool:
    return (
        tape.v_end.shape == (n_samples, n_slots)
        and len(tape.spike_start) == n_samples * n_components
        and len(tape.arrival_time) >= n_arrivals
        and len(tape.spike_time) >= n_spikes
    )
