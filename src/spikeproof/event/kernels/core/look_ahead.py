"""Rows of synapses fetched from memory while those of the arrivals before them are worked on.

Of a large network, rows lie anywhere in memory, and a processor that meets one waits for its first lines longer than
the work on it takes. What lies behind them it fetches by itself.
"""

from __future__ import annotations

from spikeproof.compiled import inner, prefetch

AHEAD = 4  # arrivals: with more, lines would be lost again before they are used
MOST_LINES = 16
LINE_BYTES = 64


@inner
def fetch(array, start, stop):
    """Have the first elements from `start` to `stop` come into the caches."""
    step = LINE_BYTES // array.itemsize
    last = min(stop, start + MOST_LINES * step) - 1
    for n in range(start, last, step):
        prefetch(array, n)
    prefetch(array, last)
