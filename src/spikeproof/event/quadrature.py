"""Gauss-Legendre quadrature between the events of a population, refined until it has converged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.trajectories import Trajectories
from spikeproof.numbers import Float64Array, IntArray

EPS = 2.0**-52
EVEN = 64  # intervals that are longer, in units of the shortest time constant, are divided more and more coarsely
FINEST_SHARE = 2.0**-14  # of the duration: no piece needs to be shorter on account of a dependence on time alone
DEPTH = 40  # most bisections of a piece
MOST_NODES = 2**20  # of a sample
CONVERGED = 8.0 * EPS  # two rules that differ by rounding
UNRESOLVED = 2.0**18 * EPS  # of the time: rounding decides where nodes of so short an interval lie; they hardly count
NEGLIGIBLE = 2.0**-56  # of the integral over the whole sample

# called with V, shape (n, size), times, shape (n,), and a sample; returns what must be integrated, shape (n, columns)
Integrands: TypeAlias = Callable[[Float64Array, Float64Array, int], Float64Array]


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes, ascending in each sample.

    Attributes
    ----------
    sample : int array, shape (n_nodes,)
    offset : int array, shape (n_samples + 1,)
    time, weight : arrays, shape (n_nodes,)
    values : array, shape (n_nodes, columns): the integrands.
    """

    sample: IntArray
    offset: IntArray
    time: Float64Array
    weight: Float64Array
    values: Float64Array


class _Rule(NamedTuple):
    """The Gauss-Legendre rule on (-1, 1), and the matrix that differentiates the polynomial through its nodes."""

    x: Float64Array  # (n,)
    weight: Float64Array  # (n,)
    derivative: Float64Array  # (n, n)


@dataclass(frozen=True)
class _Pieces:
    """Parts of intervals without events, ascending in each sample, with the rule on each; P pieces of n nodes."""

    rule: _Rule
    sample: IntArray  # (P,)
    start: Float64Array  # (P,)
    stop: Float64Array  # (P,)
    values: Float64Array  # (P, n, columns)

    @cached_property
    def time(self) -> Float64Array:
        return _times(self.rule, self.start, self.stop)

    @cached_property
    def weight(self) -> Float64Array:
        """Weights of the nodes where rounding has put them, (P, n).

        Late times are coarse beside a short piece. A node that is off by e, in units of half the width, sees f + e f':
        the weights take off what that changes.
        """
        half = 0.5 * (self.stop - self.start)[:, None]
        off = self.rule.weight * (((self.time - self.start[:, None]) - half * (1.0 + self.rule.x)) / half)
        return np.asarray(half * (self.rule.weight - _summed(off[:, :, None] * self.rule.derivative)))

    def moments(self, start: Float64Array, stop: Float64Array) -> tuple[Float64Array, Float64Array]:
        """Integrals of the integrands, and of x times them, x from -1 at `start` to 1 at `stop`; shape (P, columns)."""
        half = 0.5 * (stop - start)[:, None]
        x = ((self.time - start[:, None]) - half) / half
        weighted = self.weight[:, :, None] * self.values
        return _summed(weighted), _summed(weighted * x[:, :, None])

    def sizes(self) -> Float64Array:
        """Integrals of the absolute values."""
        return _summed(self.weight[:, :, None] * np.abs(self.values))

    def where(self, chosen: IntArray) -> _Pieces:
        """Some of the pieces."""
        return _Pieces(self.rule, self.sample[chosen], self.start[chosen], self.stop[chosen], self.values[chosen])


def nodes_of(run: Trajectories, order: int, integrands: Integrands, *, depends_on_time: bool = True) -> Nodes:
    """Nodes at which the integrals of all columns, and those times a smooth function, have converged.

    Parameters
    ----------
    run
        Potentials of a population.
    order
        Number of nodes of the rule on each piece.
    integrands
        The functions to be integrated.
    depends_on_time
        False if they depend on time through V alone: then there is nothing to see in a long silence.

    Raises
    ------
    InvalidInput
        If the integrals do not converge, or take too many nodes.

    Notes
    -----
    A piece is halved until the rule on it and those on its halves agree to the square root of what is wanted: the rules
    on the halves are the better ones by so much again. They are kept, unless the difference is rounding. A multiple of
    the distance from the middle of the piece is integrated as well, because the adjoint does so with the derivatives.
    """
    rule = _rule(order)
    wanted = min(max(EPS * 4.0**order, 1e-13), 1e-9)
    pieces = _evaluated(run, rule, integrands, *_first_pieces(run, depends_on_time))
    total = np.zeros((run.n_samples, pieces.values.shape[-1]))
    np.add.at(total, pieces.sample, pieces.sizes())
    unresolved = pieces.stop - pieces.start <= UNRESOLVED * pieces.stop
    kept, pieces = [pieces.where(np.flatnonzero(unresolved))], pieces.where(np.flatnonzero(~unresolved))
    count = np.zeros(run.n_samples, np.int64)
    for _ in range(DEPTH):
        if not len(pieces.start):
            return _joined(run, kept)
        halves = _halved(run, pieces, integrands)
        error, size = _disagreement(pieces, halves)
        rounding = np.all(error <= CONVERGED * size, axis=1)
        close = rounding | np.all(error <= wanted * size + NEGLIGIBLE * total[pieces.sample], axis=1)
        kept += [pieces.where(np.flatnonzero(rounding)), halves.where(_both(np.flatnonzero(close & ~rounding)))]
        count += sum(np.bincount(p.sample, minlength=run.n_samples) for p in kept[-2:])
        pieces = halves.where(_both(np.flatnonzero(~close)))
        if np.max(count + np.bincount(pieces.sample, minlength=run.n_samples)) * order > MOST_NODES:
            raise InvalidInput("loss.order", order, f"an order that takes at most {MOST_NODES} nodes for a sample")
    near = f"not smooth near t = {float(pieces.start[0])!r} of sample {pieces.sample[0]}"
    raise InvalidInput("loss.integrand", near, "a function that is smooth between events")


