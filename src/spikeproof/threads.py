"""Batches divided among threads in fixed chunks, so that sums do not depend on the number of threads."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np

from spikeproof.numbers import IntArray

CHUNKS = 16
FEWEST = 2
SUMS = 4096  # partial sums that a chunk may have for each of its samples
PATIENCE = 1e-3  # seconds
Item = TypeVar("Item")
Result = TypeVar("Result")


@lru_cache(maxsize=64)
def chunk_bounds(n_samples: int, n_sums: int = 0) -> IntArray:
    """First sample of each chunk, and the number of samples as the last entry.

    A chunk has at least one sample. There are at most `CHUNKS`, and fewer, down to `FEWEST`, where a chunk would have
    too few samples for its `n_sums` partial sums: filling and adding up the sums must cost less than the samples do.
    """
    most = min(CHUNKS, max(FEWEST, n_samples * SUMS // max(n_sums, 1)))
    bounds = np.unique(np.linspace(0, n_samples, min(n_samples, most) + 1).astype(np.int64))
    bounds.flags.writeable = False
    return bounds


def shares(bounds: IntArray, threads: int) -> list[IntArray]:
    """The bounds of consecutive chunks for each of up to `threads` threads."""
    n_chunks = len(bounds) - 1
    n = min(threads, n_chunks)
    starts = [n_chunks * k // n for k in range(n + 1)]
    return [bounds[a : b + 1] for a, b in pairwise(starts)]


def in_threads(threads: int, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``[task(item) for item in items]``, computed by this number of threads; the calling thread is the first of them.

    If tasks fail, the error of the first failed task is raised.
    """
    work = list(items)
    if threads == 1 or len(work) == 1:
        return [task(item) for item in work]
    others = [_executor(threads - 1).submit(task, item) for item in work[1:]]
    try:
        first = task(work[0])
    finally:
        _await(others)
    return [first, *(other.result() for other in others)]


def _await(others: list[Future[Result]]) -> None:
    """Wait for tasks that are about to end: poll for `PATIENCE` seconds, since to be woken takes longer."""
    patience = time.perf_counter() + PATIENCE
    while time.perf_counter() < patience:
        if all(other.done() for other in others):
            return
        time.sleep(0.0)
    wait(others)


@lru_cache(maxsize=4)
def _executor(threads: int) -> ThreadPoolExecutor:
    """Threads that are kept between calls: a new thread would have to be given its memory anew."""
    return ThreadPoolExecutor(threads)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_executor.cache_clear)  # a forked process has none of these threads
