"""Sums over the samples of a batch, chunk by chunk: the same bits whatever the threads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from spikeproof.event.kernels.backward.adjoint import Rows
from spikeproof.event.pool import recycle_sums, sums
from spikeproof.memory import aligned
from spikeproof.numbers import Float64Array


class Sums:
    """A vector that is summed up by the parts of a batch.

    Chunks are added in their order. The first part adds each of its chunks to the total as soon as it has been
    replayed; the chunks of the others wait for those before them.

    Parameters
    ----------
    size
        Length of the vector.
    chunks
        Number of chunks of each part.
    """

    def __init__(self, size: int, chunks: Sequence[int]) -> None:
        self._total = aligned(size)
        self._stops = list(accumulate(chunks[1:], initial=1))  # rows of each part; the first one has one to work in
        self._rows = sums((self._stops[-1], size))

    def of(self, part: int) -> Rows:
        """The rows in which a part collects its sums."""
        if part == 0:
            return Rows(self._total, self._rows[:1])
        rows = self._rows[self._stops[part - 1] : self._stops[part]]
        return Rows(rows[0], rows[1:])

    def total(self) -> Float64Array:
        """The sum over all chunks; to be called once, at the end."""
        for row in self._rows[1:]:
            self._total += row
        recycle_sums(self._rows)
        return self._total
