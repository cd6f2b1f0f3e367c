"""A second evaluation of pieces in which V or t changes by more between two nodes than the widths of a loss allow.

Between the nodes of a piece nothing is known. So the user states the smallest change of V and of t in which something
happens, and a piece that is wider is looked at again, in parts whose nodes are at most 0.8 of such a width apart. Where
these add up to what the piece has found, its few nodes are as good as their many; else the parts take its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.pieces import (
    CONVERGED,
    MOST_NODES,
    NEGLIGIBLE,
    UNDERFLOW,
    UNRESOLVED,
    Integrands,
    Pieces,
    Rule,
    extremes,
    integrands_at,
    times_of,
)
from spikeproof.event.trajectories import Trajectories
from spikeproof.losses.observables import SHARE
from spikeproof.numbers import Float64Array, IntArray, Scalar

STILL = 2.0**-40  # of the largest |V|: the rounding of V is no change in which an integrand does something by default
TOGETHER = 2**12  # parts that are evaluated at a time: they bound the memory


@dataclass(frozen=True)
class Reach:
    """How far V, per sample, and t may go within a piece."""

    v: Float64Array  # (n_samples,)
    t: float
    order: int

    def times(self, pieces: Pieces) -> tuple[Float64Array, Float64Array]:
        """How many times further V, and t, go in each piece."""
        span = np.max(pieces.high - pieces.low, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_v = np.where(span > 0.0, span / self.v[pieces.sample], 0.0)
        return by_v, (pieces.stop - pieces.start) / self.t

    def refusal(self, by_v: float, by_t: float) -> InvalidInput:
        """The width that asks for too much is refused."""
        name, width = ("v_width", np.min(self.v)) if by_v >= by_t else ("t_width", self.t)
        allowed = f"a width that takes at most {MOST_NODES} nodes for a sample"
        return InvalidInput(f"loss.{name}", float(2.0 * width / self.order), allowed)


def reach_of(pieces: Pieces, run: Trajectories, v_width: Scalar | None, t_width: Scalar | None) -> Reach:
    """The largest changes of V and t within a piece that these widths allow; None is a fraction of the whole range."""
    order, n = len(pieces.rule.x), run.n_samples
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, pieces.sample, pieces.low.min(axis=1))
    np.maximum.at(high, pieces.sample, pieces.high.max(axis=1))
    granted = np.maximum(SHARE * (high - low), STILL * np.maximum(np.abs(low), np.abs(high)))
    v = granted if v_width is None else np.full(n, float(v_width))
    return Reach(0.5 * order * v, 0.5 * order * (SHARE * run.duration if t_width is None else float(t_width)), order)


def looked_at(
    run: Trajectories, pieces: Pieces, integrands: Integrands, reach: Reach, total: Float64Array
) -> tuple[Pieces, Pieces]:
    """Pieces that hold, and parts that take the place of the others, both ascending in each sample.

    `pieces` are all that have converged, ascending in each sample. `total`, the integral of the absolute values over a
    sample, grows to what the parts have seen of it.

    Raises
    ------
    InvalidInput
        If the parts take more than `MOST_NODES` nodes of a sample.
    """
    wide = np.maximum(*reach.times(pieces)) > 1.0
    wide &= pieces.stop - pieces.start > UNRESOLVED * pieces.stop
    holds, found = np.ones(len(wide), np.bool_), [pieces.where(np.zeros(0, np.int64))]
    for s in np.unique(pieces.sample[wide]):
        own, alone = np.flatnonzero(wide & (pieces.sample == s)), run.alone(int(s))
        seen = np.zeros_like(total[s])
        for start, stop, parent, v in _cut(alone, pieces.where(own), reach):
            values = integrands_at(integrands, v, times_of(pieces.rule, start, stop), int(s))
            parts = Pieces(pieces.rule, np.full(len(start), s), start, stop, *extremes(v), values)
            agrees, size = _agreement(pieces.where(own[np.unique(parent)]), parts, parent, total[s])
            seen += size
            holds[own[np.unique(parent)]] = agrees
            found.append(parts.where(np.flatnonzero(~agrees[parent - parent[0]])))
        total[s] = np.maximum(total[s], seen)
    return pieces.where(np.flatnonzero(holds)), joined(found)


def joined(pieces: list[Pieces]) -> Pieces:
    """All pieces of a list, one after the other."""
    names = ("sample", "start", "stop", "low", "high", "values")
    return Pieces(pieces[0].rule, *(np.concatenate([getattr(p, name) for p in pieces]) for name in names))


def _agreement(whole: Pieces, parts: Pieces, parent: IntArray, total: Float64Array) -> tuple[IntArray, Float64Array]:
    """The pieces that their parts confirm, and the size of all parts, per column."""
    first, own = np.flatnonzero(np.diff(parent, prepend=-1)), parent - parent[0]
    coarse = whole.moments(whole.start, whole.stop)
    fine = (np.add.reduceat(m, first) for m in parts.moments(whole.start[own], whole.stop[own]))
    error = np.maximum(*(np.abs(a - b) for a, b in zip(coarse, fine, strict=True)))
    size = np.add.reduceat(parts.sizes(), first)
    allowed = CONVERGED * size + NEGLIGIBLE * total + UNDERFLOW * (whole.stop - whole.start)[:, None]
    return np.all(error <= allowed, axis=1), np.sum(size, axis=0)


def _cut(
    alone: Trajectories, pieces: Pieces, reach: Reach
) -> Iterator[tuple[Float64Array, Float64Array, IntArray, Float64Array]]:
    """Start, end, number of the piece, and V of parts that reach no further than they may, some pieces at a time."""
    by_v, by_t = reach.times(pieces)
    expected, count = np.ceil(np.maximum(by_v, by_t)), 0
    if np.sum(expected) * reach.order > MOST_NODES:
        raise reach.refusal(float(np.sum(by_v)), float(np.sum(by_t)))
    group = np.floor((np.cumsum(expected) - expected) / TOGETHER)
    for g in np.unique(group):
        parent = np.flatnonzero(group == g)
        start, stop = pieces.start[parent], pieces.stop[parent]
        times = expected[parent]
        while np.any(times > 1.0):
            start, stop, parent = _in_parts(start, stop, parent, times.astype(np.int64))
            if (count + len(start)) * reach.order > MOST_NODES:
                raise reach.refusal(float(np.sum(by_v)), float(np.sum(by_t)))
            v = _potentials(alone, pieces.rule, start, stop)
            times = _further(v, start, stop, float(reach.v[pieces.sample[0]]), reach.t)
        count += len(start)
        yield start, stop, parent, v


def _in_parts(
    start: Float64Array, stop: Float64Array, parent: IntArray, n: IntArray
) -> tuple[Float64Array, Float64Array, IntArray]:
    """Every interval in `n` equal parts; an end stays what it is."""
    which = np.repeat(np.arange(len(n)), n)
    k = np.arange(len(which)) - np.repeat(np.cumsum(n) - n, n)
    step = ((stop - start) / n)[which]
    first = start[which] + k * step
    last = np.where(k + 1 == n[which], stop[which], start[which] + (k + 1) * step)
    return first, last, parent[which]


def _potentials(alone: Trajectories, rule: Rule, start: Float64Array, stop: Float64Array) -> Float64Array:
    """V at the nodes of some intervals, (n, nodes, size)."""
    times = times_of(rule, start, stop)
    return alone.at(times.ravel(), np.array([0, times.size])).reshape(*times.shape, -1)


def _further(v: Float64Array, start: Float64Array, stop: Float64Array, by_v: float, by_t: float) -> Float64Array:
    """How many parts each interval has to be cut into, 1 where it stays as it is."""
    low, high = extremes(v)
    span, length = np.max(high - low, axis=1), stop - start
    stays = (length <= UNRESOLVED * stop) | ((span <= by_v) & (length <= by_t))
    with np.errstate(divide="ignore"):
        times = np.maximum(span / by_v, length / by_t)
    return np.where(stays, 1.0, np.clip(np.ceil(times), 2.0, 2.0**20))
