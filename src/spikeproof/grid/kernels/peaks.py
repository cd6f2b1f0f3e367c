"""Derivatives with respect to the largest V: smooth maxima, and kinks, where an arrival cuts a rising V."""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner

CLOSED = -np.inf  # no weight makes it a rise


@inner
def open_peaks(n, last, peaked, peak_step, slope_before, slope_after, d_peak, complete, tau_mem, lambda_v, open_):
    """Maxima at grid point `n` before its arrivals are taken back; True if there are any.

    By the published rule lambda_v jumps here. A kink is left open, with the slope of V after the arrivals: it belongs
    to the arrival that ended the rise of V, the last one if several did.
    """
    found = False
    for q in range(len(peaked)):
        if peak_step[q] == n and d_peak[q] != 0.0:
            found = True
            j = peaked[q]
            if not complete[q]:
                lambda_v[j] -= d_peak[q] / tau_mem[j]
            elif n < last and slope_before[q] > 0.0 >= slope_after[q]:
                open_[q] = slope_after[q]
    return found


@inner
def turned(n, first, width, weights, row, peaked, peak_step, d_peak, tau_mem, open_, lambda_v, difference, d_delay):
    """Take the weights of one arrival off the slopes of open kinks; returns dL/dt of the arrival that turned V.

    `first` is the first of its `width` targets, ``weights[row]`` the weight to it. At the arrival that turned the rise
    lambda_v jumps, and V at it moves along the slope before; of several arrivals at one grid point, along the slope
    just before this one.
    """
    collected = 0.0
    for q in range(len(open_)):
        m = peaked[q] - first
        if open_[q] <= 0.0 and 0 <= m < width and peak_step[q] == n:
            open_[q] -= weights[row + m]
            if open_[q] > 0.0:
                jump = d_peak[q] / tau_mem[first + m]
                kink = jump * open_[q]
                collected += kink
                if len(d_delay):
                    d_delay[row + m] += kink
                lambda_v[first + m] -= jump
                difference[m] -= jump
    return collected


@inner
def close_peaks(n, peaked, peak_step, d_peak, complete, tau_mem, lambda_v, open_):
    """Smooth maxima at grid point `n`, after its arrivals were taken back; True if there are any."""
    found = False
    for q in range(len(peaked)):
        if peak_step[q] == n and complete[q] and d_peak[q] != 0.0:
            if open_[q] <= 0.0:
                lambda_v[peaked[q]] -= d_peak[q] / tau_mem[peaked[q]]
            found = True
    return found
