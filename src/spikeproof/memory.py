"""Memory for vectors that starts with a cache line, on which the speed of reading depends."""

from __future__ import annotations

import math

import numpy as np

from spikeproof.numbers import Float64Array

LINE = 8  # float64 numbers of a cache line, and of the longest vector
KEPT = 2**24  # bytes

# glibc returns freed memory at the end of its heap to the system, and a training step would get it back page by page,
# which takes half a millisecond with threads. After a block of this size was freed once, it keeps that much.
np.empty(KEPT, np.uint8)


def aligned(*shape: int) -> Float64Array:
    """An uninitialised array of this shape that starts with a cache line.

    A load that straddles two cache lines takes twice as long.
    """
    n = math.prod(shape)
    room = np.empty(n + LINE - 1)
    first = -(room.__array_interface__["data"][0] // room.itemsize) % LINE
    return room[first : first + n].reshape(shape)


def whole_lines(n: int) -> int:
    """The least multiple of `LINE` that is not below `n`: rows of this length all start with a cache line."""
    return -(-n // LINE) * LINE
