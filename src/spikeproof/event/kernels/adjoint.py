"""Backward pass: the tape replayed exactly reversed. Between events, with ' = -d/dt.

::

    tau_mem lambda_v' = -lambda_v - dl_V/dV        tau_syn lambda_i' = -lambda_i + lambda_v

Wunderlich and Pehle (2021), Table 2; the notes' eqs. 32, 52 to 56. A drive c exp(-rate t) has the particular solution

::

    lambda_v = -c exp(-rate t) / (1 + rate tau_mem)        lambda_i = lambda_v / (1 + rate tau_syn)

so that the stored lambda_v and lambda_i are those of the homogeneous equations, whatever the loss.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import weight_row
from spikeproof.event.kernels.flow import EPS, decays
from spikeproof.event.kernels.tape import DONE, GRAZING, SPIKE

UNRESOLVED = math.sqrt(8.0 * EPS)


@njit(cache=True, nogil=True)
def adjoint(
    layout, duration, times, channels, offsets, first, bounds, tape, sources, d_spike, jumps, d_input, gradient, d_delay
):
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike.

    `d_spike` holds dl_p/dt of each spike on the tape and collects what its arrivals add; `jumps` receives
    lambda_v^- - lambda_v^+ at each spike. `d_input`, shape of `times`, receives the gradient of each input time.
    ``gradient[n]`` and, unless it is empty, ``d_delay[n]`` receive the gradients of the weights and of the delays of
    single synapses over the chunk of samples bounds[n] .. bounds[n + 1]: their sum does not depend on the threads.
    """
    n_slots, n_components = len(layout.neuron), len(layout.internal)
    lambda_v, lambda_i, at = np.zeros(n_slots), np.zeros(n_slots), np.zeros(n_slots)
    first_point, point = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int64)
    for chunk in range(len(bounds) - 1):
        for s in range(bounds[chunk], bounds[chunk + 1]):
            row = s - first
            k0, k1 = tape.spike_offset[row], tape.spike_offset[row + 1]
            part = slice(offsets[s], offsets[s + 1])
            inputs = (times[part], channels[part])
            lambda_v[:], lambda_i[:], at[:] = 0.0, 0.0, duration
            _start(layout, duration, sources, s, lambda_v, lambda_i)
            if len(sources.point_offset) > 1:
                first_point[:] = sources.point_offset[s * n_slots : (s + 1) * n_slots]
                point[:] = sources.point_offset[s * n_slots + 1 : (s + 1) * n_slots + 1]
            for c in range(n_components - 1, -1, -1):
                status, k = _replay(
                    layout, inputs, tape, row * n_components + c, k0, lambda_v, lambda_i, at, sources, s, first_point,
                    point, d_spike[k0:k1], jumps[k0:k1], d_input[part], gradient[chunk],
                    d_delay[chunk] if len(d_delay) else d_delay.ravel(),
                )  # fmt: skip
                if status != DONE:
                    return status, s, k
    return DONE, 0, 0


@njit(cache=True)
def _start(layout, duration, sources, s, lambda_v, lambda_i):
    """Homogeneous solution at the end, where lambda_v = lambda_i = 0: minus the particular one."""
    for n in range(len(lambda_v) if len(sources.rate) else 0):
        g = layout.group[n]
        p_v, p_i, _ = driven(sources, s, n, duration, layout.tau_mem[g], layout.tau_syn[g])
        lambda_v[n], lambda_i[n] = -p_v, -p_i


@njit(cache=True)
def driven(sources, s, slot, now, tau_mem, tau_syn):
    """Particular solutions for lambda_v and lambda_i at `now`, and the drive dl_V/dV itself."""
    p_v, p_i, drive = 0.0, 0.0, 0.0
    for r in range(len(sources.rate)):
        c = sources.drive[s, slot, r]
        if c != 0.0:
            rate = sources.rate[r]
            c *= math.exp(-rate * now)
            drive += c
            p = -c / (1.0 + rate * tau_mem)
            p_v += p
            p_i += p / (1.0 + rate * tau_syn)
    return p_v, p_i, drive


