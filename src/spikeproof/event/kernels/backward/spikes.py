"""Spikes and releases in reverse: lambda_v jumps at each spike that matters, and starts anew before a release.

docs/theory.md (adjoint-jump), (leibniz), (grazing), (ref-adjoint).
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, once
from spikeproof.dynamics.equations import jump
from spikeproof.event.kernels.backward.voltage_terms import drive_at, has_point, pass_points, rewind_to
from spikeproof.event.kernels.core.tables import GROUP, MEM, RESET, SYN, THRESHOLD, UNRESOLVED

PASSED, GRAZED = True, False


@once
def pass_spike(layout, k, tape, adjoint, cotangents, sample, out):
    """Take the neuron of spike `k` back through it; returns GRAZED if its slope cannot be divided by.

    The neuron stands at the spike then, unless neither loss nor later events depend on it.
    """
    s, now, drive = tape.spike_slot[k], tape.spike_time[k], 0.0
    d_release = 0.0
    g = layout.number[GROUP, s]
    tau_mem, tau_syn, lambda_v = layout.time[MEM, g], layout.time[SYN, g], adjoint.lambda_v
    if cotangents is not None:
        if has_point(s, now, adjoint, cotangents):
            pass_points(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        if len(cotangents.rate) > 0:
            drive = drive_at(cotangents, sample, s, now)
        d_release, adjoint.held[s], adjoint.d_release[s] = adjoint.d_release[s], 0.0, 0.0
    d_spike = out.d_spike[k] + d_release
    out.jumps[k] = 0.0
    if d_spike != 0.0 or lambda_v[s] != 0.0 or adjoint.lambda_i[s] != 0.0 or drive != 0.0:
        slope = tape.spike_slope[k]
        if not slope > layout.slot[UNRESOLVED, s]:
            return GRAZED
        rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        height = layout.slot[THRESHOLD, s] - layout.slot[RESET, s]
        out.jumps[k] = jump(lambda_v[s] + drive, d_spike, height, slope)
        lambda_v[s] += out.jumps[k]
        if len(out.before):
            out.before[k] = lambda_v[s]
    return PASSED


@once
def pass_release(layout, q, adjoint, cotangents, sample):
    """Take a neuron back through release `q`, before which it is held.

    What comes later depends on when the release is, and no more on V. One that never happens leaves the neuron held.
    """
    release = cotangents.release
    s, now = release.slot[q], release.time[q]
    if now < np.inf:
        g = layout.number[GROUP, s]
        tau_mem, tau_syn = layout.time[MEM, g], layout.time[SYN, g]
        if has_point(s, now, adjoint, cotangents):
            pass_points(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
        adjoint.d_release[s] = release.drive[q] * adjoint.lambda_v[s]
        adjoint.lambda_v[s] = 0.0
    adjoint.held[s] = 1.0


@inner
def release_is_next(release, q, first, after, later_than):
    """True if release `q`, counted from `first` on, comes after so many arrivals, and is later than this time."""
    return q >= first and release.after[q] == after and release.time[q] > later_than


@once
def pass_releases(layout, q, first, after, later_than, adjoint, cotangents, sample):
    """Pass the releases from `q` back after so many arrivals that are later than this time; returns the next one."""
    while release_is_next(cotangents.release, q, first, after, later_than):
        pass_release(layout, q, adjoint, cotangents, sample)
        q -= 1
    return q
