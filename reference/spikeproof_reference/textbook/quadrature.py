"""Integrals over the time of a sample by the rule of Gauss and Legendre, refined until they have converged.

An interval without events is cut into pieces: the first is as long as the shortest time constant, each of the next as
long as all before it, since by then V has become as slow. A piece is halved until the rule on it and the rules on its
halves agree; the halves are kept. Where they never agree, the integrand is refused. What happens in a smaller change
of V or of t than the nodes are apart they do not see: so `narrow` has cut pieces before to what the user says of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Float64Array

ORDER = 16
AGREED = 1e-12  # of the integral over a piece: that over its halves is closer still
NEGLIGIBLE = 2.0**-58  # of the integral over the whole sample
DEPTH = 40  # most bisections of a piece
MOST = 2**17  # pieces of a sample

# called with the start of an interval and times since then, shape (n,); returns what is integrated, shape (n, columns)
Integrands = Callable[[float, Float64Array], Float64Array]
Cut = tuple[
    float, float, float
]  # start of an interval, and of a piece of it where it starts and ends, counted from there


class Piece(NamedTuple):
    """A piece of an interval: nodes, counted from the `start` of the interval, weights, and integrands at the nodes."""

    start: float
    first: float
    last: float
    passed: Float64Array
    weights: Float64Array
    values: Float64Array

    def integrals(self) -> Float64Array:
        """Integrals of all columns."""
        return np.asarray(self.weights @ self.values)

    def moments(self, middle: float, width: float) -> Float64Array:
        """Integrals of all columns, alone and times the distance from the middle: derivatives are not constant."""
        x = (self.passed - middle) / width
        return np.concatenate([self.weights @ self.values, (self.weights * x) @ self.values])

    def sizes(self) -> Float64Array:
        """Integrals of the absolute values of the columns."""
        return np.asarray(self.weights @ np.abs(self.values))


def converged(f: Integrands, cuts: list[Cut], agreed: float = AGREED) -> list[Piece]:
    """Pieces on which the rules for the integrals of all columns have `agreed`, in the order of time.

    Raises
    ------
    InvalidInput
        If they do not converge, or take too many pieces.
    """
    pieces = [piece(f, cut) for cut in cuts]
    negligible = NEGLIGIBLE * np.sum([p.sizes() for p in pieces], axis=0)
    found = list(islice((q for p in pieces for q in _refined(f, p, agreed, negligible, DEPTH)), MOST + 1))
    if len(found) > MOST:
        raise InvalidInput("loss.integrand", f"more than {MOST} pieces", "a function that is smooth between events")
    return found


def piece(f: Integrands, cut: Cut, order: int = ORDER) -> Piece:
    """The rule on one piece."""
    nodes, weights = _rule(order)
    start, first, last = cut
    half = 0.5 * (last - first)
    passed = first + half * (1.0 + nodes)
    return Piece(start, first, last, passed, half * weights, f(start, passed))


def cuts_of(boundaries: list[float], shortest: float) -> list[Cut]:
    """The pieces of all intervals."""
    cuts: list[Cut] = []
    for start, stop in pairwise(boundaries):
        last = 0.0
        while last < stop - start:
            width, left = max(last, shortest), stop - start - last
            step = left if left < 1.5 * width else width
            cuts.append((start, last, last + step))
            last += step
    return cuts


@cache
def _rule(order: int) -> tuple[Float64Array, Float64Array]:
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


def _refined(f: Integrands, whole: Piece, agreed: float, negligible: Float64Array, depth: int) -> Iterator[Piece]:
    middle, width = 0.5 * (whole.first + whole.last), whole.last - whole.first
    halves = piece(f, (whole.start, whole.first, middle)), piece(f, (whole.start, middle, whole.last))
    if not all(np.all(np.isfinite(h.values)) for h in halves):
        raise InvalidInput("loss", "a value or derivative that overflows binary64", "finite numbers")
    error = np.abs(whole.moments(middle, width) - sum(h.moments(middle, width) for h in halves))
    accepted = agreed * sum(h.sizes() for h in halves) + negligible
    if np.all(error <= np.tile(accepted, 2)):
        yield from halves
    elif depth == 0:
        near = f"not smooth near t = {whole.start + middle!r}"
        raise InvalidInput("loss.integrand", near, "a function that is smooth between events")
    else:
        for half in halves:
            yield from _refined(f, half, agreed, negligible, depth - 1)
