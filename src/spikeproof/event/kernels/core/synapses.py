"""The neuron that a synapse reaches."""

from __future__ import annotations

from spikeproof.compiled import inner
from spikeproof.event.kernels.core.tables import POST_START, SPARSE, UNLISTED


@inner
def target(layout, p, row, n):
    """Slot that synapse `n` of a row of projection `p` reaches."""
    return (
        layout.target[n - layout.projection[UNLISTED, p]]
        if layout.projection[SPARSE, p]
        else layout.projection[POST_START, p] + n - layout.row_offset[row]
    )
