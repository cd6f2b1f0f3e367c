"""The flow: what time does to a neuron while nothing happens to it, forward, backward, and by its time constants.

The equations (1) are linear, so that a time t without events is a map of U and I::

    (2)  U(t) - rest = (U(0) - rest) e_mem + I(0) k        I(t) = I(0) e_syn
    (3)  e_mem = exp(-t/tau_mem)           e_syn = exp(-t/tau_syn)
    (4)  k = tau_syn/(tau_mem - tau_syn) (e_mem - e_syn)
           = t/tau_mem int_0^1 exp(-(1-x) t/tau_mem - x t/tau_syn) dx

The integral holds for equal time constants too. With the slower exponential taken out, and the distance
``y = t |1/tau_mem - 1/tau_syn|``, it is ``exp(-t / max(tau_mem, tau_syn)) mean(y)``, where

    (5)  mean(y) = int_0^1 exp(-x y) dx = (1 - exp(-y)) / y
    (6)  tilt(y) = int_0^1 x exp(-x y) dx = (1 - (1 + y) exp(-y)) / y^2
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from spikeproof_reference.textbook.model import Neuron

ROOTS, ROOT_WEIGHTS = (x.tolist() for x in np.polynomial.legendre.leggauss(10))  # exact to rounding for y <= 1


def mean(y: float) -> float:
    """Equation (5), for y >= 0."""
    return -math.expm1(-y) / y if y > 0.0 else 1.0


def tilt(y: float) -> float:
    """Equation (6), for y >= 0; where the closed form cancels, the integral as it stands."""
    if y > 1.0:
        return (1.0 - (1.0 + y) * math.exp(-y)) / y / y
    places = ((0.5 + 0.5 * x, 0.5 * w) for x, w in zip(ROOTS, ROOT_WEIGHTS, strict=True))
    return sum(w * x * math.exp(-x * y) for x, w in places)


def distance(neuron: Neuron, t: float) -> float:
    """``y = t |1/tau_mem - 1/tau_syn|``, exact to rounding for time constants that nearly agree."""
    return t / neuron.tau_mem * (abs(neuron.tau_syn - neuron.tau_mem) / neuron.tau_syn)


class Factors(NamedTuple):
    """The factors of equation (2), and ``j = k tau_mem/tau_syn``, the one of (7)."""

    e_mem: float
    e_syn: float
    k: float
    j: float


def factors(neuron: Neuron, t: float) -> Factors:
    """The factors for a time `t` >= 0; where both terms of (4) are about equal, k by its integral."""
    tau_mem, tau_syn, y = neuron.tau_mem, neuron.tau_syn, distance(neuron, t)
    e_mem, e_syn, apart = math.exp(-t / tau_mem), math.exp(-t / tau_syn), abs(tau_mem - tau_syn)
    if y > 1.0:
        difference = abs(e_mem - e_syn)
        return Factors(e_mem, e_syn, difference * (tau_syn / apart), difference * (tau_mem / apart))
    together = max(e_mem, e_syn) * mean(y)
    return Factors(e_mem, e_syn, t / tau_mem * together, t / tau_syn * together)


def flow(neuron: Neuron, u: float, i: float, t: float) -> tuple[float, float]:
    """U and I a time `t` later: equation (2)."""
    f, rest = factors(neuron, t), neuron.rest
    if rest:  # U is small compared with its rest: it changes by little
        return u + (u - rest) * math.expm1(-t / neuron.tau_mem) + i * f.k, i * f.e_syn
    return u * f.e_mem + i * f.k, i * f.e_syn


class Lambda(NamedTuple):
    """Adjoint variables of a neuron, and ``d = lambda_v - lambda_i``.

    Arrivals read d. For tau_mem >> tau_syn lambda_v and lambda_i nearly agree, and their difference would lose digits:
    so d is carried along.
    """

    v: float = 0.0
    i: float = 0.0
    d: float = 0.0

    def jumped(self, jump: float) -> Lambda:
        """This with a jump of lambda_v."""
        return Lambda(self.v + jump, self.i, self.d + jump)


def rewound(neuron: Neuron, after: Lambda, t: float) -> Lambda:
    """The adjoint variables a time `t` earlier.

    Backward in time they obey ``tau_mem lambda_v' = -lambda_v`` and ``tau_syn lambda_i' = -lambda_i + lambda_v``. With
    ``lambda_v = -dL/dV / tau_mem`` and ``lambda_i = -dL/dI / tau_syn`` that is the transpose of (2)::

        (7)  lambda_v(0) = lambda_v(t) e_mem
             lambda_i(0) = lambda_i(t) e_syn + lambda_v(t) j        j = k tau_mem/tau_syn
             d(0) = d(t) e_syn - lambda_v(t) k
    """
    f = factors(neuron, t)
    v, i = after.v * f.e_mem, after.i * f.e_syn + after.v * f.j
    # for tau_mem << tau_syn the terms of d(0) nearly agree, and lambda_v and lambda_i do not
    return Lambda(v, i, after.d * f.e_syn - after.v * f.k if neuron.tau_mem > neuron.tau_syn else v - i)


def by_time_constants(neuron: Neuron, u: float, i: float, t: float) -> tuple[float, float, float]:
    """dU(t)/dtau_mem, dU(t)/dtau_syn and dI(t)/dtau_syn from U(0) = `u` and I(0) = `i`.

    They are the derivatives of (2) to (4)::

        (8)  dU/dtau_mem = (U(0) - rest) t/tau_mem^2 e_mem + I(0) dk/dtau_mem
             dU/dtau_syn = I(0) dk/dtau_syn                         dI/dtau_syn = I(0) t/tau_syn^2 e_syn
             dk/dtau_mem = (m t^2/tau_mem^2 - k) / tau_mem          m: the integral of (4) with the factor 1-x
             dk/dtau_syn = s t^2 / (tau_mem tau_syn^2)              s: the integral of (4) with the factor x
    """
    f, x_mem, x_syn = factors(neuron, t), t / neuron.tau_mem, t / neuron.tau_syn
    slow, y = max(f.e_mem, f.e_syn), distance(neuron, t)
    fast = slow * tilt(y)  # (4) with the factor of the faster exponential: 1-x or x
    rest = slow * (mean(y) - tilt(y))
    m, s = (fast, rest) if neuron.tau_mem < neuron.tau_syn else (rest, fast)
    k_mem = (m * x_mem * x_mem - f.k) / neuron.tau_mem
    k_syn = s * x_mem * x_syn / neuron.tau_syn
    return (
        (u - neuron.rest) * x_mem / neuron.tau_mem * f.e_mem + i * k_mem,
        i * k_syn,
        i * x_syn / neuron.tau_syn * f.e_syn,
    )
