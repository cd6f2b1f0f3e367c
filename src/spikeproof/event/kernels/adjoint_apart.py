"""One component of one sample backward where arrivals reach single neurons: each is taken back by its own steps."""

from __future__ import annotations

from spikeproof.compiled import part
from spikeproof.event.kernels.flow import decays_inline
from spikeproof.event.kernels.impulses import bring, drive_at, impulses, kink, push
from spikeproof.event.kernels.tables import (
    FROM_INPUT,
    GROUP,
    MEM,
    POST_START,
    RESET,
    SPARSE,
    SYN,
    THRESHOLD,
    UNLISTED,
    UNRESOLVED,
)
from spikeproof.event.kernels.tape import DONE, GRAZING


@part
def replay_apart(
    layout, block, tape, lambda_v, lambda_i, at, sources, sample, first_point, point, d_spike, jumps, d_input,
    gradient, d_delay, work,
):  # fmt: skip
    """Last event first; returns status and, when grazing, the spike. See `adjoint`."""
    a0, k0, k = tape.arrival_start[block], tape.spike_start[block], tape.spike_stop[block] - 1
    with_delays, pointed = len(d_delay) > 0, False
    if sources is not None:
        pointed = len(sources.point_offset) > 1
    spike_time, spike_slot, spike_slope, spike_after = (
        tape.spike_time,
        tape.spike_slot,
        tape.spike_slope,
        tape.spike_after,
    )
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
    v_th, v_reset, unresolved = layout.slot[THRESHOLD], layout.slot[RESET], layout.slot[UNRESOLVED]
    from_input, post_start, sparse = (
        layout.projection[FROM_INPUT], layout.projection[POST_START], layout.projection[SPARSE]
    )  # fmt: skip
    weights, row_offset, listed, unlisted = (
        layout.weights, layout.row_offset, layout.target, layout.projection[UNLISTED]
    )  # fmt: skip
    arrival_time, arrival_projection = tape.arrival_time, tape.arrival_projection
    arrival_source, arrival_row = tape.arrival_source, tape.arrival_row
    for m in range(tape.arrival_stop[block] - a0, -1, -1):
        while k >= k0 and spike_after[k] == m:
            s, now, drive = spike_slot[k], spike_time[k], 0.0
            g = group[s]
            if sources is not None:
                if pointed:
                    impulses(
                        s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample, first_point, point
                    )
                bring(s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample)
                drive = drive_at(sources, sample, s, now)
            jumps[k] = 0.0
            if d_spike[k] != 0.0 or lambda_v[s] != 0.0 or lambda_i[s] != 0.0 or drive != 0.0:
                if not spike_slope[k] > unresolved[s]:
                    return GRAZING, k
                bring(s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample)
                jumps[k] = ((v_th[s] - v_reset[s]) * (lambda_v[s] + drive) + d_spike[k]) / spike_slope[k]
                lambda_v[s] += jumps[k]
            k -= 1
        if m == 0:
            break
        a = a0 + m - 1
        now, p = arrival_time[a], arrival_projection[a]
        w, stop = row_offset[arrival_row[a]], row_offset[arrival_row[a] + 1]
        collected = 0.0
        for n in range(w, stop):
            s = listed[n - unlisted[p]] if sparse[p] else post_start[p] + n - w
            g = group[s]
            if sources is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if pointed:
                    impulses(
                        s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample, first_point, point
                    )
            work[0, n - w], work[1, n - w], work[2, n - w] = at[s] - now, tau_mem[g], tau_syn[g]
        _flow(work[0], work[1], work[2], stop - w)
        for n in range(w, stop):
            s = listed[n - unlisted[p]] if sparse[p] else post_start[p] + n - w
            g = group[s]
            lambda_i[s] = lambda_i[s] * work[1, n - w] + lambda_v[s] * work[2, n - w]
            lambda_v[s] *= work[0, n - w]
            if sources is not None:
                push(sources, sample, s, now, at[s] - now, tau_mem[g], tau_syn[g], lambda_v, lambda_i)
            at[s] = now
            moved = weights[n] * (lambda_v[s] - lambda_i[s])
            gradient[n] -= tau_syn[g] * lambda_i[s]
            if sources is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if pointed:
                    moved += kink(s, m - 1, tau_mem[g], lambda_v, sources, first_point, point)
            collected += moved
            if with_delays:
                d_delay[n] += moved
        if from_input[p]:
            d_input[arrival_source[a]] += collected
        else:
            d_spike[arrival_source[a]] += collected
    return DONE, 0


@part
def _flow(x, y, z, n):
    """Replace dt, tau_mem and tau_syn by the coefficients of the flow."""
    for m in range(n):
        tau_syn = z[m]
        e_mem, e_syn, j = decays_inline(x[m], y[m], tau_syn)
        x[m], y[m], z[m] = e_mem, e_syn, j / tau_syn
