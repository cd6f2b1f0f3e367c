"""The next time at which V reaches the threshold, or is largest, by bisection of functions with one change of sign.

U has at most one extremum between two events, because its slope, multiplied by a growing exponential, is monotonic::

    (9)  rise(t) = exp(t/tau_mem) tau_mem dU/dt = I(0) - (U(0) - rest) - I(0) (t/tau_syn) grown(t)

with ``grown(t) = int_0^1 exp(x t (1/tau_mem - 1/tau_syn)) dx``. Multiplied by the same exponential, the distance to the
threshold neither underflows in a long silence nor loses digits soon after the last event or far below theta::

    (10)  gap(t) = exp(t/tau_mem) (V(t) - v_th)
                 = V(0) - v_th - theta (exp(t/tau_mem) - 1) + I(0) (t/tau_mem) grown(t)        theta = v_th - bias

So V crosses v_th at most once on the way to its maximum or, if it has none, to the end of the interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from spikeproof_reference.textbook.flow import distance, flow, mean
from spikeproof_reference.textbook.model import Neuron

HALVINGS = 1100  # from the largest to the smallest float; bisection ends earlier, at two neighbours
LARGE = 600.0  # exponents: exp and products of it stay finite


def crossing(neuron: Neuron, u: float, i: float, rest: float, halvings: int = HALVINGS) -> float | None:
    """The time in (0, rest] at which V reaches v_th from V(0) < v_th, None if it does not."""
    if not max(i, 0.0) > neuron.theta or only_approaches(neuron, u, i):  # at theta I must exceed it, and I decays
        return None
    if below(neuron, u, i, rest):
        if not (rises(neuron, u, i, 0.0) and not rises(neuron, u, i, rest)):
            return None
        rest = bisected(lambda t: rises(neuron, u, i, t), rest)[0]
        if below(neuron, u, i, rest):
            return None
    return bisected(lambda t: below(neuron, u, i, t), rest, halvings)[1]


def only_approaches(neuron: Neuron, u: float, i: float) -> bool:
    """True if V comes up to v_th = bias for ever: the limit of (10) for tau_mem > tau_syn, times tau_mem - tau_syn."""
    apart = neuron.tau_mem - neuron.tau_syn
    return neuron.theta == 0.0 and apart > 0.0 and u * apart + i * neuron.tau_syn <= 0.0


def peak(neuron: Neuron, u: float, i: float, rest: float) -> float | None:
    """The time in (0, rest] at which U stops to rise, None if it does not."""
    if rises(neuron, u, i, 0.0) and not rises(neuron, u, i, rest):
        return bisected(lambda t: rises(neuron, u, i, t), rest)[1]
    return None


def rises(neuron: Neuron, u: float, i: float, t: float) -> bool:
    """True if U rises at `t`: the sign of (9)."""
    return i - (u - neuron.rest) > driven(neuron, i, t) * (neuron.tau_mem / neuron.tau_syn)


def below(neuron: Neuron, u: float, i: float, t: float) -> bool:
    """True if V(t) < v_th: the sign of (10), or of (2) where exp(t/tau_mem) is too large."""
    theta, top, x = neuron.theta, neuron.v_th - neuron.level, t / neuron.tau_mem
    if theta == 0.0:
        return u + driven(neuron, i, t) < 0.0
    if x > LARGE:
        return flow(neuron, u, i, t)[0] < top
    return (u - top) - theta * math.expm1(x) + driven(neuron, i, t) < 0.0


def driven(neuron: Neuron, i: float, t: float) -> float:
    """``I(0) (t/tau_mem) grown(t)``; infinite where it is too large for a float."""
    y = distance(neuron, t)
    if i == 0.0:
        return 0.0
    if neuron.tau_mem >= neuron.tau_syn:
        return i * (t / neuron.tau_mem) * mean(y)
    grown = math.exp(y) * mean(y) if y <= LARGE else math.inf
    return i * (t / neuron.tau_mem) * grown


def bisected(left: Callable[[float], bool], high: float, halvings: int = HALVINGS) -> tuple[float, float]:
    """Two neighbouring numbers between which `left` turns from True at 0 to False at `high`."""
    low = 0.0
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if left(middle) else (low, middle)
    return low, high
