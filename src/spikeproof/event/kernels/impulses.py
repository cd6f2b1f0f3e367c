"""What happens to the adjoint variables of a single neuron: what the loss sees of its V, and the time between."""

from __future__ import annotations

from spikeproof.compiled import inlined, part
from spikeproof.event.kernels.elementary import exp
from spikeproof.event.kernels.flow import decays, lasting, nested


@part
def drive_at(sources, sample, s, now):
    """dl_V/dV of slot `s` at `now` by the drives."""
    drive = 0.0
    for r in range(len(sources.rate)):
        if sources.drive[sample, s, r] != 0.0:
            drive += sources.drive[sample, s, r] * exp(-sources.rate[r] * now)
    return drive


@part
def push(sources, sample, s, now, dt, tau_mem, tau_syn, lambda_v, lambda_i):
    """Add what the drives on slot `s` do to it on the way back from ``now + dt`` to `now`.

    With a = 1 / tau_syn + rate, b = 1 / tau_mem + rate a drive c exp(-rate t) adds::

        lambda_v -= c exp(-rate now) / tau_mem int_0^dt exp(-b u) du
        lambda_i -= c exp(-rate now) / (tau_mem tau_syn) int_0^dt exp(-a u) int_0^(dt - u) exp(-b w) dw du
    """
    for r in range(len(sources.rate) if dt > 0.0 else 0):
        if sources.drive[sample, s, r] != 0.0:
            rate = sources.rate[r]
            c = sources.drive[sample, s, r] * exp(-rate * now) / tau_mem
            a, b = 1.0 / tau_syn + rate, 1.0 / tau_mem + rate
            lambda_v[s] -= c * lasting(b, dt)
            lambda_i[s] -= c * (nested(a, b, dt) / tau_syn)


@part
def push_all(sources, sample, first, last, now, dt, group, tau_mem, tau_syn, lambda_v, lambda_i):
    """`push` for slots first .. last; those with the same time constants share the integrals."""
    for r in range(len(sources.rate) if dt > 0.0 else 0):
        rate, g = sources.rate[r], -1
        fade, by_v, by_i = exp(-rate * now), 0.0, 0.0
        for s in range(first, last):
            if sources.drive[sample, s, r] != 0.0:
                if group[s] != g:
                    g = group[s]
                    a, b = 1.0 / tau_syn[g] + rate, 1.0 / tau_mem[g] + rate
                    by_v, by_i = lasting(b, dt), nested(a, b, dt) / tau_syn[g]
                c = sources.drive[sample, s, r] * fade / tau_mem[g]
                lambda_v[s] -= c * by_v
                lambda_i[s] -= c * by_i


@inlined
def bring(s, now, tau_mem, tau_syn, lambda_v, lambda_i, at, sources, sample):
    """Take slot `s` back to `now` without events."""
    dt = at[s] - now
    if at[s] != now and (lambda_v[s] != 0.0 or lambda_i[s] != 0.0):
        e_mem, e_syn, j = decays(dt, tau_mem, tau_syn)
        lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / tau_syn)
        lambda_v[s] *= e_mem
    if sources is not None:
        push(sources, sample, s, now, dt, tau_mem, tau_syn, lambda_v, lambda_i)
    at[s] = now


@part
def impulses(s, now, tau_mem, tau_syn, lambda_v, lambda_i, at, sources, sample, first_point, point):
    """Take slot `s` back to `now` through its points later than that, if it has any.

    Each point is taken back by itself: from one to the next, the same steps of a quadrature would be rounded the same
    way up to 100 000 times. What rounding takes off the sums is kept (Knuth's two-sum).
    """
    if point[s] == first_point[s] or sources.point_time[point[s] - 1] <= now:
        return
    bring(s, now, tau_mem, tau_syn, lambda_v, lambda_i, at, sources, sample)
    sum_v, sum_i, lost_v, lost_i = 0.0, 0.0, 0.0, 0.0
    while point[s] > first_point[s] and sources.point_time[point[s] - 1] > now:
        point[s] -= 1
        e_mem, _, j = decays(sources.point_time[point[s]] - now, tau_mem, tau_syn)
        sum_v, lost_v = two_sum(sum_v, sources.point_slope[point[s]] * e_mem, lost_v)
        sum_i, lost_i = two_sum(sum_i, sources.point_slope[point[s]] * (j / tau_mem), lost_i)
    lambda_v[s] -= (sum_v + lost_v) / tau_mem
    lambda_i[s] -= (sum_i + lost_i) / tau_syn


@part
def two_sum(total, term, lost):
    """``total + term``, and `lost` plus what rounding has taken off it (Knuth)."""
    new = total + term
    kept = new - total
    return new, lost + ((total - (new - kept)) + (term - kept))


@part
def kink(s, arrival, tau_mem, lambda_v, sources, first_point, point):
    """Take slot `s` back through a maximum at arrival number `arrival`, if it has one there.

    V at the arrival moves along the rise before it; returns the derivative with respect to the arrival's time.
    """
    if point[s] == first_point[s] or sources.point_event[point[s] - 1] != arrival:
        return 0.0
    point[s] -= 1
    lambda_v[s] -= sources.point_slope[point[s]] / tau_mem
    return sources.point_kink[point[s]]
