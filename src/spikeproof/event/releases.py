"""The releases of a tape: where the refractory times of its spikes end."""

from __future__ import annotations

import numpy as np

from spikeproof.event.kernels.core.releases import Releases, no_releases
from spikeproof.event.kernels.core.tables import T_REF, Layout
from spikeproof.event.kernels.core.tape import Tape
from spikeproof.event.kernels.reading.releases import read_releases


def releases_of(layout: Layout, tape: Tape, n_spikes: int, duration: float) -> Releases:
    """The releases of the first `n_spikes` of a tape, none if no neuron has a refractory time."""
    t_ref = layout.slot[T_REF]
    if not np.any(t_ref):
        return no_releases()
    order = np.argsort(tape.spike_start, kind="stable")  # blocks as they lie on the tape
    block = np.repeat(order, (tape.spike_stop - tape.spike_start)[order])
    slot, time = tape.spike_slot[:n_spikes], tape.spike_time[:n_spikes]
    until = time + t_ref[slot]
    until[until >= duration] = np.inf
    held = np.flatnonzero(t_ref[slot] > 0.0)
    spike = held[np.lexsort((until[held], block[held]))]
    n = len(spike)
    releases = Releases(
        offset=np.searchsorted(block[spike], np.arange(len(order) + 1)),
        time=until[spike],
        slot=slot[spike],
        spike=spike,
        after=np.empty(n, np.int64),
        drive=np.empty(n),
    )
    read_releases(layout, tape, releases)
    return releases
