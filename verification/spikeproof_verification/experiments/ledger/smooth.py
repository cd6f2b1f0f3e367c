"""Smooth dynamical systems with parameters, on which the general adjoint method is checked.

The systems are quadratic, with Jacobians that are not symmetric; the loss is the integral of
l(x, t) = sum_a stiffness_a x_a^2 / 2 + t tilt_a x_a.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from spikeproof_verification.experiments.ledger.precision import (
    STEP,
    Number,
    Vector,
    derivatives,
    dot,
    gradient,
    integral,
    mp,
    panels,
)  # fmt: skip
from spikeproof_verification.experiments.ledger.series import Path, Term, integrate

STEPS, PANELS = 12, 5  # of the Taylor series and of quadrature


@dataclass(frozen=True, eq=False)
class System:
    """dx/dt = F(x, p) = (sum_i p_i A_i) x + Q(x, x), from fixed `start` to `end`.

    Attributes
    ----------
    p : parameters.
    linear : of each parameter its matrix A_i, as [parameter][row][column].
    quadratic : terms (row, coefficient, (b, c)) of Q.
    start : x(0), which no parameter moves.
    stiffness, tilt : of the loss.
    multiplier : phases of an arbitrary smooth lambda(t).
    end : T.
    """

    p: tuple[Number, ...]
    linear: tuple[tuple[tuple[Number, ...], ...], ...]
    quadratic: tuple[tuple[int, Number, tuple[int, int]], ...]
    start: tuple[Number, ...]
    stiffness: tuple[Number, ...]
    tilt: tuple[Number, ...]
    multiplier: tuple[Number, ...]
    end: Number

    @property
    def size(self) -> int:
        """Number of components of x."""
        return len(self.start)

    @functools.cached_property
    def knots(self) -> list[Number]:
        """Panels of the quadrature over the whole trajectory."""
        return panels(mp.mpf(0), self.end, PANELS)

    @functools.cached_property
    def _terms(self) -> dict[tuple[Number, ...], list[list[Term]]]:
        return {}

    def terms(self, p: Vector) -> list[list[Term]]:
        """F as the terms of a field of x."""
        key = tuple(p)
        if key not in self._terms:
            self._terms[key] = self._field(p)
        return self._terms[key]

    def _field(self, p: Vector) -> list[list[Term]]:
        terms: list[list[Term]] = [[] for _ in self.start]
        for row in range(self.size):
            for column in range(self.size):
                terms[row].append((dot(p, [matrix[row][column] for matrix in self.linear]), (column,)))
        for row, factor, names in self.quadratic:
            terms[row].append((factor, names))
        return terms

    def flow(self, x: Vector, p: Vector) -> list[Number]:
        """F(x, p)."""
        return [mp.fsum(c * mp.fprod(x[n] for n in names) for c, names in terms) for terms in self.terms(p)]

    @functools.cached_property
    def _paths(self) -> dict[tuple[Number, ...], Path]:
        return {}

    def path(self, p: Vector) -> Path:
        """The trajectory x(t, p)."""
        key = tuple(p)
        if key not in self._paths:
            self._paths[key] = integrate(self.terms(p), mp.mpf(0), self.start, self.end, self.end / STEPS)
        return self._paths[key]

    def moved(self, i: int, by: Number) -> list[Number]:
        """The parameters with parameter `i` moved."""
        return [*self.p[:i], self.p[i] + by, *self.p[i + 1 :]]

    def x(self, t: Number) -> list[Number]:
        """The trajectory at the system's own parameters."""
        return self.path(self.p).at(t)

    def dx(self, i: int, t: Number) -> list[Number]:
        """dx/dp_i at the time `t`: a difference of two trajectories."""
        after, before = (self.path(self.moved(i, step)).at(t) for step in (STEP, -STEP))
        return [(a - b) / (2 * STEP) for a, b in zip(after, before, strict=True)]

    def dx_dt(self, i: int, t: Number) -> list[Number]:
        """d/dt of dx/dp_i: a difference in time of differences of trajectories."""
        return derivatives(lambda time: self.dx(i, time), t)

    def jacobian(self, x: Vector) -> list[list[Number]]:
        """dF/dx as [row][column]."""
        columns = [
            derivatives(lambda value, c=c: self.flow([*x[:c], value, *x[c + 1 :]], self.p), x[c])  # type: ignore[misc]
            for c in range(self.size)
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    def flow_slope(self, i: int, x: Vector) -> list[Number]:
        """dF/dp_i at fixed x."""
        return derivatives(lambda value: self.flow(x, [*self.p[:i], value, *self.p[i + 1 :]]), self.p[i])

    def loss_density(self, x: Vector, t: Number) -> Number:
        """l(x, t)."""
        return mp.fsum(s * v * v / 2 + t * d * v for s, d, v in zip(self.stiffness, self.tilt, x, strict=True))

    def loss_slope(self, x: Vector, t: Number) -> list[Number]:
        """dl/dx, as differences of l."""
        return gradient(lambda point: self.loss_density(point, t), x)

    def loss(self, p: Vector) -> Number:
        """The integral of l along the trajectory of the parameters `p`."""
        path = self.path(p)
        return integral(lambda t: self.loss_density(path.at(t), t), self.knots)

    @functools.cached_property
    def loss_gradient(self) -> list[Number]:
        """dL/dp_i for every i, differences of two losses."""
        places = range(len(self.p))
        return [(self.loss(self.moved(i, STEP)) - self.loss(self.moved(i, -STEP))) / (2 * STEP) for i in places]

    def free_lambda(self, t: Number) -> list[Number]:
        """A smooth lambda(t) that satisfies no equation, and vanishes at the end."""
        return [(self.end - t) * mp.sin(phase + (n + 1) * t) for n, phase in enumerate(self.multiplier)]

    def adjoint(self, *, transposed: bool) -> Path:
        """(x, t, lambda) from lambda(T) = 0 back to 0: dlambda/dt = dl/dx - J lambda, J = dF/dx or its transpose."""
        n = self.size
        field: list[list[Term]] = [*self.terms(self.p), [(mp.mpf(1), ())]]
        field += [[(self.stiffness[a], (a,)), (self.tilt[a], (n,))] for a in range(n)]
        for row, terms in enumerate(self.terms(self.p)):
            for factor, names in terms:
                for place, column in enumerate(names):
                    others = names[:place] + names[place + 1 :]
                    target, source = (column, row) if transposed else (row, column)
                    field[n + 1 + target].append((-factor, (*others, n + 1 + source)))
        state = [*self.x(self.end), self.end, *([mp.mpf(0)] * n)]
        return integrate(field, self.end, state, mp.mpf(0), self.end / STEPS)


@functools.cache
def systems() -> Sequence[System]:
    """A random system of two components and two parameters."""
    return (_draw(random.Random(3), 2),)


@functools.cache
def scalar_systems() -> Sequence[System]:
    """A system of one component, where a matrix is its own transpose."""
    return (_draw(random.Random(5), 1),)


def _draw(rng: random.Random, size: int) -> System:
    def numbers(count: int) -> tuple[Number, ...]:
        return tuple(mp.mpf(rng.randint(-900, 900)) / 1000 for _ in range(count))

    products = [(row, (b, c)) for row in range(size) for b in range(size) for c in range(b, size)]
    factors = numbers(len(products))
    return System(
        p=numbers(2),
        linear=tuple(tuple(numbers(size) for _ in range(size)) for _ in range(2)),
        quadratic=tuple((row, factor / 2, pair) for (row, pair), factor in zip(products, factors, strict=True)),
        start=numbers(size),
        stiffness=numbers(size),
        tilt=numbers(size),
        multiplier=numbers(size),
        end=mp.mpf(1),
    )
