"""Changes of one neuron's adjoint variables: by the time between events, and by the loss's observations of its V.

docs/theory.md (adjoint-step), (loss-voltage-at), (loss-integral), (max-kink).
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner
from spikeproof.dynamics.elementary import exp
from spikeproof.dynamics.equations import adjoint_propagator, rewind
from spikeproof.dynamics.flow import decays, lasting, nested


@inner
def drive_at(cotangents, sample, s, now):
    """dl_V/dV of slot `s` at `now` by the drives."""
    drive = 0.0
    for r in range(len(cotangents.rate)):
        if cotangents.drive[sample, s, r] != 0.0:
            drive += cotangents.drive[sample, s, r] * exp(-cotangents.rate[r] * now)
    return drive


@inner
def add_drive(cotangents, sample, s, now, dt, tau_mem, tau_syn, adjoint):
    """Add what the drives on slot `s` do to it on the way back from ``now + dt`` to `now`.

    With a = 1 / tau_syn + rate, b = 1 / tau_mem + rate a drive c exp(-rate t) adds::

        lambda_v -= c exp(-rate now) / tau_mem int_0^dt exp(-b u) du
        lambda_i -= c exp(-rate now) / (tau_mem tau_syn) int_0^dt exp(-a u) int_0^(dt - u) exp(-b w) dw du
    """
    for r in range(len(cotangents.rate) if dt > 0.0 and adjoint.held[s] == 0.0 else 0):
        if cotangents.drive[sample, s, r] != 0.0:
            rate = cotangents.rate[r]
            c = cotangents.drive[sample, s, r] * exp(-rate * now) / tau_mem
            a, b = 1.0 / tau_syn + rate, 1.0 / tau_mem + rate
            adjoint.lambda_v[s] -= c * lasting(b, dt)
            adjoint.lambda_i[s] -= c * (nested(a, b, dt) / tau_syn)


@inner
def add_drive_to_all(cotangents, sample, first, last, now, dt, group, tau_mem, tau_syn, adjoint):
    """`add_drive` for slots first .. last; those with the same time constants share the integrals."""
    for r in range(len(cotangents.rate) if dt > 0.0 else 0):
        rate, g = cotangents.rate[r], -1
        fade, by_v, by_i = exp(-rate * now), 0.0, 0.0
        for s in range(first, last):
            if cotangents.drive[sample, s, r] != 0.0 and adjoint.held[s] == 0.0:
                if group[s] != g:
                    g = group[s]
                    a, b = 1.0 / tau_syn[g] + rate, 1.0 / tau_mem[g] + rate
                    by_v, by_i = lasting(b, dt), nested(a, b, dt) / tau_syn[g]
                c = cotangents.drive[sample, s, r] * fade / tau_mem[g]
                adjoint.lambda_v[s] -= c * by_v
                adjoint.lambda_i[s] -= c * by_i


@inlined
def rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample):
    """Take slot `s` back to `now` without events."""
    lambda_v, lambda_i, t_lambda = adjoint.lambda_v, adjoint.lambda_i, adjoint.t_lambda
    dt = t_lambda[s] - now
    if t_lambda[s] != now and (lambda_v[s] != 0.0 or lambda_i[s] != 0.0):
        e_mem, e_syn, gain = adjoint_propagator(dt, tau_mem, tau_syn)
        lambda_v[s], lambda_i[s] = rewind(lambda_v[s], lambda_i[s], e_mem, e_syn, gain)
    if cotangents is not None:  # noqa: SIM102 - numba prunes a branch on None alone
        if len(cotangents.rate) > 0:
            add_drive(cotangents, sample, s, now, dt, tau_mem, tau_syn, adjoint)
    t_lambda[s] = now


@inlined
def has_point(s, now, adjoint, cotangents):
    """True if slot `s` has a point later than `now` that has not been passed."""
    first, point = adjoint.first_point, adjoint.point
    return len(cotangents.point_offset) > 1 and point[s] > first[s] and cotangents.point_time[point[s] - 1] > now


@inner
def pass_points(s, now, tau_mem, tau_syn, adjoint, cotangents, sample):
    """Take slot `s` back to `now` through its points later than that, of which it has some.

    Each point is taken back by itself: from one to the next, the same steps of a quadrature would be rounded the same
    way up to 100 000 times. What rounding takes off the sums is kept (Knuth's two-sum).
    """
    first_point, point, time = adjoint.first_point, adjoint.point, cotangents.point_time
    rewind_to(s, now, tau_mem, tau_syn, adjoint, cotangents, sample)
    sum_v, sum_i, lost_v, lost_i = 0.0, 0.0, 0.0, 0.0
    while point[s] > first_point[s] and time[point[s] - 1] > now:
        point[s] -= 1
        e_mem, _, j = decays(time[point[s]] - now, tau_mem, tau_syn)
        sum_v, lost_v = two_sum(sum_v, cotangents.point_slope[point[s]] * e_mem, lost_v)
        sum_i, lost_i = two_sum(sum_i, cotangents.point_slope[point[s]] * (j / tau_mem), lost_i)
    if adjoint.held[s] == 0.0:
        adjoint.lambda_v[s] -= (sum_v + lost_v) / tau_mem
        adjoint.lambda_i[s] -= (sum_i + lost_i) / tau_syn


@inner
def two_sum(total, term, lost):
    """``total + term``, and `lost` plus what rounding has taken off it (Knuth)."""
    new = total + term
    kept = new - total
    return new, lost + ((total - (new - kept)) + (term - kept))


@inner
def pass_kink(s, arrival, tau_mem, adjoint, cotangents):
    """Take slot `s` back through a maximum at arrival number `arrival`, if it has one there.

    Each term of the loss may have its own point there. V at the arrival moves along the rise before it; returns the
    derivative with respect to the arrival's time.
    """
    first, point, d_time = adjoint.first_point[s], adjoint.point, 0.0
    while point[s] > first and cotangents.point_event[point[s] - 1] == arrival:
        point[s] -= 1
        adjoint.lambda_v[s] -= cotangents.point_slope[point[s]] / tau_mem
        d_time += cotangents.point_kink[point[s]]
    return d_time


@inner
def latest_point(cotangents, adjoint, first, last):
    """Time of the last point of slots first .. last that has not been passed, -1 if there is none."""
    latest = -1.0
    for s in range(first, last):
        if adjoint.point[s] > adjoint.first_point[s]:
            latest = max(latest, cotangents.point_time[adjoint.point[s] - 1])
    return latest
