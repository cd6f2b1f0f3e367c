"""The currents at which held neurons are released, read back from the tape.

Loops: blocks; their arrivals and releases, in the order of time; the synapses of a row. Each slot has its current, and
the time at which it is known.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import kernel
from spikeproof.dynamics.elementary import exp
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, RESET, SLOTS, SYN


@kernel
def read_releases(layout, tape, releases):
    """Write `after` and `drive` of all releases; a release at the time of an arrival comes before it."""
    n_components, i_start = layout.component.shape[1] - 1, layout.slot[I_START]
    current, known = np.empty(len(i_start)), np.empty(len(i_start))
    tau_syn = layout.time[SYN, layout.number[GROUP]]
    for block in range(len(releases.offset) - 1):
        q, stop, c = releases.offset[block], releases.offset[block + 1], block % n_components
        if q == stop:
            continue
        for s in range(layout.component[SLOTS, c], layout.component[SLOTS, c + 1]):
            current[s], known[s] = i_start[s], 0.0
        a0, a1 = tape.arrival_start[block], tape.arrival_stop[block]
        for a in range(a0, a1 + 1):
            now = tape.arrival_time[a] if a < a1 else np.inf
            while q < stop and releases.time[q] <= now:
                s, time = releases.slot[q], releases.time[q]
                i = current[s] * exp(-(time - known[s]) / tau_syn[s])
                releases.after[q], releases.drive[q] = a - a0, i - layout.slot[RESET, s]
                q += 1
            if q == stop:
                break
            p, row = tape.arrival_projection[a], tape.arrival_row[a]
            for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
                s = target(layout, p, row, w)
                current[s] = current[s] * exp(-(now - known[s]) / tau_syn[s]) + layout.weights[w]
                known[s] = now
