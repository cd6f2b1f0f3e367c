"""Gradients of the parameters of single neurons, from the derivatives that the adjoint pass leaves at their spikes.

With the arrivals at a neuron held fixed, its spike times and potentials depend on its own parameters alone; what its
spikes do to others is already in dL/dt of each of them. So each neuron is replayed forward with the derivatives of V
and I with respect to its parameters, at fixed time::

    between events   dV, dI follow the derivative of the flow
    spike            dt = (dv_th - dV) / Vdot^-        dV <- dv_reset - Vdot^+ dt

and the gradient is the sum of dL/dt_k dt_k over spikes and dL/dV(t) dV(t) over what the loss observes.
"""

from __future__ import annotations

import math

import numpy as np

from spikeproof.compiled import kernel, part
from spikeproof.event.kernels.elementary import exp
from spikeproof.event.kernels.flow import decays, lasting, moments, ramp
from spikeproof.event.kernels.step import target
from spikeproof.event.kernels.tables import GROUP, I_START, MEM, RESET, SYN, THRESHOLD, V_START

TAU_MEM, TAU_SYN, V_TH, V_RESET, BIAS, V_INIT, I_INIT = range(7)
N_PARAMETERS = 7


@kernel
def neuron_gradients(layout, duration, first, bounds, tape, sources, d_spike, gradient):
    """Add the gradients of samples bounds[n] .. bounds[n + 1] to ``gradient[n]``, shape (N, 7).

    `d_spike` is what the adjoint pass leaves there: dL/dt of each spike on the tape, arrivals included.
    """
    n_slots, n_components, n_rates = layout.slot.shape[1], layout.component.shape[1] - 1, len(sources.rate)
    state = np.zeros((n_slots, 3))  # V, I and the time they refer to
    tangent = np.zeros((n_slots, N_PARAMETERS + 2))  # dV by parameter, then dI by tau_syn and i_init
    memo = np.full(9, -1.0)
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]  # a layout is dear to hand on
    point, last_point = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int64)
    charge = np.zeros((n_slots, n_rates, 3))  # integral of g I, and its derivatives by tau_syn and i_init
    resets = np.zeros((n_slots, n_rates, N_PARAMETERS))  # derivative of the sum of g(t) (v_th - v_reset) over spikes
    fallen = np.zeros((n_slots, n_rates))  # that sum
    lost = np.zeros((n_slots, N_PARAMETERS))  # by rounding in the sums over points, of which there may be 100 000
    for chunk in range(len(bounds) - 1):
        for s in range(bounds[chunk], bounds[chunk + 1]):
            _reset(layout, state, tangent)
            charge.fill(0.0)
            resets.fill(0.0)
            fallen.fill(0.0)
            for n in range(n_slots if len(sources.point_offset) > 1 else 0):
                point[n] = sources.point_offset[(s - first) * n_slots + n]
                last_point[n] = sources.point_offset[(s - first) * n_slots + n + 1]
            for block in range((s - first) * n_components, (s - first + 1) * n_components):
                k, a0, a1 = tape.spike_start[block], tape.arrival_start[block], tape.arrival_stop[block]
                for a in range(a0, a1 + 1):
                    while k < tape.spike_stop[block] and tape.spike_after[k] == a - a0:
                        n, now = tape.spike_slot[k], tape.spike_time[k]
                        if point[n] < last_point[n]:
                            _collect(
                                layout, n, now, state, tangent, memo, sources, point, last_point, charge,
                                gradient[chunk], lost,
                            )  # fmt: skip
                        _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, charge)
                        _spike(
                            layout, n, now, tape.spike_slope[k], d_spike[k], tangent, sources, resets, fallen,
                            gradient[chunk],
                        )  # fmt: skip
                        state[n, 0] = layout.slot[RESET, n]
                        k += 1
                    if a == a1:
                        break
                    now, p, row = tape.arrival_time[a], tape.arrival_projection[a], tape.arrival_row[a]
                    for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
                        weight = layout.weights[w]
                        if weight != 0.0:
                            n = target(layout, p, row, w)
                            if point[n] < last_point[n]:
                                _collect(
                                    layout, n, now, state, tangent, memo, sources, point, last_point, charge,
                                    gradient[chunk], lost,
                                )  # fmt: skip
                            _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, charge)
                            state[n, 1] += weight
            for n in range(n_slots):
                if point[n] < last_point[n]:
                    _collect(
                        layout, n, duration, state, tangent, memo, sources, point, last_point, charge, gradient[chunk],
                        lost,
                    )  # fmt: skip
                if n_rates > 0:
                    _flow(n, duration, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, charge)
                for r in range(n_rates):
                    if sources.drive[s - first, n, r] != 0.0:
                        _integral(
                            layout, n, duration, state, tangent, sources.rate[r], sources.drive[s - first, n, r],
                            charge[n, r], fallen[n, r], resets[n, r], gradient[chunk],
                        )  # fmt: skip
        gradient[chunk] += lost
        lost.fill(0.0)


