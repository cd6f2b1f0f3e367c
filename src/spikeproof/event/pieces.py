"""Parts of the intervals between the events of a population, with a Gauss-Legendre rule on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from spikeproof.event.trajectories import Trajectories
from spikeproof.numbers import Float64Array, IntArray

EPS = 2.0**-52
CONVERGED = 8.0 * EPS  # two rules that differ by rounding
NEGLIGIBLE = 2.0**-56  # of the integral over the whole sample
UNDERFLOW = 2.0**-970  # of the length of a piece: so small values have no digits
UNRESOLVED = 2.0**18 * EPS  # of the time: rounding decides where nodes of so short an interval lie; they hardly count
MOST_NODES = 2**20  # of a sample

# called with V, shape (n, size), times, shape (n,), and a sample; returns the integrands, shape (n, columns)
Integrands: TypeAlias = Callable[[Float64Array, Float64Array, int], Float64Array]


class Rule(NamedTuple):
    """The Gauss-Legendre rule on (-1, 1), and the matrix that differentiates the polynomial through its nodes."""

    x: Float64Array  # (n,)
    weight: Float64Array  # (n,)
    derivative: Float64Array  # (n, n)


@dataclass(frozen=True)
class Pieces:
    """Parts of intervals without events, ascending in each sample, with the rule on each; P pieces of n nodes."""

    rule: Rule
    sample: IntArray  # (P,)
    start: Float64Array  # (P,)
    stop: Float64Array  # (P,)
    low: Float64Array  # (P, size): V at the nodes of a piece, the lowest
    high: Float64Array  # (P, size): and the highest
    values: Float64Array  # (P, n, columns)

    @cached_property
    def time(self) -> Float64Array:
        return times_of(self.rule, self.start, self.stop)

    @cached_property
    def weight(self) -> Float64Array:
        """Weights of the nodes at the times to which rounding moved them, (P, n).

        Rounding of late times is large beside a short piece. At a node that is off by e, in units of half the width,
        the integrand is f + e f'; the weights correct for e f'.
        """
        half = 0.5 * (self.stop - self.start)[:, None]
        off = self.rule.weight * (((self.time - self.start[:, None]) - half * (1.0 + self.rule.x)) / half)
        return np.asarray(half * (self.rule.weight - summed(off[:, :, None] * self.rule.derivative)))

    def moments(self, start: Float64Array, stop: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Integrals of the integrands, and of x times them, x from -1 at `start` to 1 at `stop`; shape (P, columns)."""
        half = 0.5 * (stop - start)[:, None]
        x = ((self.time - start[:, None]) - half) / half
        weighted = self.weight[:, :, None] * self.values
        return summed(weighted), summed(weighted * x[:, :, None])

    def sizes(self) -> Float64Array:
        """Integrals of the absolute values."""
        return summed(self.weight[:, :, None] * np.abs(self.values))

    def where(self, chosen: IntArray) -> Pieces:
        """The chosen pieces."""
        numbers = (self.start, self.stop, self.low, self.high, self.values)
        return Pieces(self.rule, self.sample[chosen], *(x[chosen] for x in numbers))


def evaluated(
    run: Trajectories, rule: Rule, integrands: Integrands, sample: IntArray, start: Float64Array, stop: Float64Array
) -> Pieces:
    """The pieces, with the integrands at their nodes."""
    times, order = times_of(rule, start, stop), len(rule.x)
    offset = np.searchsorted(sample, np.arange(run.n_samples + 1))
    v = run.at(times.ravel(), order * offset).reshape(len(sample), order, -1)
    parts = [
        integrands_at(integrands, v[offset[s] : offset[s + 1]], times[offset[s] : offset[s + 1]], int(s))
        for s in np.unique(sample)
    ]
    return Pieces(rule, sample, start, stop, *extremes(v), np.concatenate(parts))


def integrands_at(integrands: Integrands, v: Float64Array, times: Float64Array, sample: int) -> Float64Array:
    """The integrands at the nodes of pieces of one sample, (P, n, columns)."""
    found = integrands(v.reshape(times.size, -1), times.ravel(), sample)
    return found.reshape(*times.shape, -1)


def extremes(v: Float64Array) -> tuple[Float64Array, Float64Array]:
    """The lowest and the highest over the nodes, the second axis."""
    low, high = v[:, 0].copy(), v[:, 0].copy()
    for k in range(1, v.shape[1]):
        np.minimum(low, v[:, k], out=low)
        np.maximum(high, v[:, k], out=high)
    return low, high


def summed(terms: Float64Array) -> Float64Array:
    """Sum over the nodes, the second axis, in their order: the bits of a piece do not depend on those beside it."""
    total = terms[:, 0].copy()
    for k in range(1, terms.shape[1]):
        total += terms[:, k]
    return total


def times_of(rule: Rule, start: Float64Array, stop: Float64Array) -> Float64Array:
    """The nodes of some pieces, (P, n)."""
    return np.asarray(start[:, None] + 0.5 * (stop - start)[:, None] * (1.0 + rule.x))


@lru_cache(maxsize=8)
def rule_of(order: int) -> Rule:
    """The rule of an order; its matrix by the barycentric form, whose weights are ``(-1)^k sqrt((1 - x^2) w)``.

    References
    ----------
    Berrut and Trefethen (2004), Barycentric Lagrange interpolation, SIAM Review 46, 501-517.
    """
    x, weight = np.polynomial.legendre.leggauss(order)
    barycentric = (-1.0) ** np.arange(order) * np.sqrt((1.0 - x * x) * weight)
    apart = x[:, None] - x + np.eye(order)
    derivative = barycentric / barycentric[:, None] / apart * (1.0 - np.eye(order))
    return Rule(x, weight, derivative - np.diag(derivative.sum(axis=1)))
