"""Derivatives with respect to the largest V: smooth maxima, and kinks, where an arrival cuts a rising V.

Loop: neurons with a maximum, at one grid point of the backward pass. A kink is open from the moment its grid point is
reached until the arrival that turned V is taken back; the slope of V after the arrivals that are still there is kept
meanwhile. `Peaks` is the caller's; of it only `open` is written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spikeproof.compiled import inner
from spikeproof.numbers import Array, Float64Array, IntArray

CLOSED = -np.inf  # no weight makes it a rise


class Peaks(NamedTuple):
    """The maxima of one sample. Shapes: Q neurons; see `Record` and `Sources`."""

    neuron: IntArray  # (Q,)
    step: Array  # (Q,)
    slope_before: Float64Array  # (Q,)
    slope_after: Float64Array  # (Q,)
    d_peak: Float64Array  # (Q,)
    complete: Array  # (Q,) bool
    open: Float64Array  # (Q,) slope of V, at most 0, while a kink is open


@inner
def open_peaks(n, last, peaks, tau_mem, lambda_v):
    """Maxima at grid point `n` before its arrivals are taken back; True if there are any.

    By the published rule lambda_v jumps here. A kink is left open, with the slope of V after the arrivals: it belongs
    to the arrival that ended the rise of V, the last one if several did.
    """
    found, slope_before, slope_after, open_ = False, peaks.slope_before, peaks.slope_after, peaks.open
    for q in range(len(open_)):
        if peaks.step[q] == n and peaks.d_peak[q] != 0.0:
            found = True
            j = peaks.neuron[q]
            if not peaks.complete[q]:
                lambda_v[j] -= peaks.d_peak[q] / tau_mem[j]
            elif n < last and slope_before[q] > 0.0 >= slope_after[q]:
                open_[q] = slope_after[q]
    return found


@inner
def turned(n, first, width, weights, row, peaks, tau_mem, lambda_v, difference, d_delay):
    """Take the weights of one arrival off the slopes of open kinks; returns dL/dt of the arrival that turned V.

    `first` is the first of its `width` targets, ``weights[row]`` the weight to it. At the arrival that turned the rise
    lambda_v jumps, and V at it moves along the slope before; of several arrivals at one grid point, along the slope
    just before this one.
    """
    collected, open_ = 0.0, peaks.open
    for q in range(len(open_)):
        m = peaks.neuron[q] - first
        if open_[q] <= 0.0 and 0 <= m < width and peaks.step[q] == n:
            open_[q] -= weights[row + m]
            if open_[q] > 0.0:
                jump = peaks.d_peak[q] / tau_mem[first + m]
                kink = jump * open_[q]
                collected += kink
                if len(d_delay):
                    d_delay[row + m] += kink
                lambda_v[first + m] -= jump
                difference[m] -= jump
    return collected


@inner
def close_peaks(n, peaks, tau_mem, lambda_v):
    """Smooth maxima at grid point `n`, after its arrivals were taken back; True if there are any."""
    found = False
    for q in range(len(peaks.open)):
        if peaks.step[q] == n and peaks.complete[q] and peaks.d_peak[q] != 0.0:
            if peaks.open[q] <= 0.0:
                j = peaks.neuron[q]
                lambda_v[j] -= peaks.d_peak[q] / tau_mem[j]
            found = True
    return found
