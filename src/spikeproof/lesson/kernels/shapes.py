"""Steps that are smooth, and surrogate derivatives of steps, of a row of neurons. The caller owns what is written."""

from __future__ import annotations

from math import pi

from spikeproof.compiled import inner
from spikeproof.dynamics.elementary import exp
from spikeproof.lesson.kernels.rows import fill

SUPER_SPIKE, SIGMOID, TRIANGLE, ARCTAN, NONE = range(5)  # the first four in the order of `spikeproof.lesson.shapes`


@inner
def surrogates(shape, slope, v, v_th, out):
    """Write h(v - v_th), see `spikeproof.lesson.shapes`; 0 where the threshold is infinite."""
    if shape == SUPER_SPIKE:
        for n in range(len(v)):
            u = 1.0 + slope * abs(v[n] - v_th[n])
            out[n] = 1.0 / (u * u)
    elif shape == SIGMOID:
        for n in range(len(v)):
            e = exp(-slope * abs(v[n] - v_th[n]))
            out[n] = slope * e / ((1.0 + e) * (1.0 + e))
    elif shape == TRIANGLE:
        for n in range(len(v)):
            out[n] = max(0.0, 1.0 - slope * abs(v[n] - v_th[n]))
    elif shape == ARCTAN:
        for n in range(len(v)):
            u = 0.5 * pi * slope * (v[n] - v_th[n])
            out[n] = 0.5 * slope / (1.0 + u * u)
    else:
        fill(0.0, out)


@inner
def smoothed(beta, v, v_th, s):
    """Write the smoothed step, from the exponential of a number that is not positive."""
    for n in range(len(v)):
        x = beta * (v[n] - v_th[n])
        e = exp(-abs(x))
        s[n] = (1.0 if x > 0.0 else e) / (1.0 + e)
