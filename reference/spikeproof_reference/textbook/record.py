"""The record of one sample: the events in their order, and each neuron's state after its own events."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from spikeproof_reference.textbook.flow import flow
from spikeproof_reference.textbook.model import Model, Neuron

TIME = attrgetter("time")
EVENT = attrgetter("event")


@dataclass(frozen=True)
class Spike:
    """Spike `number` of the sample: U of `neuron` reached the threshold while its current was `i`."""

    time: float
    neuron: int
    i: float
    number: int


@dataclass(frozen=True)
class Arrival:
    """Spike or input spike `source` of the sample acted through a synapse."""

    time: float
    synapse: int
    source: int


@dataclass(frozen=True)
class Release:
    """`neuron`, held since spike `number` of the sample, is free again; its current is `i`."""

    time: float
    neuron: int
    i: float
    number: int


Event: TypeAlias = Spike | Arrival | Release


@dataclass(frozen=True)
class Node:
    """U and I of a neuron just after event number `event`, -1 for the start; the flow takes over from there.

    U of a neuron that is `held` stands still until the next node.
    """

    time: float
    u: float
    i: float
    event: int
    held: bool = False

    def passed(self, neuron: Neuron, dt: float) -> tuple[float, float]:
        """U and I a time `dt` later: equation (2), or of a held neuron ``U(t) = U(0), I(t) = I(0) e_syn``."""
        if self.held:
            return self.u, self.i * math.exp(-dt / neuron.tau_syn)
        return flow(neuron, self.u, self.i, dt)


@dataclass
class Record:
    """Events in the order in which they happened, nodes neuron by neuron, and V and I at the end."""

    model: Model
    nodes: list[list[Node]]
    events: list[Event] = field(default_factory=list)
    v_end: list[float] = field(default_factory=list)
    i_end: list[float] = field(default_factory=list)

    @property
    def spikes(self) -> list[Spike]:
        """The spikes among the events."""
        return [e for e in self.events if isinstance(e, Spike)]

    def stop(self, n: int, k: int) -> float:
        """End of the interval that starts at node `k` of neuron `n`."""
        return self.nodes[n][k + 1].time if k + 1 < len(self.nodes[n]) else self.model.duration

    def interval_before(self, n: int, time: float) -> int:
        """The interval of neuron `n` that ends at `time` or holds it: V is its left limit there."""
        return max(bisect_left(self.nodes[n], time, key=TIME) - 1, 0)

    def interval_after(self, n: int, time: float) -> int:
        """The interval of neuron `n` that starts at `time` or holds it."""
        return bisect_right(self.nodes[n], time, key=TIME) - 1

    def interval_until(self, n: int, event: int) -> int:
        """The interval in which neuron `n` is when event number `event` happens."""
        return bisect_left(self.nodes[n], event, key=EVENT) - 1

    def v(self, n: int, k: int, time: float) -> float:
        """V of neuron `n` at a `time` in its interval `k`."""
        return self.v_after(n, k, time - self.nodes[n][k].time)

    def v_after(self, n: int, k: int, dt: float) -> float:
        """V of neuron `n`, a time `dt` after its node `k`."""
        neuron = self.model.neurons[n]
        return neuron.level + self.nodes[n][k].passed(neuron, dt)[0]
