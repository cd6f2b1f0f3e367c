"""What happens to the adjoint variables of a single neuron: what the loss sees of its V, and the time between."""

from __future__ import annotations

from numba import njit

from spikeproof.event.kernels.elementary import exp
from spikeproof.event.kernels.flow import decays


@njit(cache=True, error_model="numpy")
def driven(sources, s, slot, now, tau_mem, tau_syn):
    """Particular solutions for lambda_v and lambda_i at `now`, and the drive dl_V/dV itself."""
    p_v, p_i, drive = 0.0, 0.0, 0.0
    for r in range(len(sources.rate)):
        c = sources.drive[s, slot, r]
        if c != 0.0:
            rate = sources.rate[r]
            c *= exp(-rate * now)
            drive += c
            p = -c / (1.0 + rate * tau_mem)
            p_v += p
            p_i += p / (1.0 + rate * tau_syn)
    return p_v, p_i, drive


@njit(cache=True, error_model="numpy", forceinline=True)
def bring(s, now, tau_mem, tau_syn, lambda_v, lambda_i, at):
    """Take slot `s` back to `now` without events."""
    if at[s] != now and (lambda_v[s] != 0.0 or lambda_i[s] != 0.0):
        e_mem, e_syn, j = decays(at[s] - now, tau_mem, tau_syn)
        lambda_i[s] = lambda_i[s] * e_syn + lambda_v[s] * (j / tau_syn)
        lambda_v[s] *= e_mem
    at[s] = now


@njit(cache=True, error_model="numpy")
def impulses(s, now, tau_mem, tau_syn, lambda_v, lambda_i, at, point_time, point_slope, first_point, point):
    """Take slot `s` back through its points later than `now`."""
    while point[s] > first_point[s] and point_time[point[s] - 1] > now:
        point[s] -= 1
        bring(s, point_time[point[s]], tau_mem, tau_syn, lambda_v, lambda_i, at)
        lambda_v[s] -= point_slope[point[s]] / tau_mem


@njit(cache=True, error_model="numpy")
def kink(s, arrival, tau_mem, lambda_v, point_event, point_slope, point_kink, first_point, point):
    """Take slot `s` back through a maximum at arrival number `arrival`, if it has one there.

    V at the arrival moves along the rise before it; returns the derivative with respect to the arrival's time.
    """
    if point[s] == first_point[s] or point_event[point[s] - 1] != arrival:
        return 0.0
    point[s] -= 1
    lambda_v[s] -= point_slope[point[s]] / tau_mem
    return point_kink[point[s]]
