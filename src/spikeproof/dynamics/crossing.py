"""The first time at which V reaches its threshold, and the maximum of V, for one neuron between two events.

docs/theory.md (one-extremum), (peak), (newton-left), (recovery), (threshold-at-bias). Times are found to the last bits,
near grazing as well.
"""

from __future__ import annotations

import math

from spikeproof.compiled import inner, kernel
from spikeproof.dynamics.elementary import expm1
from spikeproof.dynamics.flow import decays

EPS = 2.0**-52
CLOSE = 2.0**-100  # a crossing this early in its bracket would be looked for from its far end, by halving
MAX_STEPS = 200  # bisection alone needs fewer from any bracket that binary64 can hold


@inner
def crosses(v, i, v_next, i_next, v_th, tau_mem, tau_syn):
    """True if V reaches v_th, which is not 0, on the way from (v, i), v < v_th, to (v_next, i_next).

    For v_th > 0 only a current above v_th can drive V there, and V may have a maximum on the way. For v_th < 0 a
    maximum is followed by a decay to 0, above v_th, so that the end tells.
    """
    if v_th > 0.0 and i <= v_th:
        return False
    if v_next >= v_th:
        return True
    return v_th > 0.0 and i_next < v_th and has_peak_above(v, i, v_th, tau_mem, tau_syn)


@kernel
def has_peak_above(v, i, v_th, tau_mem, tau_syn):
    """True if the maximum of V on the way from (v, i), v < v_th < i, is at least v_th.

    At the maximum V = I, hence V_max = i exp(-t_peak / tau_syn). I is then still at least v_th: a potential below
    v_th whose current is below v_th as well has its maximum behind it.
    """
    return math.log(i / v_th) >= _peak(v, i, tau_mem, tau_syn)


@kernel
def peak_time(v, i, tau_mem, tau_syn):
    """Time of the maximum of V on the way from (v, i), for i > v and a maximum that exists."""
    return tau_syn * _peak(v, i, tau_mem, tau_syn)


@inner
def _peak(v, i, tau_mem, tau_syn):
    """t_peak / tau_syn = log(1 + y d) / d with y = 1 - v/i, d = tau_syn/tau_mem - 1; infinite without a maximum."""
    y = (i - v) / i
    d = (tau_syn - tau_mem) / tau_mem
    if d == 0.0:
        return y
    if abs(y * d) < 0.5:
        return math.log1p(y * d) / d
    ratio = tau_syn / tau_mem
    argument = ratio + (v / i) * (1.0 - ratio)  # 1 + y d without the cancellation
    return math.log(argument) / d if argument > 0.0 else math.inf


@inner
def excess(v, i, dt, v_th, tau_mem, tau_syn):
    """V(dt) - v_th and I(dt), arranged so that little is lost when dt is short, nor when V comes from far below."""
    e_mem, e_syn, j = decays(dt, tau_mem, tau_syn)
    left = (v - v_th) + v * expm1(-dt / tau_mem) if e_mem > 0.5 else v * e_mem - v_th
    return left + i * (j / tau_mem), i * e_syn


@inner
def first_crossing(v, i, v_next, i_next, rest, v_th, tau_mem, tau_syn):
    """The time in (0, rest] at which V first reaches v_th on the way to (v_next, i_next); -1 if it does not."""
    if v_th == 0.0:
        t = zero_time(v, i, tau_mem, tau_syn) if i > 0.0 else math.inf
        return t if t <= rest else -1.0
    if not crosses(v, i, v_next, i_next, v_th, tau_mem, tau_syn):
        return -1.0
    if i_next < v_next or v_next < v_th:
        rest = min(rest, peak_time(v, i, tau_mem, tau_syn))
    return refine_crossing(v, i, rest, v_th, tau_mem, tau_syn)


@inner
def zero_time(v, i, tau_mem, tau_syn):
    """Time at which V reaches 0 on the way from (v, i), v <= 0 < i; infinite if it never does.

    A threshold at the bias is approached without a drive for ever: the sign of V at the end of a long interval is that
    of rounding, or is lost. V exp(t / tau_mem) rises from v by ``i tau_syn / (tau_mem - tau_syn) (1 - exp(-y))`` with
    ``y = t (1 / tau_syn - 1 / tau_mem)``.
    """
    short = max(-v, 0.0) / i
    difference = (tau_mem - tau_syn) / tau_syn
    needed = short * difference
    if needed >= 1.0:
        return math.inf
    if abs(needed) < 1e-300:  # also where the time constants are equal
        return tau_mem * short
    return -math.log1p(-needed) / difference * tau_mem


@kernel
def refine_crossing(v, i, hi, v_th, tau_mem, tau_syn):
    """The time in (0, hi] at which V reaches v_th, for v < v_th <= V(hi) and V with one crossing up to hi.

    Halley steps on a kept bracket; finished when the bracket is as narrow as rounding allows.
    """
    gap = v_th - v
    if gap <= 0.0:  # rounding has put the state on the threshold
        return 0.0
    slope = (i - v) / tau_mem
    curvature = (-i / tau_syn - slope) / tau_mem
    lo = 0.0
    under_root = slope * slope + 2.0 * curvature * gap
    if abs(under_root) < math.inf:
        t = 2.0 * gap / (slope + math.sqrt(under_root)) if under_root > 0.0 else 0.5 * hi
    else:  # the squares have overflowed
        under_root = 1.0 + 2.0 * (curvature / slope) * (gap / slope)
        t = 2.0 * (gap / slope) / (1.0 + math.sqrt(under_root)) if under_root > 0.0 else 0.5 * hi
    if not t < hi:
        t = hi
    if t < CLOSE * hi and excess(v, i, 2.0 * t, v_th, tau_mem, tau_syn)[0] >= 0.0:
        hi = 2.0 * t
    push = EPS
    for _ in range(MAX_STEPS):
        f, current = excess(v, i, t, v_th, tau_mem, tau_syn)
        if f < 0.0:
            lo = t
        else:
            hi = t
        if hi - lo <= 2.0 * EPS * hi:
            break
        slope = (current - v_th - f) / tau_mem
        step = 0.5 * (hi - lo)
        if slope > 0.0:
            newton = f / slope
            curvature = (-current / tau_syn - slope) / tau_mem
            shrink = 1.0 - 0.5 * newton * curvature / slope
            if shrink > 0.0:
                step = abs(newton) / shrink
        if step < push * hi:  # close the bracket from the other side
            step = push * hi
            push *= 4.0
        t = t + step if f < 0.0 else t - step
        if not lo < t < hi:
            t = lo + 0.5 * (hi - lo)
            if not lo < t < hi:
                break
    return hi
