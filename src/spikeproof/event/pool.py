"""Working memory that is kept from one forward pass to the next: fresh pages would cost as much as the pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from spikeproof.event.kernels.forward import Scratch, new_scratch

KEPT = 8  # sets of working memory, the last ones used

_free: list[Scratch] = []
_lock = Lock()


@contextmanager
def scratch(n_lanes: int, n_projections: int, n_spikes: int) -> Iterator[Scratch]:
    """Working memory for at least this many lanes, projections and spikes of a block."""
    found = _taken(n_lanes, n_projections, n_spikes) or new_scratch(n_lanes, n_projections, n_spikes)
    try:
        yield found
    finally:
        with _lock:
            _free.append(found)
            del _free[:-KEPT]


def _taken(n_lanes: int, n_projections: int, n_spikes: int) -> Scratch | None:
    with _lock:
        for number, found in enumerate(_free):
            lanes, spikes = found.states.shape[1], len(found.queue.spike_time)
            if lanes >= n_lanes and spikes >= n_spikes and len(found.cursor) >= n_projections:
                return _free.pop(number)
    return None
