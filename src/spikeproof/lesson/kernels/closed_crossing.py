"""The crossings of the threshold in closed form, where tau_mem = tau_syn or tau_mem = 2 tau_syn.

From V = v < v_th and I = i, without a bias; docs/theory.md (closed-crossings)::

    tau_mem = 2 tau_syn, x = exp(-t / tau_mem):    i x^2 - (v + i) x + v_th = 0               (a quadratic)
    tau_mem = tau_syn,   y = t / tau_mem + v / i:  -y exp(-y) = -(v_th / i) exp(-v / i)       (Lambert's W)

Each equation has two solutions: V crosses on its way up, before its maximum, and on its way down.
"""

from __future__ import annotations

import math

from spikeproof.compiled import inner, kernel

UP, DOWN = 1, -1  # the crossing before the maximum of V, and the one after it
EPS = 2.0**-52
MAX_STEPS = 100
FEW_STEPS = 5  # from a start that is off by less than a fifth


@kernel
def lambert_above(delta, side):
    """1 + W(-exp(-1 - delta)) for delta >= 0: on Lambert's branch 0 if `side` is `UP`, on branch -1 if it is `DOWN`.

    With W = q - 1 the equation W exp(W) = -exp(-1 - delta) reads ``-q - log(1 - q) = delta``, in which nothing cancels
    near the branch point. Branch 0 has q from 0 to 1, branch -1 has q <= 0. Halley's method, absolute error of a few
    eps on branch 0; far from the branch point, where q rounds to 1, Newton's method for 1 - q from below.
    """
    if delta == 0.0:
        return 0.0
    if side == UP and delta > 1.0:
        w = math.exp(-1.0 - delta)
        for _ in range(FEW_STEPS):
            w -= w * (w - 1.0 - math.log(w) - delta) / (w - 1.0)
        return 1.0 - w
    p = math.sqrt(-2.0 * math.expm1(-delta))
    if side == UP:
        q = p - p * p / 3.0 + 11.0 / 72.0 * p * p * p
    else:
        q = -p - p * p / 3.0 if delta < 1.0 else -delta - math.log1p(delta)
    for _ in range(MAX_STEPS):
        h = -q - math.log1p(-q) - delta
        newton = h * (1.0 - q) / q
        step = newton / (1.0 - 0.5 * newton / (q * (1.0 - q)))
        following = q - step
        if side == UP and not 0.0 < following < 1.0:
            following = 0.5 * (q + (1.0 if following >= 1.0 else 0.0))
        elif side == DOWN and following >= 0.0:
            following = 0.5 * q
        if abs(following - q) <= 2.0 * EPS * abs(q):
            return following
        q = following
    return q


@inner
def closed_crossing(v, i, v_th, tau_mem, ratio, side):
    """Time from (v, i), v < v_th, to the crossing of v_th > 0 on this side of the maximum; infinite if there is none.

    `ratio` is tau_mem / tau_syn, 1 or 2.
    """
    if i <= v_th:
        return math.inf
    if ratio == 2.0:  # in z = 1 - x: i z^2 + (v - i) z + (v_th - v) = 0, whose smaller root is the earlier crossing
        root = (i - v) * (i - v) - 4.0 * i * (v_th - v)
        if root < 0.0:
            return math.inf
        sum_ = (i - v) + math.sqrt(root)
        z = 2.0 * (v_th - v) / sum_ if side == UP else sum_ / (2.0 * i)
        return -tau_mem * math.log1p(-z)
    peak = 1.0 - v / i
    delta = math.log(i / v_th) - peak
    if delta < 0.0:
        return math.inf
    y = peak - lambert_above(delta, side)
    for _ in range(2):  # what rounding has left of V - v_th where y is small
        left = math.exp(-y)
        slope = (i - v - i * y) * left
        f = (v - v_th) + v * math.expm1(-y) + i * y * left
        if abs(f) < 0.125 * abs(slope) * y:
            y -= f / slope
    return tau_mem * y


@inner
def advanced(v, i, dt, tau_mem, ratio):
    """V and I after `dt` without events."""
    x = dt / tau_mem
    left = math.exp(-x)
    if ratio == 2.0:
        return v * left - i * left * math.expm1(-x), i * left * left
    return (v + i * x) * left, i * left


@inner
def response(s, tau_mem, ratio):
    """V at the time s after an arrival of weight 1, and its derivative by s."""
    x = s / tau_mem
    left = math.exp(-x)
    if ratio == 2.0:
        return -left * math.expm1(-x), left * (2.0 * left - 1.0) / tau_mem
    return x * left, (1.0 - x) * left / tau_mem
