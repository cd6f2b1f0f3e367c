"""The course of every neuron through one sample, divided where something arrives at it, it spikes or is released."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from spikeproof_reference.mp.flow import Factors, Flow
from spikeproof_reference.mp.model import Neuron
from spikeproof_reference.mp.tape import Arrival, Node, Tape


class Segment(NamedTuple):
    """An interval without events of one neuron: its state just after the start, and how long it lasts.

    `group` numbers its flow, which is another one while the neuron is held.
    """

    neuron: Neuron
    flow: Flow
    start: int  # moment
    stop: int  # moment
    u: Any  # V - bias at the start
    i: Any
    dt: Any
    factors: Factors
    group: int


class Paths:
    """Paths of the neurons of a tape.

    Parameters
    ----------
    tape : Tape
    together : ranges of neurons
        Populations whose neurons are all divided wherever one of them is.
    """

    def __init__(self, tape: Tape, together: Iterable[range] = ()) -> None:
        self.tape, self.together = tape, list(together)
        self.known: dict[int, list[Segment]] = {}
        self.merged: dict[range, list[int]] = {}

    def course(self, n: int) -> list[Segment]:
        """All segments of neuron `n`, from the first moment to the end, in the order of the events."""
        if n not in self.known:
            self.known[n] = [self._segment(n, a, b.moment) for a, b in pairwise(self._nodes(n))]
        return self.known[n]

    def _segment(self, n: int, start: Node, stop: int) -> Segment:
        tape, neuron = self.tape, self.tape.model.neurons[n]
        dt = tape.moments[stop] - tape.moments[start.moment]
        group = neuron.held if start.held else neuron.group
        f = tape.factors(start.moment, stop, group)
        flow, u = tape.model.flows[group], start.v - neuron.bias
        return Segment(neuron, flow, start.moment, stop, u, start.i, dt, f, group)

    def _nodes(self, n: int) -> list[Node]:
        """States of neuron `n` at every division; those at which its state does not jump lie on the flow."""
        known = self.tape.nodes[n]
        path, position = [known[0]], 0
        for moment in self._moments(n)[1:]:
            if position + 1 < len(known) and known[position + 1].moment == moment:
                position += 1
                path.append(known[position])
            else:
                path.append(self.tape.advanced(n, path[-1], moment))
        return path

    def _moments(self, n: int) -> list[int]:
        group = next((g for g in self.together if n in g), None)
        inner = self._touches[n] if group is None else self._merged(group)
        return [moment for moment, _ in groupby([0, *inner, self.tape.nodes[n][-1].moment])]

    def _merged(self, group: range) -> list[int]:
        """Moments at which something happens to a neuron of a group."""
        if group not in self.merged:
            self.merged[group] = [m for m, neurons in self._events if not set(neurons).isdisjoint(group)]
        return self.merged[group]

    @cached_property
    def _touches(self) -> list[list[int]]:
        """Moments at which something happens to each neuron."""
        touches: list[list[int]] = [[] for _ in self.tape.nodes]
        for moment, neurons in self._events:
            for n in neurons:
                touches[n].append(moment)
        return touches

    @cached_property
    def _events(self) -> list[tuple[int, list[int]]]:
        """Moment of every event, and the neurons that it happens to: of an arrival, if only with weight 0."""
        synapses = self.tape.model.synapses
        return [
            (e.moment, [synapses[e.synapses].targets[j] for j in e.columns] if isinstance(e, Arrival) else [e.neuron])
            for e in self.tape.events
        ]
