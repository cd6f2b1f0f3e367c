"""The closed-form flow between events: its coefficients, their moments and their integrals.

All formulas hold for every ratio of the time constants, equality included. `decays_inline` is straight-line code: loops
over arrays of intervals become vector instructions. docs/theory.md (flow), (flow-derivatives), (loss-integral).
"""

from __future__ import annotations

from spikeproof.compiled import inlined, inner, kernel
from spikeproof.dynamics.elementary import exp, expm1, phi1


@kernel
def decays(dt, tau_mem, tau_syn):
    """exp(-dt/tau_mem), exp(-dt/tau_syn) and J(dt) = int_0^dt exp(-(dt-u)/tau_mem) exp(-u/tau_syn) du.

    V(dt) = V0 e_mem + I0 J / tau_mem, and lambda_i(dt) = lambda_i0 e_syn + lambda_v0 J / tau_syn.
    """
    return decays_inline(dt, tau_mem, tau_syn)


@inlined
def decays_inline(dt, tau_mem, tau_syn):
    """`decays` for loops over arrays; elsewhere it would only be compiled again and again."""
    passed = dt / tau_mem
    e_mem, e_syn = exp(-passed), exp(-dt / tau_syn)
    difference = tau_syn - tau_mem
    x = passed * (difference / tau_syn)  # dt (1/tau_mem - 1/tau_syn), exact to rounding near equality
    near = abs(x) <= 0.5
    close = dt * e_mem * phi1(x if near else 0.5)
    apart = (e_syn - e_mem) * (tau_syn / (1.0 if near else difference)) * tau_mem
    return e_mem, e_syn, close if near else apart


@inner
def moments(dt, tau_mem, tau_syn, e_mem, e_syn):
    """Integrals over [0, dt] of (dt - u) and of u, times exp(-(dt-u)/tau_mem) exp(-u/tau_syn)."""
    x = (dt / tau_mem) * ((tau_syn - tau_mem) / tau_syn)
    return dt * dt * ramp(-x, e_syn, e_mem), dt * dt * ramp(x, e_mem, e_syn)


@inner
def ramp(x, e_from, e_to):
    """``e_from * int_0^1 s exp(s x) ds``, where ``e_to = e_from exp(x)``."""
    if abs(x) > 1.0:
        return (e_to * (x - 1.0) + e_from) / (x * x)
    total = 0.0
    for n in range(20, 0, -1):  # sum of x^n / (n! (n + 2))
        total = (total + 1.0 / (n + 2.0)) * x / n
    return e_from * (total + 0.5)


@inner
def lasting(rate, dt):
    """int_0^dt exp(-rate u) du."""
    x = rate * dt
    return dt * phi1(-x) if x <= 0.5 else -expm1(-x) / rate


@inner
def nested(a, b, dt):
    """int_0^dt exp(-a u) int_0^(dt - u) exp(-b w) dw du for a, b >= 0, not both 0; symmetric in a and b."""
    x, y = max(a, b) * dt, min(a, b) * dt
    if x <= 1.0:  # dt^2 sum over n of (-1)^n / (n + 2)! sum over j of x^j y^(n - j)
        total, power, factorial, terms = 0.0, 1.0, 2.0, 1.0
        for n in range(1, 20):
            total += terms / factorial
            power *= -y
            terms = -x * terms + power
            factorial *= n + 2.0
        return dt * dt * total
    if y == 0.0:
        return (dt - lasting(max(a, b), dt)) / max(a, b)
    _, _, together = decays(dt, 1.0 / a, 1.0 / b)
    return (lasting(min(a, b), dt) - together) / max(a, b)


@inner
def early_nested(a, b, dt):
    """int_0^dt u exp(-a u) int_0^(dt - u) exp(-b w) dw du for a, b > 0: the derivative of `nested` by -a."""
    x, y = a * dt, b * dt
    if max(x, y) <= 1.0:  # dt^3 sum over n of (-1)^n / (n + 3)! sum over j of (j + 1) x^j y^(n - j)
        total, power, factorial, terms = 0.0, 1.0, 6.0, 1.0
        for n in range(1, 20):
            total += terms / factorial
            power *= -x
            terms = -y * terms + (n + 1.0) * power
            factorial *= n + 3.0
        return dt * dt * dt * total
    e_a, e_b = exp(-x), exp(-y)
    _, early = moments(dt, 1.0 / b, 1.0 / a, e_b, e_a)  # of u times exp(-a u) exp(-b (dt - u))
    if y > 1.0:
        return (dt * dt * ramp(-x, 1.0, e_a) - early) / b
    _, _, together = decays(dt, 1.0 / b, 1.0 / a)
    return ((lasting(b, dt) - together) / a - early) / a
