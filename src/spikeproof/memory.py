"""Room for vectors: where they start decides how fast they are read."""

from __future__ import annotations

import math

import numpy as np

from spikeproof.numbers import Float64Array

LINE = 8  # float64 numbers of a cache line, and of the longest vector
KEPT = 2**24  # bytes

# The C library returns memory at the end of its heap to the system, and a training step would have it back from there
# page by page: half a millisecond where threads are involved. Once given back so much in one piece, it keeps as much.
np.empty(KEPT, np.uint8)


def aligned(*shape: int) -> Float64Array:
    """Room of this shape that starts with a cache line. Loads that straddle two lines take twice as long."""
    n = math.prod(shape)
    room = np.empty(n + LINE - 1)
    first = -(room.__array_interface__["data"][0] // room.itemsize) % LINE
    return room[first : first + n].reshape(shape)


def whole_lines(n: int) -> int:
    """The least multiple of `LINE` that is not below `n`: rows of this length all start with a cache line."""
    return -(-n // LINE) * LINE
