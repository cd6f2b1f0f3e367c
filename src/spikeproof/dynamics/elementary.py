"""exp and log as straight-line code, so that loops over arrays of them become vector instructions.

No branch, no call into a library, no table. No sum of two products either: which of them a compiler fuses with the sum
would be its choice, and might differ from loop to loop.
"""

from __future__ import annotations

import numpy as np

from spikeproof.compiled import fused

INV_LN2 = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # its last 32 bits are 0: products with small whole numbers are exact
LN2_LOW = 1.90821492927058770002e-10
ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it leaves the nearest whole number in the low bits
LOWEST = -800.0  # exp is 0 from here on
SQRT_2 = 1.4142135623730951
LN2 = 0.6931471805599453


@fused
def exp(x):
    """exp(x) for x <= 700, within 1 unit in the last place; 0 below the range of binary64."""
    excess, low, high = _reduced(x)
    return (excess + 1.0) * low * high


@fused
def expm1(x):
    """exp(x) - 1 for x <= 700, within 1 unit in the last place."""
    excess, low, high = _reduced(x)
    scale = low * high
    return excess * scale + (scale - 1.0)


@fused
def phi1(x):
    """(exp(x) - 1) / x for abs(x) <= 0.5, 1 at 0, within 1 unit in the last place."""
    x2 = x * x
    x4 = x2 * x2
    a = (1 / 2 + x * (1 / 6)) + x2 * (1 / 24 + x * (1 / 120))
    b = (1 / 720 + x * (1 / 5040)) + x2 * (1 / 40320 + x * (1 / 362880))
    c = (1 / 3628800 + x * (1 / 39916800)) + x2 * (1 / 479001600 + x * (1 / 6227020800))
    d = 1 / 87178291200 + x * (1 / 1307674368000)
    return 1.0 + x * (a + x4 * (b + x4 * (c + x4 * d)))


@fused
def _reduced(x):
    """(exp(r) - 1, 2**h, 2**(n - h)) with x = n log 2 + r; two powers, so that results may be subnormal."""
    bounded = max(x, LOWEST)
    shifted = bounded * INV_LN2 + ROUND
    whole = shifted - ROUND
    n = (np.float64(shifted).view(np.int64) << np.int64(32)) >> np.int64(32)
    r = (bounded - whole * LN2_HIGH) - whole * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    a = (1 / 2 + r * (1 / 6)) + r2 * (1 / 24 + r * (1 / 120))
    b = (1 / 720 + r * (1 / 5040)) + r2 * (1 / 40320 + r * (1 / 362880))
    c = (1 / 3628800 + r * (1 / 39916800)) + r2 * (1 / 479001600 + r * (1 / 6227020800))
    half = n >> np.int64(1)
    low = np.int64((half + np.int64(1023)) << np.int64(52)).view(np.float64)
    high = np.int64((n - half + np.int64(1023)) << np.int64(52)).view(np.float64)
    return r + r2 * (a + r4 * (b + r4 * c)), low, high


@fused
def rough_log(x):
    """log(x) for normal x > 0 within 1e-7 of its size: for starting values, never for results.

    Chebyshev interpolation of log(1 + u) / u - 1 for 1 + u from sqrt(1/2) to sqrt(2).
    """
    bits = np.float64(x).view(np.int64)
    exponent = np.float64((bits >> np.int64(52)) - np.int64(1023))
    m = np.int64((bits & np.int64(0xFFFFFFFFFFFFF)) | np.int64(0x3FF0000000000000)).view(np.float64)
    large = m > SQRT_2
    u = (0.5 * m if large else m) - 1.0
    u2 = u * u
    a = (-2.573256185911532e-08 - 0.49999987032284776 * u) + u2 * (0.33334183338523043 - 0.25002153460954557 * u)
    b = (0.1995697748307651 - 0.1656069599206504 * u) + u2 * (0.14949095476192523 - 0.14377330567392338 * u)
    series = a + u2 * u2 * (b + u2 * u2 * 0.08743945352062935)
    return ((exponent + (1.0 if large else 0.0)) * LN2 + u) + u * series


@fused
def rough_exp(x):
    """exp(x) for x <= 700 within 1e-7 of its size, 0 for x <= -700: for starting values, never for results."""
    bounded = max(x, -1022 * LN2)
    shifted = bounded * INV_LN2 + ROUND
    n = (np.float64(shifted).view(np.int64) << np.int64(32)) >> np.int64(32)
    r = bounded - (shifted - ROUND) * LN2
    r2 = r * r
    series = (1.0 + r) + r2 * ((1 / 2 + r * (1 / 6)) + r2 * ((1 / 24 + r * (1 / 120)) + r2 * (1 / 720)))
    return series * np.int64((n + np.int64(1023)) << np.int64(52)).view(np.float64)


@fused
def rough_phi1(x):
    """(exp(x) - 1) / x for abs(x) <= 0.5 within 1e-6 of its size: for starting values, never for results."""
    x2 = x * x
    return (1.0 + x * (1 / 2)) + x2 * ((1 / 6 + x * (1 / 24)) + x2 * ((1 / 120 + x * (1 / 720)) + x2 * (1 / 5040)))
