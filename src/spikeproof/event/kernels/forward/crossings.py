"""The first crossings of many neurons at once: a queue of neurons on their way to the end of an interval.

Loop: the queue's lanes, pass by pass, in whole vectors; then one by one those that are left. Rows of `queue` are the
columns of `core.queue`: a pass reads where a lane stands, V, I and NOW, and where it ends, and writes DT_CROSS, which
is never later than LATEST; T_TRIAL, E_MEM, E_SYN and UNSETTLED are handed from pass to pass. The queue is the caller's.
Every pass over the queue is straight-line code that becomes vector instructions, and short: the processor works at
several vectors at a time if their instructions are not too far apart. Lanes that the passes cannot settle to the last
bit, near grazing for instance, are left to the careful search of `dynamics.crossing`.
"""

from __future__ import annotations

import math

from spikeproof.compiled import inlined, inner
from spikeproof.dynamics.crossing import first_crossing
from spikeproof.dynamics.elementary import exp, expm1, phi1, rough_exp, rough_log, rough_phi1
from spikeproof.dynamics.equations import advance, propagator
from spikeproof.event.kernels.core.queue import (
    DT_CROSS,
    E_MEM,
    E_SYN,
    I_NEXT,
    LATEST,
    NOW,
    T_TRIAL,
    UNSETTLED,
    UNTIL,
    V_NEXT,
    V_RESET,
    V_TH,
    I,
    V,
)

CAREFUL, NEVER, MAYBE = -2.0, -1.0, 0.0  # in place of a waiting time
SAFE = 1.0 - 2.0**-48  # bounds are computed with rounding
VANISHED = 1e-290  # a current that has decayed this far says nothing: its last bits are gone
FAR = -8.0  # thresholds: V below loses digits on its way up in sums that suit short ways; the careful search does not
CLEAR = 1e-4  # a peak this close to the threshold, relative to it, is left to the careful search
STEPS = 3
CONVERGED = 1e-4  # the next error is the fourth power of this one, relative to the time scale of the curvature
TINY = 1e-280  # a cube that has lost digits
SETTLED = 3e-5  # the same where intervals may be short compared with that


@inlined
def may_cross(v, i, v_next, i_next, v_th, syn_fraction):
    """False if V certainly stays below v_th on the way from (v, i), v < v_th, to (v_next, i_next).

    Only a current above v_th > 0 can drive V there, and V has a maximum on the way only if it falls at the end. That
    lies tau_syn log(i / V_max) after v and V above the chord to it, while tau_mem (V_max - v) is the integral of I - V
    up to there. With log x >= 2 (x - 1) / (x + 1) no maximum may_cross v_th unless, for v >= 0, `syn_fraction` being
    tau_syn / (tau_mem + tau_syn)::

        (1 - syn_fraction) (v_th - v) <= syn_fraction (i - v_th) (i - v) / (i + v_th)
    """
    above, total = max(v, 0.0), i + v_th
    falling = (i_next <= v_next) | (i_next < VANISHED)
    gained = syn_fraction * (i - v_th) * (i - above) + (1.0 - SAFE) * v_th * total
    return (v_next >= v_th) | ((i > v_th) & falling & (SAFE * (1.0 - syn_fraction) * (v_th - above) * total <= gained))


@inner
def first_crossing_batch(queue, n, tau_mem, tau_syn):
    """Set DT_CROSS of lanes 0 .. n to the time until V first reaches v_th, or NEVER."""
    _start(queue, _padded(n), tau_mem, tau_syn)
    left = _improve(queue, _padded(n), tau_mem, tau_syn)
    for m in range(n if left > 0 else 0):
        if queue[UNSETTLED, m] != 0.0:
            t, settled = queue[DT_CROSS, m], False
            if t >= 0.0:
                t, settled = _step(queue[V, m], queue[I, m], t, queue[V_TH, m], queue[LATEST, m], tau_mem, tau_syn)
            if not settled:
                t = first_crossing(
                    queue[V, m], queue[I, m], queue[V_NEXT, m], queue[I_NEXT, m], queue[UNTIL, m] - queue[NOW, m],
                    queue[V_TH, m], tau_mem, tau_syn,
                )  # fmt: skip
            queue[DT_CROSS, m] = t


