"""Sources of the adjoint between spikes: impulses and drives of a loss of voltages, and releases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.event.kernels.core.releases import Releases, no_releases
from spikeproof.numbers import Array, Float64Array, IntArray


class VoltageCotangents(NamedTuple):
    """Derivatives of the loss with respect to V. Shapes: S samples, N slots, M points, R rates.

    A point (slot, t, slope) says that V at the left limit of t enters the loss with the derivative `slope`: lambda_v
    jumps by ``-slope / tau_mem`` there. A point that belongs to an arrival (a kink maximum) jumps on the minus side
    of this arrival and adds `kink` = slope dV/dt^- to the derivative of the arrival's time.

    A drive says that the integral of exp(-rate t) V(t) enters the loss with the derivative `drive`.

    What either says of a held neuron's V belongs to its v_reset and puts nothing on the adjoint.
    """

    point_offset: IntArray  # (S * N + 1,) points of slot n of sample s start at [s * N + n]; (1,) without points
    point_time: Float64Array  # (M,) ascending for each slot
    point_event: IntArray  # (M,) number of the arrival in its sample and component, -1 if it belongs to none
    point_slope: Float64Array  # (M,)
    point_kink: Float64Array  # (M,)
    rate: Float64Array  # (R,)
    drive: Array  # (S, N, R)
    release: Releases  # of the tape of these samples


def no_cotangents() -> VoltageCotangents:
    """The sources of a loss of spike times alone."""
    none, empty = np.zeros(0), np.zeros(0, np.int64)
    return VoltageCotangents(np.zeros(1, np.int64), none, empty, none, none, none, np.zeros((0, 0, 0)), no_releases())


def of_samples(sources: VoltageCotangents, first: int, last: int, n_slots: int) -> VoltageCotangents:
    """The sources of samples first .. last alone."""
    offset = sources.point_offset
    if len(offset) > 1:
        offset = offset[first * n_slots : last * n_slots + 1]
    return sources._replace(point_offset=offset, drive=sources.drive[first:last])