def _first_pieces(run: Trajectories, depends_on_time: bool) -> tuple[IntArray, Float64Array, Float64Array]:
    """Sample, start and end of the pieces that are tried first.

    At first a piece is as long as the shortest time constant; late in a long interval it is as long as the part of the
    interval that lies before it, by then V has become as slow.
    """
    shortest = float(min(np.min(run.tau_mem), np.min(run.tau_syn)))
    longest = max(shortest, FINEST_SHARE * run.duration) if depends_on_time else np.inf
    boundary, offset = run.boundaries()
    samples, starts, stops = [], [], []
    for s in range(run.n_samples):
        edges = boundary[offset[s] : offset[s + 1]]
        for start, stop in pairwise(edges.tolist()):
            cuts = start + _cuts(stop - start, shortest, longest)
            cuts[-1] = stop
            starts.append(cuts[:-1])
            stops.append(cuts[1:])
            samples.append(np.full(len(cuts) - 1, s))
    return np.concatenate(samples), np.concatenate(starts), np.concatenate(stops)


def _cuts(length: float, shortest: float, longest: float) -> Float64Array:
    """Where an interval is cut, its ends included, counted from its start."""
    if length <= EVEN * shortest or longest <= shortest:
        return np.linspace(0.0, length, max(1, int(np.ceil(length / shortest))) + 1)
    cuts = [shortest * k for k in range(EVEN + 1)]
    while cuts[-1] < length:
        cuts.append(min(cuts[-1] + min(cuts[-1], longest), length))
    return np.array(cuts)


def _evaluated(
    run: Trajectories, rule: _Rule, integrands: Integrands, sample: IntArray, start: Float64Array, stop: Float64Array
) -> _Pieces:
    """The pieces, with the integrands at their nodes."""
    times, order = _times(rule, start, stop).ravel(), len(rule.x)
    offset = order * np.searchsorted(sample, np.arange(run.n_samples + 1))
    v = run.at(times, offset)
    parts = []
    for s in np.unique(sample):
        own = slice(offset[s], offset[s + 1])
        parts.append(integrands(v[own], times[own], int(s)))
    return _Pieces(rule, sample, start, stop, np.concatenate(parts).reshape(len(sample), order, -1))


def _summed(terms: Float64Array) -> Float64Array:
    """Sum over the nodes, the second axis, in their order: the bits of a piece do not depend on those beside it."""
    total = terms[:, 0].copy()
    for k in range(1, terms.shape[1]):
        total += terms[:, k]
    return total


def _times(rule: _Rule, start: Float64Array, stop: Float64Array) -> Float64Array:
    return np.asarray(start[:, None] + 0.5 * (stop - start)[:, None] * (1.0 + rule.x))


@lru_cache(maxsize=8)
def _rule(order: int) -> _Rule:
    """The rule of an order; its matrix by the barycentric form, whose weights are ``(-1)^k sqrt((1 - x^2) w)``.

    References
    ----------
    Berrut and Trefethen (2004), Barycentric Lagrange interpolation, SIAM Review 46, 501-517.
    """
    x, weight = np.polynomial.legendre.leggauss(order)
    barycentric = (-1.0) ** np.arange(order) * np.sqrt((1.0 - x * x) * weight)
    apart = x[:, None] - x + np.eye(order)
    derivative = barycentric / barycentric[:, None] / apart * (1.0 - np.eye(order))
    return _Rule(x, weight, derivative - np.diag(derivative.sum(axis=1)))


def _halved(run: Trajectories, pieces: _Pieces, integrands: Integrands) -> _Pieces:
    """The halves of all pieces, one after the other."""
    start, stop, middle = np.repeat(pieces.start, 2), np.repeat(pieces.stop, 2), 0.5 * (pieces.start + pieces.stop)
    start[1::2], stop[::2] = middle, middle
    return _evaluated(run, pieces.rule, integrands, np.repeat(pieces.sample, 2), start, stop)


def _disagreement(pieces: _Pieces, halves: _Pieces) -> tuple[Float64Array, Float64Array]:
    """Largest difference of the integrals over the pieces and over their halves, and their size; per column."""
    coarse = pieces.moments(pieces.start, pieces.stop)
    fine = [m[::2] + m[1::2] for m in halves.moments(np.repeat(pieces.start, 2), np.repeat(pieces.stop, 2))]
    error = np.maximum(*(np.abs(a - b) for a, b in zip(coarse, fine, strict=True)))
    size = halves.sizes()
    return np.asarray(error), size[::2] + size[1::2]


def _both(chosen: IntArray) -> IntArray:
    """Numbers of the halves of some pieces."""
    return np.stack([2 * chosen, 2 * chosen + 1], axis=1).ravel()


def _joined(run: Trajectories, kept: list[_Pieces]) -> Nodes:
    """The nodes of all pieces."""
    order = len(kept[0].rule.x)
    sample = np.repeat(np.concatenate([p.sample for p in kept]), order)
    time, weight = (np.concatenate([getattr(p, name).ravel() for p in kept]) for name in ("time", "weight"))
    values = np.concatenate([p.values.reshape(-1, p.values.shape[-1]) for p in kept])
    by_time = np.lexsort((time, sample))
    return Nodes(
        sample=sample[by_time],
        offset=np.searchsorted(sample[by_time], np.arange(run.n_samples + 1)),
        time=time[by_time],
        weight=weight[by_time],
        values=values[by_time],
    )