@inner
def _padded(n):
    """The next multiple of 8: whole vectors. What lanes beyond `n` hold, of earlier ones, is of no use and no harm."""
    return (n + 7) & ~7


@inner
def _start(queue, n, tau_mem, tau_syn):
    """Starting values: the power law through the start of the interval, with its slope, and the peak of V."""
    v, i, v_next, now, until, v_th = queue[V], queue[I], queue[V_NEXT], queue[NOW], queue[UNTIL], queue[V_TH]
    wait, latest, left, power = queue[DT_CROSS], queue[LATEST], queue[UNSETTLED], queue[T_TRIAL]
    ratio = tau_syn / tau_mem
    d = ratio - 1.0
    over_d = 1.0 / d if d != 0.0 else 0.0
    for m in range(n):  # MAYBE: there is a peak above v_th, at LATEST; UNSETTLED, T_TRIAL: base, exponent
        driven = (i[m] > v_th[m]) & (v_th[m] > v[m]) & (v_th[m] > 0.0)
        v0, i0, height = v[m] if driven else 0.0, i[m] if driven else 2.0, v_th[m] if driven else 1.0
        syn_fraction = v0 / i0
        argument = ratio - syn_fraction * d
        y = 1.0 - syn_fraction
        yd = y * d
        series = y * (1.0 - yd * (1 / 2 - yd * (1 / 3 - yd * (1 / 4 - yd * (1 / 5)))))
        x = series if abs(yd) < 0.01 else rough_log(argument) * over_d
        t_peak, top = tau_syn * x, i0 * rough_exp(-x)
        margin, rise = top - height, top - v0
        clear = driven & (v0 > FAR * height) & (argument > 1e-300) & (abs(margin) > CLEAR * height)
        above = clear & (margin > 0.0)
        product = (i0 - v0) * t_peak
        inverse = 1.0 / (rise * product if above else 1.0)  # one division for two
        left[m] = margin * product * inverse if above else 0.5
        power[m] = tau_mem * rise * rise * inverse if above else 1.0
        latest[m] = t_peak
        wait[m] = MAYBE if above else (NEVER if clear else CAREFUL)
    for m in range(n):
        t_peak, rest, above = latest[m], until[m] - now[m], wait[m] == MAYBE
        t = t_peak * (1.0 - rough_exp(rough_log(left[m]) * power[m]))
        latest[m] = min(t_peak, rest)
        ends_above = v_next[m] >= v_th[m]
        reached = above & (ends_above | (t_peak < rest))
        unreached = (wait[m] != CAREFUL) & ((not reached) & (not ends_above))
        wait[m] = min(max(t, 0.0), latest[m]) if reached else (NEVER if unreached else CAREFUL)


@inner
def _improve(queue, n, tau_mem, tau_syn):
    """A rough and an exact step for each lane; returns how many are left unsettled, and marks them."""
    v, i, v_th, latest, wait, left = queue[V], queue[I], queue[V_TH], queue[LATEST], queue[DT_CROSS], queue[UNSETTLED]
    at, e_mem, e_syn = queue[T_TRIAL], queue[E_MEM], queue[E_SYN]
    per_mem, per_syn, ratio = 1.0 / tau_mem, 1.0 / tau_syn, tau_mem / tau_syn
    per_x, gain = _difference(tau_mem, tau_syn)
    total = 0
    for m in range(n):
        t = max(wait[m], 0.0)
        e_mem[m], e_syn[m] = rough_exp(-t * per_mem), rough_exp(-t * per_syn)
    for m in range(n):
        t = max(wait[m], 0.0)
        x = t * per_x
        near = abs(x) <= 0.5
        close = t * per_mem * e_mem[m] * rough_phi1(x if near else 0.5)
        apart = (e_syn[m] - e_mem[m]) * gain
        f = v[m] * e_mem[m] - v_th[m] + i[m] * (close if near else apart)
        step, _ = _householder(f, i[m] * e_syn[m], v_th[m], ratio, CONVERGED)
        at[m] = min(max(t - tau_mem * step, 0.0), latest[m])
    for m in range(n):
        e_mem[m], e_syn[m] = expm1(-at[m] * per_mem), exp(-at[m] * per_syn)
    for m in range(n):
        left[m] = i[m] * _gained(at[m], e_mem[m], e_syn[m], per_mem, per_x, gain)
    for m in range(n):
        known, f = wait[m] >= 0.0, (v[m] - v_th[m]) + v[m] * e_mem[m] + left[m]
        step, near = _householder(f, i[m] * e_syn[m], v_th[m], ratio, CONVERGED)
        t = min(max(at[m] - tau_mem * step, 0.0), latest[m])
        unsettled = (wait[m] != NEVER) & ~(known & near & (t > 0.0))
        left[m] = 1.0 if unsettled else 0.0
        total += unsettled
        wait[m] = t if known else wait[m]
    return total


