"""One component of one sample backward where every arrival reaches whole populations: all neurons share their steps."""

from __future__ import annotations

from spikeproof.compiled import inlined, part
from spikeproof.event.kernels.flow import decays_inline
from spikeproof.event.kernels.impulses import bring, drive_at, impulses, kink, push_all
from spikeproof.event.kernels.tables import (
    FROM_INPUT,
    GROUP,
    MEM,
    POST_START,
    RESET,
    RUNS,
    SLOTS,
    SYN,
    TAU_SYN,
    THRESHOLD,
    UNRESOLVED,
)
from spikeproof.event.kernels.tape import DONE, GRAZING

LAMBDA_V, LAMBDA_I, MOVED, MARK = range(4)  # rows of the working memory
FEW = 16  # neurons, or synapses of a row, whose loops are not worth a vector


@part
def replay_together(
    layout, c, block, duration, tape, lambda_v, lambda_i, at, sources, sample, first_point, point, d_spike, jumps,
    d_input, gradient, d_delay, work, touched, flows,
):  # fmt: skip
    """Last event first; returns status and, when grazing, the spike. See `adjoint`.

    All neurons stand at the same time but those that something happened to within the interval: they go on alone, and
    join the others at the arrival where it starts.
    """
    lo, hi = layout.component[SLOTS, c], layout.component[SLOTS, c + 1]
    a0, a1, k0 = tape.arrival_start[block], tape.arrival_stop[block], tape.spike_start[block]
    k, top = tape.spike_stop[block] - 1, a1 - a0
    with_drives, latest = False, -1.0
    if sources is not None:
        with_drives = len(sources.rate) > 0
        if len(sources.point_offset) > 1:
            latest = _latest(sources.point_time, lo, hi, first_point, point)
    spike_time, spike_slot = tape.spike_time, tape.spike_slot
    spike_slope, spike_after = tape.spike_slope, tape.spike_after
    if latest < 0.0 and not with_drives:
        while k >= k0 and d_spike[k] == 0.0:
            jumps[k] = 0.0
            k -= 1
        if k < k0:
            return DONE, 0
        top = spike_after[k]
    # a tuple of arrays is dear to look up
    group, tau_mem, tau_syn, tau_syn_of = layout.number[GROUP], layout.time[MEM], layout.time[SYN], layout.slot[TAU_SYN]
    v_th, v_reset, unresolved = layout.slot[THRESHOLD], layout.slot[RESET], layout.slot[UNRESOLVED]
    weights, row_offset = layout.weights, layout.row_offset
    post_start, from_input = layout.projection[POST_START], layout.projection[FROM_INPUT]
    arrival_time, arrival_projection = tape.arrival_time, tape.arrival_projection
    arrival_source, arrival_row = tape.arrival_source, tape.arrival_row
    runs = layout.run_start[layout.component[RUNS, c] : layout.component[RUNS, c + 1] + 1]
    for r in range(len(runs) - 1):
        g = group[runs[r]]
        _fill(arrival_time, a0, a1, duration, tau_mem[g], tau_syn[g], flows[0, r], flows[1, r], flows[2, r], top + 1)
    mark, saved_v, saved_i = work[MARK], work[LAMBDA_V], work[LAMBDA_I]
    alive, end = with_drives, arrival_time[a0 + top] if a0 + top < a1 else duration
    for s in range(lo, hi):
        mark[s] = 0.0
    for m in range(top, -1, -1):
        begin = arrival_time[a0 + m - 1] if m > 0 else 0.0
        n_touched = 0
        while k >= k0 and spike_after[k] == m:
            s, now, drive = spike_slot[k], spike_time[k], 0.0
            g = group[s]
            if sources is not None:
                n_touched = _touch(s, end, at, mark, touched, n_touched)
                if len(sources.point_offset) > 1:
                    impulses(
                        s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample, first_point, point
                    )
                bring(s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample)
                drive = drive_at(sources, sample, s, now)
            jumps[k] = 0.0
            if d_spike[k] != 0.0 or lambda_v[s] != 0.0 or lambda_i[s] != 0.0 or drive != 0.0:
                if not spike_slope[k] > unresolved[s]:
                    return GRAZING, k
                n_touched = _touch(s, end, at, mark, touched, n_touched)
                bring(s, now, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample)
                jumps[k] = ((v_th[s] - v_reset[s]) * (lambda_v[s] + drive) + d_spike[k]) / spike_slope[k]
                lambda_v[s] += jumps[k]
                at[s] = now
            k -= 1
        if m == 0:
            break
        if sources is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if latest > begin:
                for s in range(lo, hi):
                    if point[s] > first_point[s] and sources.point_time[point[s] - 1] > begin:
                        g = group[s]
                        n_touched = _touch(s, end, at, mark, touched, n_touched)
                        impulses(
                            s, begin, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample, first_point,
                            point,
                        )  # fmt: skip
                latest = _latest(sources.point_time, lo, hi, first_point, point)
        for q in range(n_touched):
            s = touched[q]
            g = group[s]
            bring(s, begin, tau_mem[g], tau_syn[g], lambda_v, lambda_i, at, sources, sample)
            saved_v[q], saved_i[q] = lambda_v[s], lambda_i[s]
        for r in range(len(runs) - 1 if alive else 0):
            e_mem, e_syn, gain = flows[0, r, m], flows[1, r, m], flows[2, r, m]
            if runs[r + 1] - runs[r] > FEW:
                _back(lambda_v, lambda_i, runs[r], runs[r + 1], e_mem, e_syn, gain)
            else:  # slices would cost more than the step
                for s in range(runs[r], runs[r + 1]):
                    lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * gain
                    lambda_v[s] *= e_mem
        if sources is not None:  # noqa: SIM102 - numba prunes a branch on None alone
            if with_drives:
                push_all(sources, sample, lo, hi, begin, end - begin, group, tau_mem, tau_syn, lambda_v, lambda_i)
        for q in range(n_touched):
            s = touched[q]
            lambda_v[s], lambda_i[s], mark[s] = saved_v[q], saved_i[q], 0.0
        alive = alive or n_touched > 0
        end = begin
        if not (alive or latest == begin):
            continue
        a = a0 + m - 1
        p, w, stop = arrival_projection[a], row_offset[arrival_row[a]], row_offset[arrival_row[a] + 1]
        start, n, kinked, collected = post_start[p], stop - w, latest == begin, 0.0
        if n <= FEW and not (kinked or len(d_delay)):
            for q in range(n):
                l_v, l_i = lambda_v[start + q], lambda_i[start + q]
                gradient[w + q] -= tau_syn_of[start + q] * l_i
                collected += weights[w + q] * (l_v - l_i)
        else:
            _take_row(weights, w, n, lambda_v, lambda_i, tau_syn_of, start, gradient, work)
            if sources is not None:  # noqa: SIM102 - numba prunes a branch on None alone
                if kinked:
                    for s in range(start, start + n):
                        before = point[s]
                        work[MOVED, s - start] += kink(
                            s, m - 1, tau_mem[group[s]], lambda_v, sources, first_point, point
                        )
                        alive = alive or point[s] != before
                    latest = _latest(sources.point_time, lo, hi, first_point, point)
            if len(d_delay):
                for q in range(n):
                    d_delay[w + q] += work[MOVED, q]
            collected = _sum(work, n)
        if from_input[p]:
            d_input[arrival_source[a]] += collected
        else:
            d_spike[arrival_source[a]] += collected
    return DONE, 0


