"""Signals between neurons: sums of delayed, weighted spikes and a constant, through the linear nodes of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from spikeproof.numbers import Array, Float64Array

Place: TypeAlias = tuple[str, float]  # a source of spikes and a delay


@dataclass(frozen=True)
class Term:
    """Weighted spikes of one source with one delay.

    Attributes
    ----------
    weight : array, shape (n_out, n_in), or (n_out,) of a diagonal matrix.
    there : bool array, shape of `weight`: where a connection is, of whatever weight.
    """

    weight: Float64Array
    there: Array

    def full(self) -> Term:
        """This term with matrices."""
        if self.weight.ndim == 2:
            return self
        return Term(np.diag(self.weight), np.diag(self.there))

    def __add__(self, other: Term) -> Term:
        a, b = (self, other) if self.weight.ndim == other.weight.ndim else (self.full(), other.full())
        return Term(a.weight + b.weight, a.there | b.there)


@dataclass(frozen=True)
class Signal:
    """A vector of `size` numbers that vary in time: the terms, and a constant.

    Attributes
    ----------
    size : number of entries.
    terms : by source and delay.
    constant : array, shape (size,).
    raw : True for the spikes of one source as it sent them, without weights.
    """

    size: int
    terms: dict[Place, Term] = field(default_factory=dict)
    constant: Any = None
    raw: bool = False

    @classmethod
    def spikes(cls, source: str, size: int) -> Signal:
        """The spikes of a source, one entry for each of its channels or neurons."""
        return cls(size, {(source, 0.0): Term(np.ones(size), np.ones(size, np.bool_))}, np.zeros(size), raw=True)

    def __add__(self, other: Signal) -> Signal:
        terms = dict(self.terms)
        for place, term in other.terms.items():
            terms[place] = terms[place] + term if place in terms else term
        return Signal(self.size, terms, self.constant + other.constant)

    def times(self, weight: Float64Array) -> Signal:
        """The product of a matrix, shape (n_out, size), with this signal."""
        terms = {}
        for place, term in self.terms.items():
            if term.weight.ndim == 1:
                there = np.broadcast_to(term.there, weight.shape)
                terms[place] = Term(weight * term.weight, there)
            else:
                there = np.broadcast_to(np.any(term.there, axis=0), (len(weight), term.there.shape[1]))
                terms[place] = Term(weight @ term.weight, there)
        return Signal(len(weight), terms, weight @ self.constant)

    def plus(self, constant: Float64Array) -> Signal:
        """This signal and a constant."""
        return Signal(self.size, self.terms, self.constant + constant)

    def scaled(self, scale: Float64Array) -> Signal:
        """This signal with each entry times a factor."""
        terms = {place: Term((t.weight.T * scale).T, t.there) for place, t in self.terms.items()}
        return Signal(self.size, terms, self.constant * scale)

    def delayed(self, delay: Float64Array) -> Signal:
        """This signal with each entry later by its delay; a constant stays what it is."""
        terms: dict[Place, Term] = {}
        for value in np.unique(delay):
            late = delay == value
            for (source, before), term in self.terms.items():
                own = Term((term.weight.T * late).T, (term.there.T & late).T)
                place = (source, before + float(value))
                terms[place] = terms[place] + own if place in terms else own
        return Signal(self.size, terms, self.constant, self.raw)

    def connections(self) -> Iterator[tuple[str, float, Float64Array, Array]]:
        """Source, delay, weights and places of each term that connects anything; weights by (source, target)."""
        for (source, delay), term in sorted(self.terms.items(), key=lambda item: item[0][1]):
            whole = term.full()
            if np.any(whole.there):
                yield source, delay, np.ascontiguousarray(whole.weight.T), np.ascontiguousarray(whole.there.T)
