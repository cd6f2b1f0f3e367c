"""Gradients of the parameters of single neurons, from lambda_v just before their spikes.

With the events held fixed, V of a neuron between two of its spikes depends on its own parameters alone, and each spike
starts it anew. So each neuron is replayed forward with the derivatives of V and I by its parameters, at fixed times::

    between events   dV, dI follow the derivative of the flow
    spike            dV <- dv_reset
    release          dV <- dV - Vdot^+ dt_ref

and the gradient is the sum of ``-tau_mem lambda_v^- (dV - dv_th)`` over the spikes, since dL/dV just before a spike is
-tau_mem lambda_v^-, and of dL/dV(t) dV(t) over what the loss observes. What follows from a spike that comes earlier or
later is in lambda alone: derivatives of spike times with what arrives held fixed may grow without bound where the
derivatives of the network do not, as through an autapse. Integrals of dV are added up interval by interval: from V at
both ends of the run they would be small differences wherever the run is short against tau_mem. docs/theory.md
(local-gradients).
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.elementary import exp, expm1
from spikeproof.dynamics.equations import advance, propagator_derivatives
from spikeproof.dynamics.flow import decays, early_nested, lasting, nested, ramp
from spikeproof.event.kernels.backward.voltage_terms import two_sum
from spikeproof.event.kernels.core.releases import releases_of_block
from spikeproof.event.kernels.core.synapses import target
from spikeproof.event.kernels.core.tables import GROUP, I_START, MEM, RESET, SYN, THRESHOLD, V_START
from spikeproof.event.kernels.core.tables import T_REF as HOLDING
from spikeproof.neuron_parameters import BIAS, I_INIT, N_PARAMETERS, T_REF, TAU_MEM, TAU_SYN, V_INIT, V_RESET, V_TH

V, I, AT, HELD = range(4)  # noqa: E741 - columns of the state: V, I, the time they refer to, and 1 where V is held
BY_SYN, BY_INIT = N_PARAMETERS, N_PARAMETERS + 1  # dI by tau_syn and by i_init, beside dV by each parameter
N_TANGENTS = N_PARAMETERS + 2
DT, OF_GROUP, E_MEM, E_SYN, GAIN, V_BY_MEM, I_BY_MEM, I_BY_SYN, SYN_BY_SYN, RISE = range(10)  # of an interval
FADE, LASTING, NESTED, RISEN, V_TOTAL_BY_MEM, I_TOTAL_BY_MEM, I_TOTAL_BY_SYN = range(2, 9)  # with a rate


@kernel
def neuron_gradients(layout, duration, first, bounds, tape, sources, before, gradient):
    """Add the gradients of samples bounds[n] .. bounds[n + 1] to ``gradient[n]``, shape (N, 8).

    `before` is what the adjoint pass leaves there: lambda_v just before each spike on the tape.
    """
    n_slots, n_components, n_rates = layout.slot.shape[1], layout.component.shape[1] - 1, len(sources.rate)
    state = np.zeros((n_slots, 4))
    tangent = np.zeros((n_slots, N_TANGENTS))  # dV by parameter, dI by tau_syn and i_init
    memo = np.full((1 + n_rates, 10), -1.0)  # see `_remember`
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]  # to hand on a layout costs time
    point, last_point = np.zeros(n_slots, np.int64), np.zeros(n_slots, np.int64)
    total = np.zeros((n_slots, n_rates, N_PARAMETERS))  # derivatives of the integrals of g V
    lost = np.zeros((n_slots, N_PARAMETERS))  # by rounding in the sums over points, of which there may be 100 000
    for chunk in range(len(bounds) - 1):
        for s in range(bounds[chunk], bounds[chunk + 1]):
            _reset(layout, state, tangent)
            total.fill(0.0)
            for n in range(n_slots if len(sources.point_offset) > 1 else 0):
                point[n] = sources.point_offset[(s - first) * n_slots + n]
                last_point[n] = sources.point_offset[(s - first) * n_slots + n + 1]
            for block in range((s - first) * n_components, (s - first + 1) * n_components):
                _replay(
                    layout, block, duration, tape, sources, before, state, tangent, memo, (point, last_point), total,
                    (gradient[chunk], lost),
                )  # fmt: skip
            for n in range(n_slots):
                if point[n] < last_point[n]:
                    _collect(
                        layout, n, duration, state, tangent, memo, sources, point, last_point, gradient[chunk], lost
                    )
                if n_rates > 0:
                    _flow(n, duration, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, total)
                for r in range(n_rates):
                    if sources.drive[s - first, n, r] != 0.0:
                        for q in range(N_PARAMETERS):
                            gradient[chunk, n, q] += sources.drive[s - first, n, r] * total[n, r, q]
        gradient[chunk] += lost
        lost.fill(0.0)


@inner
def _replay(layout, block, duration, tape, sources, before, state, tangent, memo, points, total, sums):
    """Take the neurons of a block through its spikes, releases and arrivals.

    `points` are the next and the last point of each slot, `sums` the gradient and what it has lost.
    """
    (point, last_point), (gradient, lost) = points, sums
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]  # to hand on a layout costs time
    k, a0, a1 = tape.spike_start[block], tape.arrival_start[block], tape.arrival_stop[block]
    m, last = releases_of_block(sources.release, block)
    for a in range(a0, a1 + 1):
        while k < tape.spike_stop[block] and tape.spike_after[k] == a - a0:
            n, now = tape.spike_slot[k], tape.spike_time[k]
            m = _release_all(layout, m, last, a - a0, now, sources, state, tangent, memo, points, total, sums)
            if point[n] < last_point[n]:
                _collect(layout, n, now, state, tangent, memo, sources, point, last_point, gradient, lost)
            _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, total)
            _spike(layout, n, tape.spike_slope[k], before[k], state, tangent, gradient)
            k += 1
        m = _release_all(layout, m, last, a - a0, duration, sources, state, tangent, memo, points, total, sums)
        if a == a1:
            break
        now, p, row = tape.arrival_time[a], tape.arrival_projection[a], tape.arrival_row[a]
        for w in range(layout.row_offset[row], layout.row_offset[row + 1]):
            weight = layout.weights[w]
            if weight != 0.0:
                n = target(layout, p, row, w)
                if point[n] < last_point[n]:
                    _collect(layout, n, now, state, tangent, memo, sources, point, last_point, gradient, lost)
                _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, total)
                state[n, I] += weight


@inner
def _reset(layout, state, tangent):
    v_init, i_init = layout.slot[V_START], layout.slot[I_START]
    for n in range(len(v_init)):
        for q in range(N_TANGENTS):
            tangent[n, q] = 0.0
        tangent[n, V_INIT] = 1.0
        tangent[n, BY_INIT] = 1.0
        state[n, V], state[n, I], state[n, AT], state[n, HELD] = v_init[n], i_init[n], 0.0, 0.0


@inner
def _release_all(layout, m, last, after, until, sources, state, tangent, memo, points, total, sums):
    """Release the neurons of a block, from release `m` on, that are due after so many arrivals up to a time.

    Returns the next release.
    """
    (point, last_point), (gradient, lost), release = points, sums, sources.release
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
    while m <= last and release.after[m] == after and release.time[m] <= until:
        n, now = release.slot[m], release.time[m]
        if point[n] < last_point[n]:
            _collect(layout, n, now, state, tangent, memo, sources, point, last_point, gradient, lost)
        _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, sources.rate, total)
        tangent[n, T_REF] -= release.drive[m] / tau_mem[group[n]]
        state[n, HELD] = 0.0
        m += 1
    return m


@inner
def _collect(layout, n, now, state, tangent, memo, sources, point, last_point, gradient, lost):
    """Collect the derivatives of the points of neuron `n` up to `now`, each from the last event on.

    From one to the next, the same steps of a quadrature would be rounded the same way up to 100 000 times.
    """
    g = layout.number[GROUP, n]
    tau_mem, tau_syn = layout.time[MEM, g], layout.time[SYN, g]
    while point[n] < last_point[n] and sources.point_time[point[n]] <= now:
        dt, slope = sources.point_time[point[n]] - state[n, AT], sources.point_slope[point[n]]
        if memo[0, DT] != dt or memo[0, OF_GROUP] != g:
            _remember(dt, g, tau_mem, tau_syn, memo)
        for q in range(N_PARAMETERS):
            term = slope * _carried(n, q, state, tangent, memo)
            gradient[n, q], lost[n, q] = two_sum(gradient[n, q], term, lost[n, q])
        point[n] += 1


@inner
def _carried(n, q, state, tangent, memo):
    """The derivative of V by parameter `q` after the interval in the memory."""
    if state[n, HELD] != 0.0:
        return tangent[n, q]
    d_v = tangent[n, q] * memo[0, E_MEM]
    if q == TAU_MEM:
        d_v += state[n, V] * memo[0, V_BY_MEM] + state[n, I] * memo[0, I_BY_MEM]
    elif q == TAU_SYN:
        d_v += tangent[n, BY_SYN] * memo[0, GAIN] + state[n, I] * memo[0, I_BY_SYN]
    elif q == BIAS:
        d_v += memo[0, RISE]
    elif q == I_INIT:
        d_v += tangent[n, BY_INIT] * memo[0, GAIN]
    return d_v


@inner
def _flow(n, now, group, tau_mem, tau_syn, state, tangent, memo, rate, total):
    """Take neuron `n`, its tangents and the integrals of these to `now` without events."""
    dt, g = now - state[n, AT], group[n]
    if dt <= 0.0:
        return
    if memo[0, DT] != dt or memo[0, OF_GROUP] != g:
        _remember(dt, g, tau_mem[g], tau_syn[g], memo)
    if state[n, HELD] != 0.0:
        _hold(n, now, state, tangent, memo, rate, total)
        return
    v, i, d_mem, by_syn, by_init = (
        state[n, V],
        state[n, I],
        tangent[n, TAU_MEM],
        tangent[n, BY_SYN],
        tangent[n, BY_INIT],
    )
    e_mem, e_syn, gain, rise = memo[0, E_MEM], memo[0, E_SYN], memo[0, GAIN], memo[0, RISE]  # before anything is stored
    v_by_mem, i_by_mem, i_by_syn, syn_by_syn = (
        memo[0, V_BY_MEM], memo[0, I_BY_MEM], memo[0, I_BY_SYN], memo[0, SYN_BY_SYN]
    )  # fmt: skip
    v_next, i_next = advance(v, i, e_mem, e_syn, gain)
    d_mem_next = d_mem * e_mem + (v * v_by_mem + i * i_by_mem)
    for r in range(len(rate)):
        if memo[1 + r, DT] != dt or memo[1 + r, OF_GROUP] != g:
            _remember_rate(dt, g, tau_mem[g], tau_syn[g], rate[r], memo[1 + r])
        of_rate, fade = memo[1 + r], exp(-rate[r] * state[n, AT])
        for q in range(N_PARAMETERS):
            if q != TAU_MEM:
                total[n, r, q] += fade * tangent[n, q] * of_rate[LASTING]
        total[n, r, BIAS] += fade * of_rate[RISEN]
        total[n, r, I_INIT] += fade * by_init * of_rate[NESTED]
        total[n, r, TAU_SYN] += fade * (by_syn * of_rate[NESTED] + i * of_rate[I_TOTAL_BY_SYN])
        total[n, r, TAU_MEM] += fade * _change(v, i, d_mem, v_next, d_mem_next, dt, tau_mem[g], rate[r], of_rate)
    for q in range(N_PARAMETERS):  # as in `_carried`, which asks each time which one it is
        tangent[n, q] *= e_mem
    tangent[n, TAU_MEM] = d_mem_next
    tangent[n, TAU_SYN] += by_syn * gain + i * i_by_syn
    tangent[n, BIAS] += rise
    tangent[n, I_INIT] += by_init * gain
    tangent[n, BY_SYN], tangent[n, BY_INIT] = by_syn * e_syn + i * syn_by_syn, by_init * e_syn
    state[n, V], state[n, I], state[n, AT] = v_next, i_next, now


@inner
def _hold(n, now, state, tangent, memo, rate, total):
    """`_flow` of a held neuron: its V, and the derivative of that, stay what they are."""
    i, e_syn, dt = state[n, I], memo[0, E_SYN], now - state[n, AT]
    for r in range(len(rate)):
        total[n, r, V_RESET] += exp(-rate[r] * state[n, AT]) * lasting(rate[r], dt)
    tangent[n, BY_SYN] = tangent[n, BY_SYN] * e_syn + i * memo[0, SYN_BY_SYN]
    tangent[n, BY_INIT] *= e_syn
    state[n, I], state[n, AT] = i * e_syn, now


@inner
def _change(v, i, d_mem, v_next, d_mem_next, dt, tau_mem, rate, of_rate):
    """The integral over an interval of ``exp(-rate u)`` times dV by tau_mem.

    Over a long interval in which this factor hardly falls it is nearly 0, since the charge that has come in decides:
    there it is taken by parts, which is a small difference elsewhere.
    """
    over_mem = 1.0 + rate * tau_mem
    if dt < tau_mem or over_mem > 2.0:
        return d_mem * of_rate[LASTING] + v * of_rate[V_TOTAL_BY_MEM] + i * of_rate[I_TOTAL_BY_MEM]
    whole = v * of_rate[LASTING] + i * of_rate[NESTED]
    return (v - of_rate[FADE] * v_next + tau_mem * (d_mem - of_rate[FADE] * d_mem_next) - rate * whole) / over_mem


@inner
def _remember(dt, g, tau_mem, tau_syn, memo):
    """The flow over `dt` and its derivatives: the next neuron often has the same interval.

    V <- V e_mem + I k, I <- I e_syn; then dV/dtau_mem per V and per I, dV/dtau_syn per I, dI/dtau_syn per I, and what a
    unit of bias adds to V.
    """
    e_mem, e_syn, j = decays(dt, tau_mem, tau_syn)
    memo[0, DT], memo[0, OF_GROUP], memo[0, E_MEM], memo[0, E_SYN], memo[0, GAIN] = dt, g, e_mem, e_syn, j / tau_mem
    memo[0, V_BY_MEM], memo[0, I_BY_MEM], memo[0, I_BY_SYN], memo[0, SYN_BY_SYN] = propagator_derivatives(
        dt, tau_mem, tau_syn, e_mem, e_syn, j
    )
    memo[0, RISE] = -expm1(-dt / tau_mem)


@inner
def _remember_rate(dt, g, tau_mem, tau_syn, rate, of_rate):
    """Integrals over `dt` with ``exp(-rate u)``.

    They are ``exp(-rate dt)``; the integrals of V, per V, per I and per bias; and the derivatives of these by tau_mem,
    per V and per I, and by tau_syn, per I.
    """
    a, b = rate + 1.0 / tau_syn, rate + 1.0 / tau_mem
    of_rate[DT], of_rate[OF_GROUP], of_rate[FADE], of_rate[LASTING] = dt, g, exp(-rate * dt), lasting(b, dt)
    of_rate[NESTED] = nested(a, b, dt) / tau_mem
    of_rate[RISEN] = nested(rate, b, dt) / tau_mem
    of_rate[V_TOTAL_BY_MEM] = (dt / tau_mem) * (dt / tau_mem) * ramp(-b * dt, 1.0, exp(-b * dt))
    of_rate[I_TOTAL_BY_MEM] = (early_nested(b, a, dt) / tau_mem / tau_mem - of_rate[NESTED]) / tau_mem
    of_rate[I_TOTAL_BY_SYN] = early_nested(a, b, dt) / tau_mem / tau_syn / tau_syn


@inner
def _spike(layout, n, slope, before, state, tangent, gradient):
    """Collect what the parameters of neuron `n` do to its spike, and start V anew.

    `slope` is tau_mem Vdot^-, `before` lambda_v^-. A neuron that is not held is released at once.
    """
    tau_mem, held = layout.time[MEM, layout.number[GROUP, n]], layout.slot[HOLDING, n] > 0.0
    height = layout.slot[THRESHOLD, n] - layout.slot[RESET, n]
    for q in range(N_PARAMETERS):
        gradient[n, q] -= tau_mem * before * tangent[n, q]
        tangent[n, q] = 0.0
    gradient[n, V_TH] += tau_mem * before
    tangent[n, V_RESET], tangent[n, T_REF] = 1.0, 0.0 if held else -(slope + height) / tau_mem
    state[n, V], state[n, HELD] = layout.slot[RESET, n], 1.0 if held else 0.0