@njit(cache=True)
def _replay(
    layout, inputs, tape, block, k0, lambda_v, lambda_i, at, sources, sample, first_point, point, d_spike, jumps,
    d_input, gradient, d_delay,
):  # fmt: skip
    """One component of one sample, last event first."""
    e_mem, e_syn, j, memo_dt, memo_g = 1.0, 1.0, 0.0, 0.0, -1  # exponentials of the last interval, often the next
    has_points, has_drives, has_delays = len(sources.point_offset) > 1, len(sources.rate) > 0, len(d_delay) > 0
    p_v, p_i, drive, e0 = 0.0, 0.0, 0.0, tape.event_offset[block]
    for e in range(tape.event_offset[block + 1] - 1, e0 - 1, -1):
        now, p, source = tape.event_time[e], tape.event_projection[e], tape.event_source[e]
        if p == SPIKE:
            s = tape.spike_slot[k0 + source]
            g = layout.group[s]
            if has_points:
                _impulses(layout, s, now, lambda_v, lambda_i, at, sources, first_point, point)
            if has_drives:
                p_v, p_i, drive = driven(sources, sample, s, now, layout.tau_mem[g], layout.tau_syn[g])
            if d_spike[source] == 0.0 and lambda_v[s] == 0.0 and lambda_i[s] == 0.0 and drive == 0.0:
                jumps[source] = 0.0
                continue
            if lambda_v[s] != 0.0 or lambda_i[s] != 0.0:
                e_mem, e_syn, j = decays(at[s] - now, layout.tau_mem[g], layout.tau_syn[g])
                memo_dt, memo_g = at[s] - now, g
                lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / layout.tau_syn[g])
                lambda_v[s] *= e_mem
            slope = tape.spike_slope[k0 + source]  # tau_mem Vdot^-
            if not resolved(layout, s, slope):
                return GRAZING, source
            height = layout.v_th[s] - layout.v_reset[s]
            jump = (height * (lambda_v[s] + p_v + drive) + d_spike[source]) / slope
            lambda_v[s] += jump
            jumps[source] = jump
            at[s] = now
            continue
        pre = inputs[1][source] if layout.from_input[p] else tape.spike_slot[k0 + source]
        w = weight_row(layout, p, pre)
        start, collected = layout.post_start[p], 0.0
        for s in range(start, layout.post_stop[p]):
            g = layout.group[s]
            if has_points:
                _impulses(layout, s, now, lambda_v, lambda_i, at, sources, first_point, point)
            if has_drives:
                p_v, p_i, _ = driven(sources, sample, s, now, layout.tau_mem[g], layout.tau_syn[g])
            l_v, l_i = p_v, p_i
            if lambda_v[s] != 0.0 or lambda_i[s] != 0.0:
                dt = at[s] - now
                if dt != 0.0:
                    if dt != memo_dt or g != memo_g:
                        e_mem, e_syn, j = decays(dt, layout.tau_mem[g], layout.tau_syn[g])
                        memo_dt, memo_g = dt, g
                    lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / layout.tau_syn[g])
                    lambda_v[s] *= e_mem
                    at[s] = now
                l_v += lambda_v[s]
                l_i += lambda_i[s]
            n = w + s - start
            moved = layout.weights[n] * (l_v - l_i)
            if has_points and point[s] > first_point[s] and sources.point_event[point[s] - 1] == e - e0:
                point[s] -= 1  # a kink maximum: V at the arrival moves along the rise before it
                moved += sources.point_kink[point[s]]
                lambda_v[s] -= sources.point_slope[point[s]] / layout.tau_mem[g]
                at[s] = now
            gradient[n] -= layout.tau_syn[g] * l_i
            collected += moved
            if has_delays:
                d_delay[n] += moved
        if layout.from_input[p]:
            d_input[source] += collected
        else:
            d_spike[source] += collected
    return DONE, 0


@njit(cache=True)
def resolved(layout, s, slope):
    """False if rounding decides whether the spike of slot `s` with ``tau_mem Vdot = slope`` exists.

    A peak of V that exceeds v_th by less than about 4 EPS of the numbers it is computed from, hence
    ``slope^2 < 8 EPS v_scale v_th tau_mem / tau_syn``: Vdot has no correct digit.
    """
    g = layout.group[s]
    size = math.sqrt(layout.v_scale[s]) * math.sqrt(max(layout.v_th[s], 0.0))
    return slope > UNRESOLVED * math.sqrt(layout.tau_mem[g] / layout.tau_syn[g]) * size


@njit(cache=True)
def _impulses(layout, s, now, lambda_v, lambda_i, at, sources, first_point, point):
    """Take slot `s` back through its points later than `now`."""
    g = layout.group[s]
    while point[s] > first_point[s] and sources.point_time[point[s] - 1] > now:
        point[s] -= 1
        time = sources.point_time[point[s]]
        if lambda_v[s] != 0.0 or lambda_i[s] != 0.0:
            e_mem, e_syn, j = decays(at[s] - time, layout.tau_mem[g], layout.tau_syn[g])
            lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / layout.tau_syn[g])
            lambda_v[s] *= e_mem
        lambda_v[s] -= sources.point_slope[point[s]] / layout.tau_mem[g]
        at[s] = time