@part
def _reset(layout, state, tangent):
    v_init, i_init = layout.slot[V_START], layout.slot[I_START]
    for n in range(len(v_init)):
        for q in range(N_PARAMETERS + 2):
            tangent[n, q] = 0.0
        tangent[n, V_INIT] = 1.0
        tangent[n, BIAS] = -1.0  # V is measured from the bias, and starts at v_init - bias
        tangent[n, N_PARAMETERS + 1] = 1.0
        state[n, 0], state[n, 1], state[n, 2] = v_init[n], i_init[n], 0.0


@part
def _collect(layout, n, now, state, tangent, memo, sources, point, last_point, charge, gradient, lost):
    """Take neuron `n` past its points up to `now`, and collect their derivatives."""
    while point[n] < last_point[n] and sources.point_time[point[n]] <= now:
        time = sources.point_time[point[n]]
        _flow(
            n, time, layout.number[GROUP], layout.time[MEM], layout.time[SYN], state, tangent, memo, sources.rate,
            charge,
        )  # fmt: skip
        slope = sources.point_slope[point[n]]
        for q in range(N_PARAMETERS):
            _add(gradient, lost, n, q, slope * tangent[n, q])
        _add(gradient, lost, n, BIAS, slope)
        point[n] += 1


@part
def _add(total, lost, n, q, term):
    """Add a term to a sum; what rounding takes off it is kept (Knuth's two-sum)."""
    old = total[n, q]
    new = old + term
    kept = new - old
    lost[n, q] += (old - (new - kept)) + (term - kept)
    total[n, q] = new


@part
def _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, rate, charge):
    dt = now - state[n, 2]
    if dt <= 0.0:
        return
    g = group[n]
    if memo[0] != dt or memo[1] != g:
        _remember(dt, g, tau_mem[g], tau_syn[g], memo)
    e_mem, e_syn, k, v_tau_mem = memo[2], memo[3], memo[4], memo[5]
    i_tau_mem, i_tau_syn, decay_tau_syn = memo[6], memo[7], memo[8]
    v, i = state[n, 0], state[n, 1]
    for r in range(len(rate)):
        g, b = exp(-rate[r] * state[n, 2]), rate[r] + 1.0 / tau_syn[group[n]]
        kept, by_tau_syn = lasting(b, dt), dt * dt * ramp(-b * dt, 1.0, exp(-b * dt)) / tau_syn[group[n]]
        charge[n, r, 0] += g * i * kept
        charge[n, r, 1] += g * (tangent[n, N_PARAMETERS] * kept + i * (by_tau_syn / tau_syn[group[n]]))
        charge[n, r, 2] += g * tangent[n, N_PARAMETERS + 1] * kept
    for q in range(N_PARAMETERS):
        tangent[n, q] *= e_mem
    tangent[n, TAU_MEM] += v * v_tau_mem + i * i_tau_mem
    tangent[n, TAU_SYN] += tangent[n, N_PARAMETERS] * k + i * i_tau_syn
    tangent[n, I_INIT] += tangent[n, N_PARAMETERS + 1] * k
    tangent[n, N_PARAMETERS] = tangent[n, N_PARAMETERS] * e_syn + i * decay_tau_syn
    tangent[n, N_PARAMETERS + 1] *= e_syn
    state[n, 0], state[n, 1], state[n, 2] = v * e_mem + i * k, i * e_syn, now


