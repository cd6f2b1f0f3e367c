"""Rows of synapses fetched from memory while those of the arrivals before them are worked on.

Of a large network, rows lie anywhere in memory, and a processor that meets one waits for its first lines longer than
the work on it takes. What lies behind them it fetches by itself.
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner, prefetch

AHEAD = 4  # arrivals: with more, lines would be lost again before they are used
FAR = 16  # arrivals: where a row starts has to be known before it is fetched
FROM = 2**17  # synapses: the rows of fewer are in the caches
MOST_LINES = 16
LINE_BYTES = 64


@inner
def fetched_ahead(n_arrivals, n_synapses):
    """Number of arrivals, the first ones, at each of which the row of the one `AHEAD` of it is to be fetched."""
    return n_arrivals - AHEAD if n_synapses > FROM else 0


@inlined
def fetch_start(row_offset, row, a):
    """Have the number of the first synapse of the row of arrival `a` come into the caches."""
    prefetch(row_offset, row[a])


@inner
def fetch(array, start, stop):
    """Have the first elements from `start` to `stop` come into the caches."""
    step = LINE_BYTES // array.itemsize
    last = min(stop, start + MOST_LINES * step) - 1
    for n in range(start, last, step):
        prefetch(array, n)
    prefetch(array, last)
