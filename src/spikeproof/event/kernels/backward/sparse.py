"""One component of one sample backward where arrivals reach single neurons: each is taken back by its own steps.

Mirrors `forward.sparse`. Loops: arrivals, last one first; before each the spikes that came after it; at each the
synapses of its row. A neuron stands where its last event left it, `Adjoint.t_lambda`. Working memory: rows 0 to 2 hold
the intervals of a row of synapses, then their coefficients.
"""

from __future__ import annotations

from spikeproof.compiled import inner, once
from spikeproof.dynamics.equations import adjoint_propagator, d_arrival, d_weight, rewind
from spikeproof.event.kernels.backward.spikes import pass_releases, pass_spike
from spikeproof.event.kernels.backward.voltage_terms import add_drive, pass_kink, pass_points
from spikeproof.event.kernels.core.releases import releases_of_block
from spikeproof.event.kernels.core.tables import FROM_INPUT, GROUP, MEM, POST_START, SPARSE, SYN, UNLISTED
from spikeproof.event.kernels.core.tape import DONE, GRAZING


@inner
def replay_sparse(layout, block, tape, adjoint, cotangents, sample, out, work):
    """Last event first; returns status and, when grazing, the spike. See `backward.adjoint`."""
    a0, k0, k = tape.arrival_start[block], tape.spike_start[block], tape.spike_stop[block] - 1
    pointed, q0, q = False, 0, -1
    if cotangents is not None:
        pointed = len(cotangents.point_offset) > 1
        q0, q = releases_of_block(cotangents.release, block)
    for m in range(tape.arrival_stop[block] - a0, -1, -1):
        while k >= k0 and tape.spike_after[k] == m:
            if cotangents is not None:
                q = pass_releases(layout, q, q0, m, tape.spike_time[k], adjoint, cotangents, sample)
            if not pass_spike(layout, k, tape, adjoint, cotangents, sample, out):
                return GRAZING, k
            k -= 1
        if cotangents is not None:
            q = pass_releases(layout, q, q0, m, -1.0, adjoint, cotangents, sample)
        if m == 0:
            break
        a = a0 + m - 1
        p, w, stop = tape.arrival_projection[a], _first(layout, tape, a), _first(layout, tape, a, 1)
        _rewind_row(layout, p, w, stop, tape.arrival_time[a], adjoint, cotangents, pointed, sample, work.rows)
        d_time = _take_row(layout, p, w, stop, m - 1, adjoint, cotangents, pointed, out)
        if layout.projection[FROM_INPUT, p]:
            out.d_input[tape.arrival_source[a]] += d_time
        else:
            out.d_spike[tape.arrival_source[a]] += d_time
    return DONE, 0


@inner
def _first(layout, tape, a, after=0):
    """The first synapse of the row of arrival `a`, or of the row after it."""
    return layout.row_offset[tape.arrival_row[a] + after]


@inner
def _slot(layout, p, w, n):
    """Slot that synapse `n` of a row from `w` on reaches."""
    if layout.projection[SPARSE, p]:
        return layout.target[n - layout.projection[UNLISTED, p]]
    return layout.projection[POST_START, p] + n - w


@once
def _rewind_row(layout, p, w, stop, now, adjoint, cotangents, pointed, sample, rows):
    """Take the targets of synapses w .. stop back to the arrival."""
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
    lambda_v, lambda_i, t_lambda = adjoint.lambda_v, adjoint.lambda_i, adjoint.t_lambda
    for n in range(w, stop):
        s = _slot(layout, p, w, n)
        g = group[s]
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if pointed:
                pass_points(s, now, tau_mem[g], tau_syn[g], adjoint, cotangents, sample)
        rows[0, n - w], rows[1, n - w], rows[2, n - w] = t_lambda[s] - now, tau_mem[g], tau_syn[g]
    _propagators(rows[0], rows[1], rows[2], stop - w)
    for n in range(w, stop):
        s = _slot(layout, p, w, n)
        q = n - w
        lambda_v[s], lambda_i[s] = rewind(lambda_v[s], lambda_i[s], rows[0, q], rows[1, q], rows[2, q])
        if cotangents is not None:
            g = group[s]
            add_drive(cotangents, sample, s, now, t_lambda[s] - now, tau_mem[g], tau_syn[g], adjoint)
        t_lambda[s] = now


@once
def _take_row(layout, p, w, stop, arrival, adjoint, cotangents, pointed, out):
    """Gradients of synapses w .. stop from one arrival; returns that of its time."""
    group, tau_mem, tau_syn, weights = layout.number[GROUP], layout.time[MEM], layout.time[SYN], layout.weights
    with_delays, d_time_sum = len(out.delays) > 0, 0.0
    for n in range(w, stop):
        s = _slot(layout, p, w, n)
        g = group[s]
        d_time = d_arrival(weights[n], adjoint.lambda_v[s], adjoint.lambda_i[s])
        out.weights[n] += d_weight(adjoint.lambda_i[s], tau_syn[g])
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if pointed:
                d_time += pass_kink(s, arrival, tau_mem[g], adjoint, cotangents)
        d_time_sum += d_time
        if with_delays:
            out.delays[n] += d_time
    return d_time_sum


@inner
def _propagators(x, y, z, n):
    """Replace dt, tau_mem and tau_syn by the coefficients of `rewind`."""
    for m in range(n):
        x[m], y[m], z[m] = adjoint_propagator(x[m], y[m], z[m])
