"""Releases: where the refractory times of neurons end, in the order in which the backward pass meets them, reversed.

A release is no event of the tape, since it follows from its spike. Docs: docs/theory.md (refractory), (ref-events).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner
from spikeproof.numbers import Array, Float64Array, IntArray


class Releases(NamedTuple):
    """One release for each spike of a neuron with a refractory time, by block, in the order of time.

    Shapes: B blocks, R releases; without refractory times there are none, and no blocks. A release after T never
    happens: its time is infinite.
    """

    offset: IntArray  # (B + 1,) where those of each block start
    time: Float64Array  # (R,)
    slot: Array  # (R,) int32
    spike: IntArray  # (R,) place of the spike on the tape
    after: IntArray  # (R,) number of arrivals of its block before it
    drive: Float64Array  # (R,) tau_mem Vdot just after it


def no_releases() -> Releases:
    """The releases of a network without refractory times: none."""
    none, empty = np.zeros(0), np.zeros(0, np.int64)
    return Releases(np.zeros(1, np.int64), none, np.zeros(0, np.int32), empty, empty, none)


@inner
def releases_of_block(release, block):
    """The first release of a block, and the last one; none without refractory times."""
    if len(release.offset) == 1:
        return 0, -1
    return release.offset[block], release.offset[block + 1] - 1
