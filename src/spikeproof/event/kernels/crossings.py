"""The first crossings of many neurons at once: a queue of neurons on their way to the end of an interval.

Every pass over the queue is straight-line code that becomes vector instructions. Lanes that the passes cannot settle
to the last bit, near grazing for instance, are left to the careful search of `flow`.
"""

from __future__ import annotations

import math

from numba import njit

from spikeproof.event.kernels.elementary import exp, expm1, phi1, rough_exp, rough_log
from spikeproof.event.kernels.flow import decays_inline, first_crossing

# columns of a queue: threshold and reset, state where the lane stands and at the end of its interval, and the search
V_TH, V_RESET, V, I, V_NEXT, I_NEXT, NOW, UNTIL, WAIT, LATEST, ERROR = range(11)  # noqa: E741 - I is the current
N_COLUMNS = 11
CAREFUL, NEVER = -2.0, -1.0  # in place of a waiting time
SAFE = 1.0 - 2.0**-48  # bounds are computed with rounding
VANISHED = 1e-290  # a current that has decayed this far says nothing: its last bits are gone
CLEAR = 1e-4  # a peak this close to the threshold, relative to it, is left to the careful search
STEPS = 3
CONVERGED = 1e-5  # Halley's method cubes the error, here relative to the time scale of the curvature
SETTLED = 1e-6  # the same where intervals may be short compared with that


@njit(cache=True, error_model="numpy", forceinline=True)
def may_cross(v, i, v_next, i_next, v_th, share):
    """False if V certainly stays below v_th on the way from (v, i), v < v_th, to (v_next, i_next).

    Only a current above v_th > 0 can drive V there, V has a maximum on the way only if it falls at the end, and since
    tau_mem (V_max - v) is the integral of I - V up to there, at most tau_syn (i - V_max) for v >= 0, `share` being
    tau_syn / (tau_mem + tau_syn)::

        V_max <= (1 - share) max(v, 0) + share i
    """
    bound = (1.0 - share) * max(v, 0.0) + share * i
    falling = (i_next <= v_next) | (i_next < VANISHED)
    return (v_next >= v_th) | ((i > v_th) & falling & (bound >= SAFE * v_th))


@njit(cache=True, error_model="numpy", forceinline=True)
def can_reach(v, i, v_next, v_th, share):
    """The same question, a closer answer: V lies above the chord to its maximum, tau_syn log(i / V_max) after v.

    With log x >= 2 (x - 1) / (x + 1) no maximum reaches v_th unless, for v >= 0::

        (1 - share) (v_th - v) <= share (i - v_th) (1 - (v + v_th) / (i + v_th))
    """
    above = max(v, 0.0)
    gained = share * (i - v_th) * (1.0 - (above + v_th) / (i + v_th))
    return (v_next >= v_th) | (SAFE * (1.0 - share) * (v_th - above) <= gained + (1.0 - SAFE) * v_th)