@part
def _latest(point_time, lo, hi, first_point, point):
    """Time of the last point of these slots that has not been passed, -1 if there is none."""
    latest = -1.0
    for s in range(lo, hi):
        if point[s] > first_point[s]:
            latest = max(latest, point_time[point[s] - 1])
    return latest


@inlined
def _touch(s, end, at, mark, touched, n):
    """List slot `s`, which stood at `end` with all the others, once."""
    if mark[s] != 0.0:
        return n
    mark[s], touched[n], at[s] = 1.0, s, end
    return n + 1


@part
def _fill(arrival_time, a0, a1, duration, tau_mem, tau_syn, e_mem, e_syn, gain, n):
    """The flow over the first `n` intervals between arrivals a0 .. a1."""
    begin = 0.0
    for m in range(n):
        end = arrival_time[a0 + m] if a0 + m < a1 else duration
        e_mem[m], begin = end - begin, end
    for m in range(n):
        e_mem[m], e_syn[m], j = decays_inline(e_mem[m], tau_mem, tau_syn)
        gain[m] = j / tau_syn


@part
def _back(lambda_v, lambda_i, start, stop, e_mem, e_syn, gain):
    l_v, l_i = lambda_v[start:stop], lambda_i[start:stop]
    for s in range(stop - start):
        l_i[s] = l_i[s] * e_syn + l_v[s] * gain
        l_v[s] *= e_mem


@part
def _take_row(weights, w, n, lambda_v, lambda_i, tau_syn_of, start, gradient, work):
    """Gradients of a row of `n` weights from `w` on to slot `start` on, and w (lambda_v - lambda_i) of each synapse."""
    row, l_v, l_i = weights[w : w + n], lambda_v[start : start + n], lambda_i[start : start + n]
    tau_syn, d_row, moved = tau_syn_of[start : start + n], gradient[w : w + n], work[MOVED, :n]
    for q in range(n):
        d_row[q] -= tau_syn[q] * l_i[q]
        moved[q] = row[q] * (l_v[q] - l_i[q])


@part
def _sum(work, n):
    """Sum of the first `n` numbers moved, in halves: a fixed order that becomes vector instructions; uses them up."""
    while n > 8:
        half = (n + 1) // 2
        low, high = work[MOVED, :half], work[MOVED, half:n]
        for m in range(n - half):
            low[m] += high[m]
        n = half
    total = 0.0
    for m in range(n):
        total += work[MOVED, m]
    return total