@part
def _remember(dt, g, tau_mem, tau_syn, memo):
    """The flow over `dt` and its derivatives: the next neuron often has the same interval.

    V <- V e_mem + I k, I <- I e_syn; then dV/dtau_mem per V and per I, dV/dtau_syn per I, dI/dtau_syn per I.
    """
    e_mem, e_syn, j = decays(dt, tau_mem, tau_syn)
    late, early = moments(dt, tau_mem, tau_syn, e_mem, e_syn)
    memo[0], memo[1], memo[2], memo[3], memo[4] = dt, g, e_mem, e_syn, j / tau_mem
    memo[5] = e_mem * (dt / tau_mem) / tau_mem
    memo[6] = ((late / tau_mem - j) / tau_mem) / tau_mem
    memo[7] = (early / tau_mem) / tau_syn / tau_syn
    memo[8] = e_syn * (dt / tau_syn) / tau_syn


@part
def _spike(layout, n, now, slope, d_time, tangent, sources, resets, fallen, gradient):
    """Derivatives of the spike time, and of V after it; `slope` is tau_mem Vdot^-, `d_time` dL/dt."""
    tau_mem = layout.time[MEM, layout.number[GROUP, n]]
    height = layout.slot[THRESHOLD, n] - layout.slot[RESET, n]
    after = (slope + height) / tau_mem
    for q in range(N_PARAMETERS):
        # V - bias is at v_th - bias, then at v_reset - bias
        d_threshold = 1.0 if q == V_TH else (-1.0 if q == BIAS else 0.0)
        d_reset = 1.0 if q == V_RESET else (-1.0 if q == BIAS else 0.0)
        dt = (d_threshold - tangent[n, q]) * (tau_mem / slope) if slope > 0.0 else 0.0
        gradient[n, q] += d_time * dt
        tangent[n, q] = d_reset - after * dt
        for r in range(len(sources.rate)):
            g = exp(-sources.rate[r] * now)
            resets[n, r, q] += g * (d_threshold - d_reset - sources.rate[r] * dt * height)
    for r in range(len(sources.rate)):
        fallen[n, r] += exp(-sources.rate[r] * now) * height


@part
def _integral(layout, n, duration, state, tangent, rate, c, charge, fallen, resets, gradient):
    """Add c dQ of the integral Q of g V, g = exp(-rate t), from V at both ends and the integral of g I.

    Integrating g times the equation of motion of V by parts, with [x] = x(T) g(T) - x(0)::

        (1 + rate tau_mem) Q = int g I - tau_mem ([V] + sum of g (v_th - v_reset) over spikes)

    The integral of g I is a sum over intervals: from I at both ends it would be a small difference for tau_syn >> T.
    """
    tau_mem, end = layout.time[MEM, layout.number[GROUP, n]], exp(-rate * duration)
    over_mem = 1.0 + rate * tau_mem
    change = layout.slot[V_START, n] - end * state[n, 0] - fallen
    q_total = (charge[0] + tau_mem * change) / over_mem
    for q in range(N_PARAMETERS):
        d_change = -end * tangent[n, q] - resets[q]
        if q == V_INIT:
            d_change += 1.0
        elif q == BIAS:
            d_change -= 1.0
        d_q = tau_mem * d_change
        if q == TAU_MEM:
            d_q += change - q_total * rate
        elif q == TAU_SYN:
            d_q += charge[1]
        elif q == I_INIT:
            d_q += charge[2]
        gradient[n, q] += c * d_q / over_mem
    gradient[n, BIAS] += c * (duration if rate == 0.0 else -math.expm1(-rate * duration) / rate)
