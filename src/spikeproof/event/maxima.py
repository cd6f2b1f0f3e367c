"""The largest V of leaky integrators, and its time, read from the tapes of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.event.kernels.core.tables import BIAS, Layout
from spikeproof.event.kernels.core.tape import Tape
from spikeproof.event.kernels.reading.maxima import Largest, maxima
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.threads import in_threads


@dataclass(frozen=True)
class Maxima:
    """The largest V of each leaky integrator over [0, T], and its place; arrays of shape (n_samples, size).

    Attributes
    ----------
    value, time : the maximum and its time, the first one at ties.
    kind : AT_START; SMOOTH, inside an interval or at T; or KINK, at an arrival that cuts a rising V.
    arrival : arrival of a kink, numbered in its sample and component; -1 elsewhere.
    slope : dV/dt just before a kink; 0 elsewhere.
    """

    value: Float64Array
    time: Float64Array
    kind: IntArray
    arrival: IntArray
    slope: Float64Array


def maxima_of(
    layout: Layout, component: int, slots: range, duration: float, parts: list[tuple[int, Tape]], threads: int
) -> Maxima:
    """The maxima of leaky integrators in some slots of a component; `parts` are numbers of samples and tapes."""

    def found(part: tuple[int, Tape]) -> tuple[Array, ...]:
        n_samples, tape = part
        shape = (n_samples, len(slots))
        kind, arrival = np.empty(shape, np.int64), np.empty(shape, np.int64)
        of_part = Largest(np.empty(shape), np.empty(shape), kind, arrival, np.empty(shape))
        maxima(layout, component, slots.start, slots.stop, duration, tape, n_samples, of_part)
        return of_part._replace(value=of_part.value + layout.slot[BIAS, slots.start : slots.stop])

    of_parts = in_threads(threads, found, parts)
    return Maxima(*(np.concatenate(columns) for columns in zip(*of_parts, strict=True)))
