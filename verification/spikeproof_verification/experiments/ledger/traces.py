"""Voltage traces that come from no network, and their maxima: what the functional derivatives are checked on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.precision import Number, derivative, integral, mp, panels
from spikeproof_verification.experiments.ledger.trajectory import root

GOLDEN = (mp.sqrt(5) - 1) / 2
NARROW = mp.mpf(10) ** -26  # width of the bell that approximates a delta
REACH = 18  # in widths: beyond it the bell is below 1e-70
Trace = Callable[[Number], Number]


@dataclass(frozen=True, eq=False)
class Traces:
    """Two samples of three traces with one maximum each in (0, end), and directions in which they are changed.

    Attributes
    ----------
    v, direction : of each sample and readout, V(t) and eta(t): V becomes V + epsilon eta.
    labels : of each sample.
    """

    v: tuple[tuple[Trace, ...], ...]
    direction: tuple[tuple[Trace, ...], ...]
    labels: tuple[int, ...]
    end: Number

    @property
    def places(self) -> list[tuple[int, int]]:
        """(sample, readout)."""
        return [(i, r) for i in range(len(self.v)) for r in range(len(self.v[i]))]

    def moved(self, i: int, r: int, epsilon: Number) -> Trace:
        """V + epsilon eta of one readout."""
        return lambda t: self.v[i][r](t) + epsilon * self.direction[i][r](t)

    def highest(self, i: int, r: int, epsilon: Number = 0) -> Number:
        """M_r, by golden section on values alone."""
        trace = self.moved(i, r, mp.mpf(epsilon))
        low, high = mp.mpf(0), self.end
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_left, at_right = trace(left), trace(right)
        for _ in range(150):
            if at_left < at_right:
                low, left, at_left = left, right, at_right
                right = low + GOLDEN * (high - low)
                at_right = trace(right)
            else:
                high, right, at_right = right, left, at_left
                left = high - GOLDEN * (high - low)
                at_left = trace(left)
        return trace((low + high) / 2)

    def when(self, i: int, r: int, epsilon: Number = 0) -> Number:
        """t_max, by Newton's method on the slope."""
        trace = self.moved(i, r, mp.mpf(epsilon))

        def slope(t: Number) -> Number:
            return derivative(trace, t)

        return root(slope, lambda t: derivative(slope, t), mp.mpf("0.1"), self.end - mp.mpf("0.1"))

    @functools.cached_property
    def maxima(self) -> list[list[Number]]:
        """M of each sample and readout."""
        return [[self.highest(i, r) for r in range(len(self.v[i]))] for i in range(len(self.v))]

    def share(self, i: int, r: int) -> Number:
        """P_ir."""
        return mp.exp(self.maxima[i][r]) / mp.fsum(map(mp.exp, self.maxima[i]))

    def loss(self, maxima: Sequence[Sequence[Number]]) -> Number:
        """Notes 34."""
        terms = (
            mp.log(mp.exp(row[label]) / mp.fsum(map(mp.exp, row)))
            for row, label in zip(maxima, self.labels, strict=True)
        )
        return -mp.fsum(terms) / len(self.v)

    def loss_slope(self, i: int, r: int) -> Number:
        """DL/d(epsilon) if one readout's trace is changed."""

        def moved(epsilon: Number) -> Number:
            rows = [list(row) for row in self.maxima]
            rows[i][r] = self.highest(i, r, epsilon)
            return self.loss(rows)

        return derivative(moved, mp.mpf(0))

    def peak_slope(self, i: int, r: int) -> Number:
        """DM_r/d(epsilon)."""
        return derivative(lambda epsilon: self.highest(i, r, epsilon), mp.mpf(0))

    def under_delta(self, i: int, r: int, centre: Number) -> Number:
        """The integral over (0, end) of V times a narrow even bell around `centre`."""
        low, high = max(mp.mpf(0), centre - REACH * NARROW), min(self.end, centre + REACH * NARROW)

        def density(t: Number) -> Number:
            return self.v[i][r](t) * mp.exp(-(((t - centre) / NARROW) ** 2) / 2) / (NARROW * mp.sqrt(2 * mp.pi))

        return integral(density, panels(low, high, 36))


@functools.cache
def traces() -> Sequence[Traces]:
    """Smooth maxima inside."""
    return (Traces(_bells((0, 1, 2)), _waves(), (0, 2), mp.mpf(2)),)


@functools.cache
def fixed_kinks() -> Sequence[Traces]:
    """Maxima at kinks whose times do not move."""
    return (Traces(_roofs(), _waves(), (0, 2), mp.mpf(2)),)


@functools.cache
def rising() -> Sequence[Traces]:
    """Maxima at the end."""
    rows = tuple(tuple(lambda t, a=i + r + 1: mp.sin(a * t / 8) for r in range(3)) for i in range(2))
    return (Traces(rows, _waves(), (0, 2), mp.mpf(2)),)


def _bells(phases: Sequence[int]) -> tuple[tuple[Trace, ...], ...]:
    def bell(i: int, r: int) -> Trace:
        centre, height = mp.mpf(8 + 3 * r + i) / 10, mp.mpf(r + 2 * i + 2) / 3
        return lambda t: height * mp.exp(-((t - centre) ** 2)) + t / 20

    return tuple(tuple(bell(i, r) for r in phases) for i in range(2))


def _roofs() -> tuple[tuple[Trace, ...], ...]:
    def roof(i: int, r: int) -> Trace:
        top = mp.mpf(8 + 3 * r + i) / 10
        return lambda t: mp.sin(t / 2) if t <= top else mp.sin(top / 2) - mp.sin(t - top) / (r + 2)

    return tuple(tuple(roof(i, r) for r in range(3)) for i in range(2))


def _waves() -> tuple[tuple[Trace, ...], ...]:
    return tuple(tuple(lambda t, k=2 * i + r + 1: mp.cos(k * t) + t * t for r in range(3)) for i in range(2))
