"""Integrals of V, or of a function of V and t, and their derivatives: impulses at the nodes, and jumps at spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.losses import ExponentialWeight, PathIntegral, WeightedIntegral
from spikeproof.numbers import Float64Array
from spikeproof_reference.textbook.observed import Observed, Pulled
from spikeproof_reference.textbook.quadrature import Cut, Piece, converged, cuts_of
from spikeproof_reference.textbook.record import Spike

FINEST = 2.0**-14  # of the duration: the longest piece, where a user's function of time may hide between nodes


class Integral(Observed):
    """What integrals have in common: the pieces of the quadrature, and V of the population at their nodes."""

    observable: Any

    def pieces(self) -> list[Piece]:
        """The pieces on which all integrals have converged."""
        record, neurons = self.record, [self.record.model.neurons[n] for n in self.neurons]
        boundaries = sorted({0.0, record.model.duration, *(x.time for n in self.neurons for x in record.nodes[n])})
        shortest, longest = self.scales(min(min(n.tau_mem, n.tau_syn) for n in neurons))
        return self.rule(cuts_of(boundaries, shortest, longest))

    def rule(self, cuts: list[Cut]) -> list[Piece]:
        """The quadrature."""
        return converged(self.integrands, cuts)

    def scales(self, tau: float) -> tuple[float, float]:
        """Lengths of the first and of the longest piece of an interval."""
        return tau, np.inf

    def integrands(self, start: float, passed: Float64Array) -> Float64Array:
        """What is integrated, and its derivatives, shape (n, columns), at times since the start of an interval."""
        raise NotImplementedError

    def v(self, start: float, passed: Float64Array) -> Float64Array:
        """V at such times, shape (n, size)."""
        columns = []
        for n in self.neurons:
            k = self.record.interval_after(n, start)
            late = start - self.record.nodes[n][k].time  # short times since an event keep their digits
            columns.append([self.record.v_after(n, k, late + dt) for dt in passed.tolist()])
        return np.array(columns).T

    def pull_nodes(self, pieces: list[Piece], c: Any, pulled: Pulled) -> None:
        """Impulses at all nodes; `c` holds, per piece, dl_V/dV at its nodes, shape (n, size)."""
        for p, slopes in zip(pieces, c, strict=True):
            for m, n in enumerate(self.neurons):
                k = self.record.interval_after(n, p.start)
                since = p.start - self.record.nodes[n][k].time + p.passed
                pulled.impulses[n, k] += zip(since.tolist(), (p.weights * slopes[:, m]).tolist(), strict=True)

    def spikes(self) -> list[tuple[int, Spike]]:
        """The spikes of the population, with their numbers among the events."""
        events = enumerate(self.record.events)
        return [(k, e) for k, e in events if isinstance(e, Spike) and e.neuron in self.neurons]


class Weighted(Integral):
    """The integral of g(t) V(t) of each neuron, shape (size,)."""

    observable: WeightedIntegral

    def seen(self) -> Any:
        self.parts = self.pieces()
        return np.sum([p.integrals() for p in self.parts], axis=0)[: len(self.neurons)]

    def scales(self, tau: float) -> tuple[float, float]:
        weight = self.observable.weight
        if isinstance(weight, ExponentialWeight):
            return min(tau, float(weight.tau)), np.inf
        return tau, FINEST * self.record.model.duration if callable(weight) else np.inf

    def integrands(self, start: float, passed: Float64Array) -> Float64Array:
        g = self.g(start + passed)[:, None]
        return np.concatenate([g * self.v(start, passed), g], axis=1)

    def g(self, times: Float64Array) -> Float64Array:
        """The weight at some times."""
        weight = self.observable.weight
        if isinstance(weight, ExponentialWeight):
            return np.asarray(np.exp(-times / float(weight.tau)))
        if callable(weight):
            return self.observable.at(times)
        return np.full(times.shape, 1.0 / self.record.model.duration if weight == "mean" else 1.0)

    def pull(self, c: Any, pulled: Pulled) -> None:
        self.pull_nodes(self.parts, [p.values[:, -1:] * np.asarray(c) for p in self.parts], pulled)
        for _, e in self.spikes():
            neuron, slope = self.record.model.neurons[e.neuron], float(c[e.neuron - self.neurons.start])
            pulled.d_spike[e.number] += slope * float(self.g(np.array([e.time]))[0]) * (neuron.v_th - neuron.v_reset)


class Path(Integral):
    """The integral of l_V(V(t), t), a number."""

    observable: PathIntegral

    def seen(self) -> Any:
        self.parts = self.pieces()
        return float(sum(p.integrals()[0] for p in self.parts))

    def scales(self, tau: float) -> tuple[float, float]:
        return tau, FINEST * self.record.model.duration if self.observable.depends_on_time else np.inf

    def integrands(self, start: float, passed: Float64Array) -> Float64Array:
        density, slopes = self.observable.density(self.v(start, passed), start + passed, self.sample)
        return np.concatenate([np.asarray(density)[:, None], slopes], axis=1)

    def pull(self, c: Any, pulled: Pulled) -> None:
        self.pull_nodes(self.parts, [float(c) * p.values[:, 1:] for p in self.parts], pulled)
        for number, e in self.spikes():
            pulled.d_spike[e.number] += float(c) * self.drop(number, e)

    def drop(self, number: int, e: Spike) -> float:
        """``l_V^- - l_V^+`` at a spike of the population."""
        v = [self.record.v(n, self.record.interval_until(n, number), e.time) for n in self.neurons]
        pair, own, neuron = np.array([v, v]), e.neuron - self.neurons.start, self.record.model.neurons[e.neuron]
        pair[:, own] = neuron.v_th, neuron.v_reset
        before, after = self.observable.density(pair, np.full(2, e.time), self.sample)[0]
        return float(before - after)
