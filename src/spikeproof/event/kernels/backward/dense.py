"""One component of one sample backward where every arrival reaches whole populations: all neurons share their steps.

Mirrors `forward.dense`. Loops: arrivals, last one first; in the interval after each its spikes and the loss's points;
then one step for all neurons, run by run; then the row of weights. All neurons stand at the same time but those that
something happened to within the interval: they are *detached*, go on alone, and join the others at its start. While the
adjoint of few neurons differs from 0, these *living* ones are listed, in the order of slots, and no others are looked
at; it depends on the sample alone how long that is. Working memory: a row each for what is put aside of lambda_v and
lambda_i, the derivative of each target's arrival, and a mark of the detached and the living.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import inlined, inner, once
from spikeproof.dynamics.equations import adjoint_propagator, d_arrival, d_weight, rewind
from spikeproof.event.kernels.backward.spikes import pass_release, pass_spike, release_is_next
from spikeproof.event.kernels.backward.voltage_terms import (
    add_drive_to_all,
    has_point,
    latest_point,
    pass_kink,
    pass_points,
    rewind_to,
)
from spikeproof.event.kernels.core.releases import releases_of_block
from spikeproof.event.kernels.core.tables import FROM_INPUT, GROUP, MEM, POST_START, RUNS, SLOTS, SYN, TAU_SYN
from spikeproof.event.kernels.core.tape import DONE, GRAZING

LAMBDA_V, LAMBDA_I, D_ARRIVAL, MARK = range(4)  # rows of the working memory
FEW = 16  # neurons, or synapses of a row, whose loops are not worth a vector
SHARE = 8  # neurons for each living one, from which on the others are left out
LIVES, DETACHED = 1.0, 2.0  # marks, and their sum


@inner
def replay_dense(layout, c, block, duration, tape, adjoint, cotangents, sample, out, work):
    """Last event first; returns status and, when grazing, the spike. See `backward.adjoint`."""
    lo, hi = layout.component[SLOTS, c], layout.component[SLOTS, c + 1]
    a0, a1, k0 = tape.arrival_start[block], tape.arrival_stop[block], tape.spike_start[block]
    k, top = tape.spike_stop[block] - 1, a1 - a0
    with_drives, latest, q0, q = False, -1.0, 0, -1
    if cotangents is not None:
        q0, q = releases_of_block(cotangents.release, block)
        with_drives = len(cotangents.rate) > 0
        if len(cotangents.point_offset) > 1:
            latest = latest_point(cotangents, adjoint, lo, hi)
    if latest < 0.0 and not with_drives:
        k = _skip_spikes(k, k0, out)
        if k < k0:
            return DONE, 0
        top = tape.spike_after[k]
        if cotangents is not None:
            q = _skip_releases(q, q0, top, cotangents.release)
    spike_slot, spike_after, arrival_time = tape.spike_slot, tape.spike_after, tape.arrival_time
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    _fill(layout, runs, arrival_time, a0, a1, duration, work.flows, top + 1)
    mark, detached, lambda_v, lambda_i = work.rows[MARK], work.detached, adjoint.lambda_v, adjoint.lambda_i
    n_living, end = hi - lo if with_drives else 0, arrival_time[a0 + top] if a0 + top < a1 else duration
    mark[lo:hi] = 0.0
    for m in range(top, -1, -1):
        begin = arrival_time[a0 + m - 1] if m > 0 else 0.0
        n_detached = np.int64(0)  # what is called is compiled for this type, not for the number 0 as well
        while k >= k0 and spike_after[k] == m:
            s = spike_slot[k]
            if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if q >= q0:  # a call costs as much as some neurons: so many arrays go with it
                    late = tape.spike_time[k]
                    q, n_detached = _free(layout, q, q0, m, late, end, adjoint, cotangents, sample, work, n_detached)
            if cotangents is not None or out.d_spike[k] != 0.0 or lambda_v[s] != 0.0 or lambda_i[s] != 0.0:
                n_detached = _detach(s, end, adjoint.t_lambda, mark, detached, n_detached)
            if not pass_spike(layout, k, tape, adjoint, cotangents, sample, out):
                return GRAZING, k
            k -= 1
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if q >= q0:
                q, n_detached = _free(layout, q, q0, m, -1.0, end, adjoint, cotangents, sample, work, n_detached)
        if m == 0:
            break
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if latest > begin:
                n_detached = _points(layout, lo, hi, begin, end, adjoint, cotangents, sample, work, n_detached)
                latest = latest_point(cotangents, adjoint, lo, hi)
        _step(layout, runs, m, begin, n_detached, n_living, hi - lo, adjoint, cotangents, sample, work)
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if with_drives:
                group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
                add_drive_to_all(cotangents, sample, lo, hi, begin, end - begin, group, tau_mem, tau_syn, adjoint)
        n_living, end = _join(n_detached, n_living, hi - lo, adjoint, work), begin
        if n_living > 0 or latest == begin:
            n_living = _arrival(
                layout, a0 + m - 1, m - 1, latest == begin, n_living, hi - lo, tape, adjoint, cotangents, out, work
            )  # fmt: skip
            if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if latest == begin:
                    latest = latest_point(cotangents, adjoint, lo, hi)
    return DONE, 0


@inner
def _skip_spikes(k, first, out):
    """The last spike, from `k` back to `first`, that something depends on."""
    while k >= first and out.d_spike[k] == 0.0:
        out.jumps[k] = 0.0
        k -= 1
    return k


@inner
def _skip_releases(q, first, top, release):
    """The last release, from `q` back to `first`, after at most `top` arrivals: later ones find lambda still 0."""
    while q >= first and release.after[q] > top:
        q -= 1
    return q


@inlined
def _detach(s, end, t_lambda, mark, detached, n):
    """List slot `s`, which stood at `end` with all the others, once."""
    if mark[s] >= DETACHED:
        return n
    mark[s] += DETACHED
    detached[n], t_lambda[s] = s, end
    return n + 1


@inner
def _enlist(s, mark, living, n, size):
    """Put slot `s` among the `n` living ones, in order; returns their number, or that of all, `size`, from many on."""
    if mark[s] == LIVES:
        return n
    if size <= FEW or SHARE * (n + 1) > size:
        return size
    mark[s] = LIVES
    q = n
    while q > 0 and living[q - 1] > s:
        living[q] = living[q - 1]
        q -= 1
    living[q] = s
    return n + 1


@inner
def _free(layout, q, first, m, later_than, end, adjoint, cotangents, sample, work, n_detached):
    """Take neurons back through their releases in an interval that are later than a time.

    Returns the next release, counted from `first` on, and how many neurons are detached.
    """
    while release_is_next(cotangents.release, q, first, m, later_than):
        s = cotangents.release.slot[q]
        n_detached = _detach(s, end, adjoint.t_lambda, work.rows[MARK], work.detached, n_detached)
        pass_release(layout, q, adjoint, cotangents, sample)
        q -= 1
    return q, n_detached


@once
def _points(layout, lo, hi, begin, end, adjoint, cotangents, sample, work, n_detached):
    """Take the neurons that have points after `begin` back to it through these; returns how many are detached."""
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
    for s in range(lo, hi):
        if has_point(s, begin, adjoint, cotangents):
            g = group[s]
            n_detached = _detach(s, end, adjoint.t_lambda, work.rows[MARK], work.detached, n_detached)
            pass_points(s, begin, tau_mem[g], tau_syn[g], adjoint, cotangents, sample)
    return n_detached


@once
def _step(layout, runs, m, begin, n_detached, n_living, size, adjoint, cotangents, sample, work):
    """Take the detached neurons to the start of the interval and put them aside; take all others there in one step."""
    group, tau_mem, tau_syn = layout.number[GROUP], layout.time[MEM], layout.time[SYN]
    lambda_v, lambda_i, flows = adjoint.lambda_v, adjoint.lambda_i, work.flows
    for q in range(n_detached):
        s = work.detached[q]
        g = group[s]
        rewind_to(s, begin, tau_mem[g], tau_syn[g], adjoint, cotangents, sample)
        work.rows[LAMBDA_V, q], work.rows[LAMBDA_I, q] = lambda_v[s], lambda_i[s]
    if n_living < size:
        _rewind_living(lambda_v, lambda_i, runs, m, flows, work.living, n_living)
        return
    for r in range(len(runs) - 1):
        e_mem, e_syn, gain = flows[0, r, m], flows[1, r, m], flows[2, r, m]
        if runs[r + 1] - runs[r] > FEW:
            _rewind_run(lambda_v, lambda_i, runs[r], runs[r + 1], e_mem, e_syn, gain)
        else:  # slices would cost more than the step
            for s in range(runs[r], runs[r + 1]):
                lambda_v[s], lambda_i[s] = rewind(lambda_v[s], lambda_i[s], e_mem, e_syn, gain)


@inner
def _rewind_run(lambda_v, lambda_i, start, stop, e_mem, e_syn, gain):
    l_v, l_i = lambda_v[start:stop], lambda_i[start:stop]
    for s in range(stop - start):
        l_v[s], l_i[s] = rewind(l_v[s], l_i[s], e_mem, e_syn, gain)


@once
def _rewind_living(lambda_v, lambda_i, runs, m, flows, living, n):
    r = 0
    for q in range(n):
        s = living[q]
        while s >= runs[r + 1]:
            r += 1
        lambda_v[s], lambda_i[s] = rewind(lambda_v[s], lambda_i[s], flows[0, r, m], flows[1, r, m], flows[2, r, m])


@once
def _join(n_detached, n_living, size, adjoint, work):
    """Put the detached neurons back among the others; returns how many are living.

    What lives is told by its numbers alone: events that nothing depends on make no difference.
    """
    lambda_v, lambda_i, mark = adjoint.lambda_v, adjoint.lambda_i, work.rows[MARK]
    for q in range(n_detached):
        s = work.detached[q]
        lambda_v[s], lambda_i[s] = work.rows[LAMBDA_V, q], work.rows[LAMBDA_I, q]
        mark[s] -= DETACHED
        if n_living < size and (lambda_v[s] != 0.0 or lambda_i[s] != 0.0):
            n_living = _enlist(s, mark, work.living, n_living, size)
    return n_living


@once
def _fill(layout, runs, arrival_time, a0, a1, duration, flows, n):
    """The coefficients of `rewind` over the first `n` intervals between arrivals a0 .. a1, for each run."""
    for r in range(len(runs) - 1):
        g = layout.number[GROUP, runs[r]]
        tau_mem, tau_syn = layout.time[MEM, g], layout.time[SYN, g]
        e_mem, e_syn, gain, begin = flows[0, r], flows[1, r], flows[2, r], 0.0
        for m in range(n):
            end = arrival_time[a0 + m] if a0 + m < a1 else duration
            e_mem[m], begin = end - begin, end
        for m in range(n):
            e_mem[m], e_syn[m], gain[m] = adjoint_propagator(e_mem[m], tau_mem, tau_syn)


@once
def _arrival(layout, a, number, kinked, n_living, size, tape, adjoint, cotangents, out, work):
    """Gradients of a row of weights from arrival `a`, the `number`-th of its block; returns how many are living then.

    They become more where it ends a rise of V.
    """
    p, row, rows = tape.arrival_projection[a], tape.arrival_row[a], work.rows
    w, stop = layout.row_offset[row], layout.row_offset[row + 1]
    start, n, d_time_sum = layout.projection[POST_START, p], stop - w, 0.0
    weights, tau_syn, lambda_v, lambda_i = layout.weights, layout.slot[TAU_SYN], adjoint.lambda_v, adjoint.lambda_i
    if n_living < size and not kinked:
        d_time_sum = _take_living(weights, w, n, lambda_v, lambda_i, tau_syn, start, out, rows, work.living, n_living)
    elif n <= FEW and not kinked:
        for q in range(n):
            l_v, l_i = lambda_v[start + q], lambda_i[start + q]
            out.weights[w + q] += d_weight(l_i, tau_syn[start + q])
            d_time_sum += d_arrival(weights[w + q], l_v, l_i)
        for q in range(n if len(out.delays) else 0):
            out.delays[w + q] += d_arrival(weights[w + q], lambda_v[start + q], lambda_i[start + q])
    else:
        _take_row(weights, w, n, lambda_v, lambda_i, tau_syn, start, out.weights, rows)
        if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if kinked:
                for s in range(start, start + n):
                    before = adjoint.point[s]
                    tau_mem = layout.time[MEM, layout.number[GROUP, s]]
                    rows[D_ARRIVAL, s - start] += pass_kink(s, number, tau_mem, adjoint, cotangents)
                    if n_living < size and adjoint.point[s] != before:
                        n_living = _enlist(s, rows[MARK], work.living, n_living, size)
        for q in range(n if len(out.delays) else 0):
            out.delays[w + q] += rows[D_ARRIVAL, q]
        d_time_sum = _sum(rows, n)
    if layout.projection[FROM_INPUT, p]:
        out.d_input[tape.arrival_source[a]] += d_time_sum
    else:
        out.d_spike[tape.arrival_source[a]] += d_time_sum
    return n_living


@once
def _take_living(weights, w, n, lambda_v, lambda_i, tau_syn, start, out, rows, living, n_living):
    """Gradients of the weights of a row to the living neurons; returns the derivative of the arrival's time."""
    found = np.int64(0)
    for m in range(n_living):
        s = living[m]
        q = w + s - start
        if w <= q < w + n:
            l_v, l_i = lambda_v[s], lambda_i[s]
            out.weights[q] += d_weight(l_i, tau_syn[s])
            d_time = d_arrival(weights[q], l_v, l_i)
            rows[D_ARRIVAL, found] = d_time
            found += 1
            if len(out.delays):
                out.delays[q] += d_time
    return _sum(rows, found)


@inner
def _take_row(weights, w, n, lambda_v, lambda_i, tau_syn_of, start, gradient, rows):
    """Gradients of a row of `n` weights from `w` on to slot `start` on, and the derivative of each target's arrival."""
    row, l_v, l_i = weights[w : w + n], lambda_v[start : start + n], lambda_i[start : start + n]
    tau_syn, d_row, d_time = tau_syn_of[start : start + n], gradient[w : w + n], rows[D_ARRIVAL, :n]
    for q in range(n):
        d_row[q] += d_weight(l_i[q], tau_syn[q])
        d_time[q] = d_arrival(row[q], l_v[q], l_i[q])


@inner
def _sum(rows, n):
    """Sum of the first `n` derivatives of arrivals, in halves: a fixed order that becomes vector instructions.

    They are overwritten.
    """
    while n > 8:
        half = (n + 1) // 2
        low, high = rows[D_ARRIVAL, :half], rows[D_ARRIVAL, half:n]
        for m in range(n - half):
            low[m] += high[m]
        n = half
    total = 0.0
    for m in range(n):
        total += rows[D_ARRIVAL, m]
    return total
