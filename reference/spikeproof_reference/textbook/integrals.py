"""Integrals of V, or of a function of V and t, and their derivatives: impulses at the nodes, and jumps at spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.losses import ExponentialWeight, PathIntegral, WeightedIntegral
from spikeproof.losses.observables import SMOOTH
from spikeproof.numbers import Float64Array
from spikeproof_reference.textbook.narrow import Narrow
from spikeproof_reference.textbook.observed import Observed, Pulled
from spikeproof_reference.textbook.quadrature import AGREED, Cut, Piece, converged, cuts_of
from spikeproof_reference.textbook.record import Spike


class Integral(Observed):
    """Base of integrals: the pieces of the quadrature, and V of the population at their nodes."""

    observable: Any

    def pieces(self) -> list[Piece]:
        """The pieces on which all integrals have converged."""
        record, neurons = self.record, [self.record.model.neurons[n] for n in self.neurons]
        boundaries = sorted({0.0, record.model.duration, *(x.time for n in self.neurons for x in record.nodes[n])})
        cuts = cuts_of(boundaries, self.scale(min(min(n.tau_mem, n.tau_syn) for n in neurons)))
        narrow = Narrow(record, self.neurons, *self.widths())
        return self.rule(narrow.cut(cuts), max(AGREED, narrow.noise))

    def rule(self, cuts: list[Cut], agreed: float) -> list[Piece]:
        """The quadrature, until rules agree so far."""
        return converged(self.integrands, cuts, agreed)

    def scale(self, tau: float) -> float:
        """Length of the first piece of an interval."""
        return tau

    def widths(self) -> tuple[float | None, float | None]:
        """The smallest changes of V and of t in which something happens, None for what is taken for granted."""
        raise NotImplementedError

    def integrands(self, start: float, passed: Float64Array) -> Float64Array:
        """The integrands and their derivatives, shape (n, columns), at times since the start of an interval."""
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

    def scale(self, tau: float) -> float:
        weight = self.observable.weight
        return min(tau, float(weight.tau)) if isinstance(weight, ExponentialWeight) else tau

    def widths(self) -> tuple[float | None, float | None]:
        return SMOOTH, _given(self.observable.t_width) if callable(self.observable.weight) else SMOOTH

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

    def widths(self) -> tuple[float | None, float | None]:
        seen = self.observable
        return _given(seen.v_width), _given(seen.t_width) if seen.depends_on_time else SMOOTH

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


def _given(width: Any) -> float | None:
    return None if width is None else float(width)
