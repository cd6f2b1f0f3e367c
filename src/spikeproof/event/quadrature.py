"""Gauss-Legendre quadrature between the events of a population, refined until it has converged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.narrow import joined, looked_at, reach_of
from spikeproof.event.pieces import (
    CONVERGED,
    EPS,
    MOST_NODES,
    NEGLIGIBLE,
    UNDERFLOW,
    UNRESOLVED,
    Integrands,
    Pieces,
    evaluated,
    rule_of,
)
from spikeproof.event.trajectories import Trajectories
from spikeproof.numbers import Float64Array, IntArray, Scalar

ROUGH = 1e-11  # accepted difference of a rule and those on its halves, whose own error is about its 1.5th power
EVEN = 64  # intervals that are longer, in units of the shortest time constant, are divided more and more coarsely
DEPTH = 40  # most bisections of a piece


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


def nodes_of(
    run: Trajectories, order: int, integrands: Integrands, v_width: Scalar | None, t_width: Scalar | None
) -> Nodes:
    """Nodes at which the integrals of all columns, and those times a smooth function, have converged.

    Parameters
    ----------
    run
        Potentials of a population.
    order
        Number of nodes of the rule on each piece.
    integrands
        The functions to be integrated.
    v_width, t_width
        The smallest changes of V and of t in which they do something, see `PathIntegral`.

    Raises
    ------
    InvalidInput
        If the integrals do not converge, or take too many nodes.

    Notes
    -----
    A piece is halved until the rule on it and those on its halves agree roughly: the rules on the halves are better by
    nearly as much again, even where a pole lies beside an end. They are kept, unless the difference is rounding.
    A multiple of the distance from the middle of the piece is integrated as well, because the adjoint does so with the
    derivatives. Pieces that are wide beside what an integrand does are then looked at again, see `narrow`.
    """
    pieces = evaluated(run, rule_of(order), integrands, *_first_pieces(run))
    total = np.zeros((run.n_samples, pieces.values.shape[-1]))
    np.add.at(total, pieces.sample, pieces.sizes())
    reach = reach_of(pieces, run, v_width, t_width)
    kept, parts = looked_at(run, _refined(run, pieces, integrands, total), integrands, reach, total)
    if len(parts.start):
        count = np.bincount(kept.sample, minlength=run.n_samples)
        kept = _ascending([kept, _refined(run, parts, integrands, total, count)])
    return _nodes(run, kept)


def _refined(
    run: Trajectories, pieces: Pieces, integrands: Integrands, total: Float64Array, others: IntArray | int = 0
) -> Pieces:
    """Pieces on which all has converged; a sample has `others` beside them."""
    order = len(pieces.rule.x)
    wanted = min(max(EPS * 4.0**order, 1e-13), ROUGH)
    unresolved = pieces.stop - pieces.start <= UNRESOLVED * pieces.stop
    kept, pieces = [pieces.where(np.flatnonzero(unresolved))], pieces.where(np.flatnonzero(~unresolved))
    count = np.zeros(run.n_samples, np.int64) + others
    for _ in range(DEPTH):
        if not len(pieces.start):
            return _ascending(kept)
        halves = _halved(run, pieces, integrands)
        error, size = _disagreement(pieces, halves)
        floor = UNDERFLOW * (pieces.stop - pieces.start)[:, None]
        rounding = np.all(error <= CONVERGED * size + floor, axis=1)
        close = rounding | np.all(error <= wanted * size + NEGLIGIBLE * total[pieces.sample] + floor, axis=1)
        kept += [pieces.where(np.flatnonzero(rounding)), halves.where(_both(np.flatnonzero(close & ~rounding)))]
        count += sum(np.bincount(p.sample, minlength=run.n_samples) for p in kept[-2:])
        pieces = halves.where(_both(np.flatnonzero(~close)))
        if np.max(count + np.bincount(pieces.sample, minlength=run.n_samples)) * order > MOST_NODES:
            raise InvalidInput("loss.order", order, f"an order that takes at most {MOST_NODES} nodes for a sample")
    near = f"not smooth near t = {float(pieces.start[0])!r} of sample {pieces.sample[0]}"
    raise InvalidInput("loss.integrand", near, "a function that is smooth between events")


def _first_pieces(run: Trajectories) -> tuple[IntArray, Float64Array, Float64Array]:
    """Sample, start and end of the pieces that are tried first.

    At first a piece is as long as the shortest time constant; late in a long interval it is as long as the part of the
    interval that lies before it, by then V has become as slow.
    """
    shortest = float(min(np.min(run.tau_mem), np.min(run.tau_syn)))
    boundary, offset = run.boundaries()
    samples, starts, stops = [], [], []
    for s in range(run.n_samples):
        edges = boundary[offset[s] : offset[s + 1]]
        for start, stop in pairwise(edges.tolist()):
            cuts = start + _cuts(stop - start, shortest)
            cuts[-1] = stop
            starts.append(cuts[:-1])
            stops.append(cuts[1:])
            samples.append(np.full(len(cuts) - 1, s))
    return np.concatenate(samples), np.concatenate(starts), np.concatenate(stops)


def _cuts(length: float, shortest: float) -> Float64Array:
    """The times at which an interval is cut, both ends included, counted from its start."""
    if length <= EVEN * shortest:
        return np.linspace(0.0, length, max(1, int(np.ceil(length / shortest))) + 1)
    cuts = [shortest * k for k in range(EVEN + 1)]
    while cuts[-1] < length:
        cuts.append(min(2.0 * cuts[-1], length))
    return np.array(cuts)


def _halved(run: Trajectories, pieces: Pieces, integrands: Integrands) -> Pieces:
    """The halves of all pieces, one after the other."""
    start, stop, middle = np.repeat(pieces.start, 2), np.repeat(pieces.stop, 2), 0.5 * (pieces.start + pieces.stop)
    start[1::2], stop[::2] = middle, middle
    return evaluated(run, pieces.rule, integrands, np.repeat(pieces.sample, 2), start, stop)


def _disagreement(pieces: Pieces, halves: Pieces) -> tuple[Float64Array, Float64Array]:
    """Largest difference of the integrals over the pieces and over their halves, and their size; per column."""
    coarse = pieces.moments(pieces.start, pieces.stop)
    fine = [m[::2] + m[1::2] for m in halves.moments(np.repeat(pieces.start, 2), np.repeat(pieces.stop, 2))]
    error = np.maximum(*(np.abs(a - b) for a, b in zip(coarse, fine, strict=True)))
    size = halves.sizes()
    return np.asarray(error), size[::2] + size[1::2]


def _both(chosen: IntArray) -> IntArray:
    """Numbers of the halves of some pieces."""
    return np.stack([2 * chosen, 2 * chosen + 1], axis=1).ravel()


def _ascending(kept: list[Pieces]) -> Pieces:
    """All pieces, in the order of time in each sample."""
    pieces = joined(kept)
    return pieces.where(np.lexsort((pieces.start, pieces.sample)))


def _nodes(run: Trajectories, pieces: Pieces) -> Nodes:
    """The nodes of all pieces."""
    sample = np.repeat(pieces.sample, len(pieces.rule.x))
    time, weight = pieces.time.ravel(), pieces.weight.ravel()
    values = pieces.values.reshape(-1, pieces.values.shape[-1])
    by_time = np.lexsort((time, sample))
    return Nodes(
        sample=sample[by_time],
        offset=np.searchsorted(sample[by_time], np.arange(run.n_samples + 1)),
        time=time[by_time],
        weight=weight[by_time],
        values=values[by_time],
    )