@njit(cache=True, error_model="numpy")
def start_search(queue, n, tau_mem, tau_syn):
    """Set WAIT of lanes 0 .. n to NEVER, a starting value or CAREFUL."""
    _start(
        queue[V], queue[I], queue[V_NEXT], queue[NOW], queue[UNTIL], queue[V_TH], queue[WAIT], queue[LATEST],
        tau_mem, tau_syn, _padded(n),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def finish_search(queue, n, tau_mem, tau_syn):
    """Set WAIT of lanes 0 .. n, as `start_search` left it, to the time until V first reaches v_th, or NEVER."""
    _improve(queue[V], queue[I], queue[V_TH], queue[LATEST], queue[WAIT], queue[ERROR], tau_mem, tau_syn, _padded(n))
    for m in range(n):
        wait = queue[WAIT, m]
        if wait != NEVER and not (queue[ERROR, m] < CONVERGED and wait > 0.0):
            queue[WAIT, m] = first_crossing(
                queue[V, m], queue[I, m], queue[V_NEXT, m], queue[I_NEXT, m], queue[UNTIL, m] - queue[NOW, m],
                queue[V_TH, m], tau_mem, tau_syn,
            )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _padded(n):
    """The next multiple of 8: whole vectors. What lanes beyond `n` hold, of earlier ones, is of no use and no harm."""
    return (n + 7) & ~7


@njit(cache=True, error_model="numpy")
def _start(v, i, v_next, now, until, v_th, wait, latest, tau_mem, tau_syn, n):
    """Starting values: the power law through the start of the interval, with its slope, and the peak of V."""
    ratio = tau_syn / tau_mem
    d = ratio - 1.0
    over_d = 1.0 / d if d != 0.0 else 0.0
    for m in range(n):
        driven = (i[m] > v_th[m]) & (v_th[m] > v[m]) & (v_th[m] > 0.0)
        v0, i0, height = v[m] if driven else 0.0, i[m] if driven else 2.0, v_th[m] if driven else 1.0
        share = v0 / i0
        argument = ratio - share * d
        y = 1.0 - share
        yd = y * d
        series = y * (1.0 - yd * (1 / 2 - yd * (1 / 3 - yd * (1 / 4 - yd * (1 / 5)))))
        x = series if abs(yd) < 0.01 else rough_log(argument) * over_d
        t_peak, top = tau_syn * x, i0 * rough_exp(-x)
        margin, rise = top - height, top - v0
        clear = driven & (argument > 1e-300) & (abs(margin) > CLEAR * height)
        above = clear & (margin > 0.0)
        product = (i0 - v0) * t_peak
        inverse = 1.0 / (rise * product if above else 1.0)  # one division for two
        left = margin * product * inverse if above else 0.5
        over_power = tau_mem * rise * rise * inverse if above else 1.0
        t = t_peak * (1.0 - rough_exp(rough_log(left) * over_power))
        rest = until[m] - now[m]
        latest[m] = min(t_peak, rest)
        reached = above & ((v_next[m] >= v_th[m]) | (t_peak < rest))
        never = clear & ((not reached) & (v_next[m] < v_th[m]))
        wait[m] = min(max(t, 0.0), latest[m]) if reached else (NEVER if never else CAREFUL)


@njit(cache=True, error_model="numpy")
def _improve(v, i, v_th, latest, wait, error, tau_mem, tau_syn, n):
    """Steps of Halley's method for each lane; `error`: how far the last one went, per time scale of the curvature."""
    per_mem, per_syn, ratio = 1.0 / tau_mem, 1.0 / tau_syn, tau_mem / tau_syn
    difference = tau_syn - tau_mem
    per_x, gain = difference / tau_syn * per_mem, tau_syn / difference if difference != 0.0 else 0.0
    for _ in range(STEPS):
        for m in range(n):
            known = wait[m] >= 0.0
            t = wait[m] if known else 0.0
            step, size = _halley(v[m], i[m], t, v_th[m], per_mem, per_syn, ratio, per_x, gain)
            error[m] = size
            found = min(max(t - tau_mem * step, 0.0), latest[m])
            wait[m] = found if known else wait[m]


@njit(cache=True, error_model="numpy", forceinline=True)
def _halley(v, i, t, v_th, per_mem, per_syn, ratio, per_x, gain):
    """Step of Halley's method from `t`, in units of tau_mem, and its size in units of the curvature's time scale.

    The size is 1 where the step leads nowhere.
    """
    rise, e_syn = expm1(-t * per_mem), exp(-t * per_syn)
    x = t * per_x
    near = abs(x) <= 0.5
    close = t * per_mem * (1.0 + rise) * phi1(x if near else 0.5)
    apart = (e_syn - (1.0 + rise)) * gain
    f = (v - v_th) + v * rise + i * (close if near else apart)
    current = i * e_syn
    slope = current - v_th - f  # tau_mem dV/dt
    bend = -current * ratio - slope  # tau_mem^2 d2V/dt2
    under = slope * slope - 0.5 * f * bend
    sound = (slope > 0.0) & (under > 0.25 * slope * slope)
    step = f * slope / under if sound else 0.0
    return step, abs(step) * max(abs(bend), slope * (1.0 + ratio)) / slope if sound else 1.0


@njit(cache=True, error_model="numpy")
def next_crossing(v, i, v_next, i_next, rest, v_th, tau_mem, tau_syn):
    """The time in (0, rest] at which V of a single neuron first reaches v_th on the way to v_next; -1 if it does not.

    From the parabola at the start; where that does not settle it, the careful search.
    """
    gap, slope = v_th - v, (i - v) / tau_mem
    if v_next >= v_th and gap > 0.0 and slope > 0.0 and v_th > 0.0:
        per_mem, per_syn, difference = 1.0 / tau_mem, 1.0 / tau_syn, tau_syn - tau_mem
        bend = (i * per_syn + slope) * per_mem
        t = 2.0 * gap / (slope + math.sqrt(max(slope * slope - 2.0 * bend * gap, 0.0)))
        for _ in range(STEPS):
            step, size = _halley(
                v, i, t, v_th, per_mem, per_syn, tau_mem * per_syn, difference * per_syn * per_mem,
                tau_syn / difference if difference != 0.0 else 0.0,
            )  # fmt: skip
            t -= tau_mem * step
            if size < CONVERGED and 0.0 < t <= rest:
                return t
            t = min(max(t, 0.0), rest)
    return first_crossing(v, i, v_next, i_next, rest, v_th, tau_mem, tau_syn)


@njit(cache=True, error_model="numpy")
def search_near(queue, n, tau_mem, tau_syn):
    """Set WAIT of lanes 0 .. n to the time until V first reaches v_th, or NEVER, where intervals are short.

    From the cubic through the start of the interval, as many steps as it takes: a lane that has converged does not
    move any more, whatever the others need. Where V does not end above v_th, the careful search.
    """
    _start_near(queue, n, _padded(n), tau_mem, tau_syn)
    for _ in range(STEPS):
        if not _improve_open(queue, _padded(n), tau_mem, tau_syn):
            break
    for m in range(n):
        if not (queue[ERROR, m] < SETTLED and queue[WAIT, m] > 0.0):
            queue[WAIT, m] = first_crossing(
                queue[V, m], queue[I, m], queue[V_NEXT, m], queue[I_NEXT, m], queue[UNTIL, m] - queue[NOW, m],
                queue[V_TH, m], tau_mem, tau_syn,
            )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _start_near(queue, n, n_padded, tau_mem, tau_syn):
    """Starting values from the first three derivatives of V, where it ends above v_th."""
    v, i, v_next, now, until = queue[V], queue[I], queue[V_NEXT], queue[NOW], queue[UNTIL]
    v_th, wait, latest, error = queue[V_TH], queue[WAIT], queue[LATEST], queue[ERROR]
    per_mem, per_syn = 1.0 / tau_mem, 1.0 / tau_syn
    for m in range(n_padded):
        gap = v_th[m] - v[m]
        driven = (i[m] > v_th[m]) & (gap > 0.0) & (v_th[m] > 0.0) & (v_next[m] >= v_th[m])
        slope = (i[m] - v[m]) * per_mem if driven else 1.0
        drop = i[m] * per_syn
        bend = -(drop + slope) * per_mem
        twist = (drop * per_syn - bend) * per_mem
        under = slope * slope + 2.0 * bend * gap
        t = 2.0 * gap / (slope + math.sqrt(max(under, 0.0)))
        t -= twist * t * t * t * (1 / 6) / max(slope + t * (bend + 0.5 * t * twist), 0.25 * slope)
        latest[m] = until[m] - now[m]
        wait[m] = min(max(t, 0.0), latest[m]) if driven else CAREFUL
        error[m] = 1.0
    for m in range(n, n_padded):
        wait[m] = NEVER


@njit(cache=True, error_model="numpy")
def _improve_open(queue, n, tau_mem, tau_syn):
    """A step of Halley's method for each lane that has not settled; returns how many of them have not even then."""
    v, i, v_th, latest, wait, error = queue[V], queue[I], queue[V_TH], queue[LATEST], queue[WAIT], queue[ERROR]
    per_mem, per_syn, ratio = 1.0 / tau_mem, 1.0 / tau_syn, tau_mem / tau_syn
    difference = tau_syn - tau_mem
    per_x, gain = difference / tau_syn * per_mem, tau_syn / difference if difference != 0.0 else 0.0
    left = 0
    for m in range(n):
        moving = (wait[m] >= 0.0) & (error[m] >= SETTLED)
        t = wait[m] if moving else 0.0
        step, size = _halley(v[m], i[m], t, v_th[m], per_mem, per_syn, ratio, per_x, gain)
        error[m] = size if moving else error[m]
        found = min(max(t - tau_mem * step, 0.0), latest[m])
        wait[m] = found if moving else wait[m]
        left += moving & (size >= SETTLED)
    return left


@njit(cache=True, error_model="numpy")
def pass_crossings(queue, n, tau_mem, tau_syn):
    """Take those of the lanes 0 .. n that cross past their spike: state at the end of the interval without another one.

    NOW becomes the spike time and I the current there. Intervals are differences of the rounded spike times, here as
    in the adjoint: a current taken at the unrounded time would not belong to the trajectory that is replayed, and
    time constants that are short compared with EPS t would amplify the difference.
    """
    _spike(queue[I], queue[NOW], queue[UNTIL], queue[WAIT], tau_syn, _padded(n))
    _fly(
        queue[V_RESET], queue[V], queue[I], queue[NOW], queue[UNTIL], queue[V_NEXT], queue[I_NEXT], tau_mem, tau_syn,
        _padded(n),
    )  # fmt: skip


@njit(cache=True, error_model="numpy")
def _spike(i, now, until, wait, tau_syn, n):
    for m in range(n):
        time = min(now[m] + max(wait[m], 0.0), until[m])
        i[m] *= exp(-(time - now[m]) / tau_syn)
        now[m] = time


@njit(cache=True, error_model="numpy")
def _fly(v_reset, v, i, now, until, v_next, i_next, tau_mem, tau_syn, n):
    for m in range(n):
        e_mem, e_syn, j = decays_inline(until[m] - now[m], tau_mem, tau_syn)
        v[m] = v_reset[m]
        v_next[m], i_next[m] = v_reset[m] * e_mem + i[m] * (j / tau_mem), i[m] * e_syn