@inlined
def _difference(tau_mem, tau_syn):
    """1 / tau_mem - 1 / tau_syn, and the gain tau_syn / (tau_syn - tau_mem), 0 where it is not used."""
    difference = tau_syn - tau_mem
    return difference / tau_syn * (1.0 / tau_mem), tau_syn / difference if difference != 0.0 else 0.0


@inner
def _step(v, i, t, v_th, latest, tau_mem, tau_syn):
    """A single lane one step further; returns the time and whether it is settled."""
    per_x, gain = _difference(tau_mem, tau_syn)
    step, near = _exact_step(v, i, t, v_th, 1.0 / tau_mem, 1.0 / tau_syn, tau_mem / tau_syn, per_x, gain, CONVERGED)
    t = min(max(t - tau_mem * step, 0.0), latest)
    return t, near and t > 0.0


@inlined
def _exact_step(v, i, t, v_th, per_mem, per_syn, ratio, per_x, gain, tolerance):
    rise, e_syn = expm1(-t * per_mem), exp(-t * per_syn)
    f = (v - v_th) + v * rise + i * _gained(t, rise, e_syn, per_mem, per_x, gain)
    return _householder(f, i * e_syn, v_th, ratio, tolerance)


@inlined
def _gained(t, rise, e_syn, per_mem, per_x, gain):
    """J(t) / tau_mem, see `flow.decays`, from exp(-t / tau_mem) - 1 and exp(-t / tau_syn)."""
    x = t * per_x
    near = abs(x) <= 0.5
    close = t * per_mem * (1.0 + rise) * phi1(x if near else 0.5)
    apart = (e_syn - (1.0 + rise)) * gain
    return close if near else apart


@inlined
def _householder(f, current, v_th, ratio, tolerance):
    """Householder's step of third order for V - v_th = f, in units of tau_mem, and whether it is the last one needed.

    The derivatives are those of tau_mem V' = I - V, tau_mem I' = -ratio I. The step is 0 where it would lead nowhere.
    """
    first = current - v_th - f
    second = -ratio * current - first
    third = ratio * ratio * current - second
    square = first * first
    cube = square * first
    over = square - 0.5 * f * second
    under = cube - f * first * second + f * f * third * (1 / 6)
    sound = (first > 0.0) & (over > 0.25 * square) & (under > max(0.25 * cube, TINY))
    step = f * over / under if sound else 0.0
    return step, sound & (abs(step) * max(abs(second), first * (1.0 + ratio)) < tolerance * first)


@inner
def first_crossing_soon(queue, n, tau_mem, tau_syn):
    """Set DT_CROSS of lanes 0 .. n to the time until V first reaches v_th, or NEVER, where intervals are short.

    From the cubic through the start of the interval, as many steps as it takes: a lane that has converged does not
    move any more, whatever the others need. Where V does not end above v_th, the careful search.
    """
    _start_near(queue, n, _padded(n), tau_mem, tau_syn)
    for _ in range(STEPS):
        if not _improve_open(queue, _padded(n), tau_mem, tau_syn):
            break
    for m in range(n):
        if queue[UNSETTLED, m] != 0.0 or not queue[DT_CROSS, m] > 0.0:
            queue[DT_CROSS, m] = first_crossing(
                queue[V, m], queue[I, m], queue[V_NEXT, m], queue[I_NEXT, m], queue[UNTIL, m] - queue[NOW, m],
                queue[V_TH, m], tau_mem, tau_syn,
            )  # fmt: skip


