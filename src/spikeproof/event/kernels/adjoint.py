"""Backward pass: the tape replayed exactly reversed. Between events, with ' = -d/dt.

::

    tau_mem lambda_v' = -lambda_v        tau_syn lambda_i' = -lambda_i + lambda_v

Wunderlich and Pehle (2021), Table 2; the notes' eqs. 32, 52 to 56.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from spikeproof.event.kernels.arrivals import weight_row
from spikeproof.event.kernels.flow import EPS, decays
from spikeproof.event.kernels.tape import DONE, GRAZING, SPIKE

# A peak of V that exceeds v_th by less than about 4 EPS v_th, hence (tau_mem Vdot)^2 < 8 EPS v_th^2 tau_mem / tau_syn:
# rounding decides whether there is a spike, and Vdot has no correct digit.
UNRESOLVED = math.sqrt(8.0 * EPS)


@njit(cache=True, nogil=True)
def adjoint(layout, times, channels, offsets, first, bounds, tape, d_spike, d_input, gradient):
    """Gradients of samples bounds[0] .. bounds[-1]; returns status and, when grazing, sample and spike.

    `d_spike` holds dl_p/dt of each spike on the tape, collects what its arrivals add, and is left with the jumps
    lambda_v^- - lambda_v^+. `d_input`, shape of `times`, receives the gradient of each input time.
    ``gradient[n]`` receives the weight gradients of the chunk of samples bounds[n] .. bounds[n + 1]: their sum does
    not depend on the number of threads.
    """
    n_slots, n_components = len(layout.neuron), len(layout.internal)
    lambda_v, lambda_i, at = np.zeros(n_slots), np.zeros(n_slots), np.zeros(n_slots)
    for chunk in range(len(bounds) - 1):
        for s in range(bounds[chunk], bounds[chunk + 1]):
            row = s - first
            k0, k1 = tape.spike_offset[row], tape.spike_offset[row + 1]
            part = slice(offsets[s], offsets[s + 1])
            inputs = (times[part], channels[part])
            lambda_v[:], lambda_i[:] = 0.0, 0.0
            for c in range(n_components - 1, -1, -1):
                status, k = _replay(
                    layout, inputs, tape, row * n_components + c, k0, lambda_v, lambda_i, at,
                    d_spike[k0:k1], d_input[part], gradient[chunk],
                )  # fmt: skip
                if status != DONE:
                    return status, s, k
    return DONE, 0, 0


@njit(cache=True)
def _replay(layout, inputs, tape, block, k0, lambda_v, lambda_i, at, d_spike, d_input, gradient):
    """One component of one sample, last event first."""
    e_mem, e_syn, j, memo_dt, memo_g = 1.0, 1.0, 0.0, 0.0, -1  # exponentials of the last interval, often the next
    for e in range(tape.event_offset[block + 1] - 1, tape.event_offset[block] - 1, -1):
        now, p, source = tape.event_time[e], tape.event_projection[e], tape.event_source[e]
        if p == SPIKE:
            s = tape.spike_slot[k0 + source]
            if d_spike[source] == 0.0 and lambda_v[s] == 0.0 and lambda_i[s] == 0.0:
                continue
            g = layout.group[s]
            if lambda_v[s] != 0.0 or lambda_i[s] != 0.0:
                e_mem, e_syn, j = decays(at[s] - now, layout.tau_mem[g], layout.tau_syn[g])
                memo_dt, memo_g = at[s] - now, g
                lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / layout.tau_syn[g])
                lambda_v[s] *= e_mem
            slope = tape.spike_slope[k0 + source]  # tau_mem Vdot^-
            v_th = layout.v_th[s]
            if not slope > UNRESOLVED * math.sqrt(layout.tau_mem[g] / layout.tau_syn[g]) * v_th:
                return GRAZING, source
            jump = ((v_th - layout.v_reset[s]) * lambda_v[s] + d_spike[source]) / slope
            lambda_v[s] += jump
            d_spike[source] = jump
            at[s] = now
            continue
        pre = inputs[1][source] if layout.from_input[p] else tape.spike_slot[k0 + source]
        w = weight_row(layout, p, pre)
        start, collected = layout.post_start[p], 0.0
        for s in range(start, layout.post_stop[p]):
            if lambda_v[s] == 0.0 and lambda_i[s] == 0.0:
                continue
            dt, g = at[s] - now, layout.group[s]
            if dt != 0.0:
                if dt != memo_dt or g != memo_g:
                    e_mem, e_syn, j = decays(dt, layout.tau_mem[g], layout.tau_syn[g])
                    memo_dt, memo_g = dt, g
                lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / layout.tau_syn[g])
                lambda_v[s] *= e_mem
                at[s] = now
            n = w + s - start
            gradient[n] -= layout.tau_syn[g] * lambda_i[s]
            collected += layout.weights[n] * (lambda_v[s] - lambda_i[s])
        if layout.from_input[p]:
            d_input[source] += collected
        else:
            d_spike[source] += collected
    return DONE, 0
