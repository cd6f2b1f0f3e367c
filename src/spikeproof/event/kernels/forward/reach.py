"""How far a component of a sample is followed: as far as its arrivals are known, or as the horizon."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner
from spikeproof.event.kernels.core.arrivals import known_until


@inner
def reach(layout, c, inputs, tape, sample):
    """The number of arrivals that a sample reaches, and where its last interval ends, -1 if it does not enter that.

    It enters intervals that begin up to the horizon, if their ends are known. Written is how far its spikes are known
    then.
    """
    block = sample * (layout.component.shape[1] - 1) + c
    start, stop = tape.arrival_start[block], tape.arrival_stop[block]
    begun = stop
    while begun > start and tape.arrival_time[begun - 1] > inputs.horizon:
        begun -= 1
    whole = begun == stop and known_until(layout, c, inputs.complete[sample]) == np.inf
    last = tape.arrival_time[stop - 1] if stop > start else 0.0
    inputs.complete[sample, c] = inputs.horizon if whole or begun < stop else last
    return min(begun + 1, stop) - start, inputs.duration if whole else -1.0