@inner
def _start_near(queue, n, n_padded, tau_mem, tau_syn):
    """Starting values from the first three derivatives of V, where it ends above v_th."""
    v, i, v_next, now, until = queue[V], queue[I], queue[V_NEXT], queue[NOW], queue[UNTIL]
    v_th, wait, latest, left = queue[V_TH], queue[DT_CROSS], queue[LATEST], queue[UNSETTLED]
    per_mem, per_syn = 1.0 / tau_mem, 1.0 / tau_syn
    for m in range(n_padded):
        gap = v_th[m] - v[m]
        driven = (i[m] > v_th[m]) & (gap > 0.0) & (v[m] > FAR * v_th[m]) & (v_next[m] >= v_th[m]) & (v_th[m] > 0.0)
        slope = (i[m] - v[m]) * per_mem if driven else 1.0
        drop = i[m] * per_syn
        bend = -(drop + slope) * per_mem
        twist = (drop * per_syn - bend) * per_mem
        under = slope * slope + 2.0 * bend * gap
        t = 2.0 * gap / (slope + math.sqrt(max(under, 0.0)))
        t -= twist * t * t * t * (1 / 6) / max(slope + t * (bend + 0.5 * t * twist), 0.25 * slope)
        latest[m] = until[m] - now[m]
        wait[m] = min(max(t, 0.0), latest[m]) if driven else CAREFUL
        left[m] = 1.0
    for m in range(n, n_padded):
        wait[m] = NEVER


@inner
def _improve_open(queue, n, tau_mem, tau_syn):
    """A step for each lane that has not settled; returns how many of them have not even then."""
    v, i, v_th, latest, wait, left = queue[V], queue[I], queue[V_TH], queue[LATEST], queue[DT_CROSS], queue[UNSETTLED]
    per_mem, per_syn, ratio = 1.0 / tau_mem, 1.0 / tau_syn, tau_mem / tau_syn
    per_x, gain = _difference(tau_mem, tau_syn)
    total = 0
    for m in range(n):
        moving = (wait[m] >= 0.0) & (left[m] != 0.0)
        t = wait[m] if moving else 0.0
        step, near = _exact_step(v[m], i[m], t, v_th[m], per_mem, per_syn, ratio, per_x, gain, SETTLED)
        left[m] = 0.0 if moving & near else left[m]
        wait[m] = min(max(t - tau_mem * step, 0.0), latest[m]) if moving else wait[m]
        total += moving & (not near)
    return total


@inner
def pass_crossings(queue, n, tau_mem, tau_syn, syn_fraction):
    """Take those of the lanes 0 .. n that cross past their spike: state at the end of the interval without another one.

    Returns how many may cross again, and marks them UNSETTLED.

    NOW becomes the spike time and I the current there. Intervals are differences of the rounded spike times, here as
    in the adjoint: a current taken at the unrounded time would not belong to the trajectory that is replayed, and
    time constants that are short compared with EPS t would amplify the difference.
    """
    to_spike(queue[I], queue[NOW], queue[UNTIL], queue[DT_CROSS], tau_syn, n)
    return _fly(
        queue[V_RESET], queue[V], queue[I], queue[NOW], queue[UNTIL], queue[V_NEXT], queue[I_NEXT], queue[V_TH],
        queue[DT_CROSS], queue[UNSETTLED], (tau_mem, tau_syn, syn_fraction), n,
    )  # fmt: skip


@inner
def to_spike(i, now, until, wait, tau_syn, n):
    """Take NOW and I of those of the lanes 0 .. n that cross to their spikes."""
    for m in range(_padded(n)):
        time = min(now[m] + max(wait[m], 0.0), until[m])
        i[m] *= exp(-(time - now[m]) / tau_syn)
        now[m] = time


@inner
def _fly(v_reset, v, i, now, until, v_next, i_next, v_th, wait, left, constants, n):
    """From the spike to the end of the interval; returns how many lanes may cross again, and marks them.

    The columns come one by one: taken from the queue here, the loop would not become vector instructions.
    """
    tau_mem, tau_syn, syn_fraction = constants
    total = 0
    for m in range(_padded(n)):
        spikes = wait[m] >= 0.0
        e_mem, e_syn, gain = propagator(until[m] - now[m], tau_mem, tau_syn)
        v_end, i_end = advance(v_reset[m], i[m], e_mem, e_syn, gain)
        again = spikes & may_cross(v_reset[m], i[m], v_end, i_end, v_th[m], syn_fraction) & (m < n)
        v[m] = v_reset[m]
        v_next[m], i_next[m] = v_end if spikes else v_next[m], i_end if spikes else i_next[m]
        left[m] = 1.0 if again else 0.0
        total += again
    return total
