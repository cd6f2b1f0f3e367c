"""Batches shared out to threads in fixed chunks, so that sums do not depend on the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from spikeproof.numbers import IntArray

CHUNKS = 16
FEWEST = 4
LARGE = 2**20  # partial sums of all chunks together, unless that would leave fewer than FEWEST chunks
Item = TypeVar("Item")
Result = TypeVar("Result")


def chunk_bounds(n_samples: int, n_weights: int = 0) -> IntArray:
    """First sample of each chunk, and the number of samples; at most `CHUNKS` chunks of at least one sample.

    Every chunk has partial sums of its own, so that there are fewer for many weights, but never less than `FEWEST`.
    """
    chunks = max(FEWEST, min(CHUNKS, LARGE // max(1, n_weights)))
    return np.unique(np.linspace(0, n_samples, min(n_samples, chunks) + 1).astype(np.int64))


def shares(bounds: IntArray, threads: int) -> list[IntArray]:
    """The bounds of consecutive chunks for each of up to `threads` threads."""
    n_chunks = len(bounds) - 1
    return [bounds[own[0] : own[-1] + 2] for own in np.array_split(np.arange(n_chunks), min(threads, n_chunks))]


def in_threads(threads: int, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``[task(item) for item in items]`` by this number of threads."""
    work = list(items)
    if threads == 1 or len(work) == 1:
        return [task(item) for item in work]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(task, work))
