"""One component of one sample backward where arrivals reach single neurons: each is taken back by its own steps.

Mirrors `forward.sparse`. Loops: arrivals, last one first; before each the spikes that came after it; at each the
synapses of its row. A neuron stands where its last event left it, `Adjoint.t_lambda`. The states of all targets of a
row are read before any is worked on, so that the processor waits for many of them at a time, and the row is fetched
while those before it are worked on. Working memory: see the names of its rows.
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner, once
from spikeproof.dynamics.equations import adjoint_propagator, d_arrival, d_weight, rewind
from spikeproof.event.kernels.backward.spikes import pass_releases, pass_spike
from spikeproof.event.kernels.backward.voltage_terms import add_drive, has_point, pass_kink, pass_points
from spikeproof.event.kernels.core.look_ahead import AHEAD, FAR, FROM, fetch, fetch_start
from spikeproof.event.kernels.core.releases import releases_of_block
from spikeproof.event.kernels.core.tables import (
    FROM_INPUT,
    GROUP,
    MEM,
    POST_START,
    RUNS,
    SIZES,
    SPARSE,
    SYN,
    UNLISTED,
)
from spikeproof.event.kernels.core.tape import DONE, GRAZING

LAMBDA_V, LAMBDA_I, DT, TAU_MEM, TAU_SYN = range(5)  # rows of working memory, by synapse of a row
D_TIME = DT  # once the interval is over


@inner
def replay_sparse(layout, c, block, tape, adjoint, cotangents, sample, out, work):
    """Last event first; returns status and, when grazing, the spike. See `backward.adjoint`."""
    a0, k0, k = tape.arrival_start[block], tape.spike_start[block], tape.spike_stop[block] - 1
    pointed, q0, q = False, 0, -1
    if cotangents is not None:
        pointed = len(cotangents.point_offset) > 1
        q0, q = releases_of_block(cotangents.release, block)
    own, ahead = _time_constants(layout, c, work.rows), len(layout.target) > FROM
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
        if ahead and m > AHEAD:
            fetch_start(layout.row_offset, tape.arrival_row, max(a - FAR, a0))
            _fetch_row(layout, tape, a - AHEAD, out)
        p, w, stop = tape.arrival_projection[a], _first(layout, tape, a), _first(layout, tape, a, 1)
        _rewind_row(layout, p, w, stop, tape.arrival_time[a], adjoint, cotangents, pointed, sample, own, work.rows)
        d_time = _take_row(layout, p, w, stop, m - 1, adjoint, cotangents, pointed, out, work.rows)
        if layout.projection[FROM_INPUT, p]:
            out.d_input[tape.arrival_source[a]] += d_time
        else:
            out.d_spike[tape.arrival_source[a]] += d_time
    return DONE, 0


@once
def _time_constants(layout, c, rows):
    """True if neurons of component `c` have time constants of their own; else these are written, for any row."""
    run = layout.component[RUNS, c]
    if layout.component[RUNS, c + 1] - run > 1:
        return True
    g = layout.number[GROUP, layout.run_start[run]]
    for q in range(layout.component[SIZES, c]):
        rows[TAU_MEM, q], rows[TAU_SYN, q] = layout.time[MEM, g], layout.time[SYN, g]
    return False


@inner
def _first(layout, tape, a, after=0):
    """The first synapse of the row of arrival `a`, or of the row after it."""
    return layout.row_offset[tape.arrival_row[a] + after]


@once
def _fetch_row(layout, tape, a, out):
    """Have the row of arrival `a` come from memory."""
    p, w, stop = tape.arrival_projection[a], _first(layout, tape, a), _first(layout, tape, a, 1)
    if layout.projection[SPARSE, p]:
        first = w - layout.projection[UNLISTED, p]
        fetch(layout.target, first, first + stop - w)
    fetch(layout.weights, w, stop)
    fetch(out.weights, w, stop)
    if len(out.delays) > 0:
        fetch(out.delays, w, stop)


@inner
def _listed(projection, p, w):
    """Whether targets of projection `p` are listed, and where those of the row from synapse `w` on are, or start."""
    if projection[SPARSE, p]:
        return True, w - projection[UNLISTED, p]
    return False, projection[POST_START, p]


@inlined
def _slot(target, listed, first, q):
    """Slot that synapse `q` of a row reaches; see `_listed`."""
    return target[first + q] if listed else first + q


@once
def _rewind_row(layout, p, w, stop, now, adjoint, cotangents, pointed, sample, own, rows):
    """Take the targets of synapses w .. stop back to the arrival, and leave their states in working memory as well."""
    group, tau_mem, tau_syn, target = layout.number[GROUP], layout.time[MEM], layout.time[SYN], layout.target
    lambda_v, lambda_i, t_lambda, (listed, first) = (
        adjoint.lambda_v, adjoint.lambda_i, adjoint.t_lambda, _listed(layout.projection, p, w)
    )  # fmt: skip
    if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
        if pointed:
            for q in range(stop - w):
                s = _slot(target, listed, first, q)
                if has_point(s, now, adjoint, cotangents):
                    pass_points(s, now, tau_mem[group[s]], tau_syn[group[s]], adjoint, cotangents, sample)
    for q in range(stop - w):
        s = _slot(target, listed, first, q)
        rows[LAMBDA_V, q], rows[LAMBDA_I, q], rows[DT, q] = lambda_v[s], lambda_i[s], t_lambda[s] - now
    for q in range(stop - w if own else 0):
        g = group[_slot(target, listed, first, q)]
        rows[TAU_MEM, q], rows[TAU_SYN, q] = tau_mem[g], tau_syn[g]
    _rewind(rows[LAMBDA_V], rows[LAMBDA_I], rows[DT], rows[TAU_MEM], rows[TAU_SYN], stop - w)
    for q in range(stop - w):
        s = _slot(target, listed, first, q)
        lambda_v[s], lambda_i[s] = rows[LAMBDA_V, q], rows[LAMBDA_I, q]
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if len(cotangents.rate) > 0:
                g = group[s]
                add_drive(cotangents, sample, s, now, t_lambda[s] - now, tau_mem[g], tau_syn[g], adjoint)
                rows[LAMBDA_V, q], rows[LAMBDA_I, q] = lambda_v[s], lambda_i[s]
        t_lambda[s] = now


@inner
def _rewind(lambda_v, lambda_i, dt, tau_mem, tau_syn, n):
    for q in range(n):
        e_mem, e_syn, gain = adjoint_propagator(dt[q], tau_mem[q], tau_syn[q])
        lambda_v[q], lambda_i[q] = rewind(lambda_v[q], lambda_i[q], e_mem, e_syn, gain)


@once
def _take_row(layout, p, w, stop, arrival, adjoint, cotangents, pointed, out, rows):
    """Gradients of synapses w .. stop from one arrival; returns that of its time."""
    _derivatives(
        layout.weights[w:stop], rows[LAMBDA_V], rows[LAMBDA_I], rows[TAU_SYN], out.weights[w:stop], rows[D_TIME]
    )
    if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
        if pointed:
            listed, first = _listed(layout.projection, p, w)
            for q in range(stop - w):
                s = _slot(layout.target, listed, first, q)
                tau_mem = layout.time[MEM, layout.number[GROUP, s]]
                rows[D_TIME, q] += pass_kink(s, arrival, tau_mem, adjoint, cotangents)
    d_time, with_delays = 0.0, len(out.delays) > 0
    for q in range(stop - w):
        d_time += rows[D_TIME, q]
        if with_delays:
            out.delays[w + q] += rows[D_TIME, q]
    return d_time


@inner
def _derivatives(weights, lambda_v, lambda_i, tau_syn, gradient, d_time):
    """Gradients of a row of weights, and the derivative of each target's arrival."""
    for q in range(len(weights)):
        gradient[q] += d_weight(lambda_i[q], tau_syn[q])
        d_time[q] = d_arrival(weights[q], lambda_v[q], lambda_i[q])
