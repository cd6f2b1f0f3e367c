"""The events of one sample in the order in which they happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from spikeproof_reference.mp.flow import Factors
from spikeproof_reference.mp.model import Model


@dataclass(frozen=True)
class Spike:
    """Neuron `neuron` crossed its threshold; `i` is its current, `slope` is tau_mem Vdot = I + b - v_th before."""

    moment: int
    neuron: int
    time: Any
    i: Any
    slope: Any


@dataclass(frozen=True)
class Arrival:
    """`columns` of row `row` of projection `synapses` acted; `source` is the spike of the tape, or the input spike."""

    moment: int
    synapses: int
    row: int
    columns: list[int]
    source: int


@dataclass(frozen=True)
class Release:
    """Neuron `neuron` was let go after spike `source` of the tape; `slope` is tau_mem Vdot = I + b - v_reset."""

    moment: int
    neuron: int
    source: int
    slope: Any


Event: TypeAlias = Spike | Arrival | Release


class Node(NamedTuple):
    """State of a neuron just after all that happened to it at a moment."""

    moment: int
    v: Any
    i: Any
    held: bool = False


@dataclass
class Tape:
    """The result of a forward pass: events, spikes, the times of its moments, and the nodes of every neuron.

    Of one moment releases and simultaneous spikes come first, then all arrivals. Moments ascend, but for what a
    difference quotient takes from 0 to below: an arrival, or a release, before the spike that causes it. A neuron
    whose refractory time is 0 is never held: it has no releases. The first node of a neuron is its state at the first
    moment, the last one that at the end.
    """

    model: Model
    sample: int
    moments: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    spikes: list[Spike] = field(default_factory=list)
    nodes: list[list[Node]] = field(default_factory=list)
    memo: dict[tuple[int, int, int], Factors] = field(default_factory=dict)
    convolved: dict[tuple[int, int, int], tuple[Any, Any]] = field(default_factory=dict)
    differentiated: dict[tuple[int, int, int], tuple[Any, Any]] = field(default_factory=dict)

    @property
    def v_end(self) -> list[Any]:
        """V of every neuron at the end."""
        return [nodes[-1].v for nodes in self.nodes]

    @property
    def i_end(self) -> list[Any]:
        """I of every neuron at the end."""
        return [nodes[-1].i for nodes in self.nodes]

    def factors(self, start: int, stop: int, group: int) -> Factors:
        """Factors of the interval between two moments; shared by all neurons with the same time constants."""
        key = (start, stop, group)
        found = self.memo.get(key)
        if found is None:
            dt = self.moments[stop] - self.moments[start]
            found = self.memo[key] = self.model.flows[group].factors(dt)
        return found

    def convolutions(self, start: int, stop: int, group: int) -> tuple[Any, Any]:
        """Convolutions of `Flow` over the interval between two moments."""
        key = (start, stop, group)
        found = self.convolved.get(key)
        if found is None:
            dt, f = self.moments[stop] - self.moments[start], self.factors(start, stop, group)
            found = self.convolved[key] = self.model.flows[group].convolutions(dt, f)
        return found

    def derivatives(self, start: int, stop: int, group: int) -> tuple[Any, Any]:
        """Derivatives of k by the time constants, for the interval between two moments."""
        key = (start, stop, group)
        found = self.differentiated.get(key)
        if found is None:
            dt, f = self.moments[stop] - self.moments[start], self.factors(start, stop, group)
            found = self.differentiated[key] = self.model.flows[group].derivatives(dt, f)
        return found

    def advanced(self, n: int, start: Node, moment: int) -> Node:
        """State of neuron `n` at `moment`, from the one at `start`, without events."""
        if start.moment == moment:
            return start
        v, i, bias, rounded = start.v, start.i, self.model.neurons[n].bias, self.model.rounded
        if start.held:
            f = self.factors(start.moment, moment, self.model.neurons[n].held)
            return Node(moment, v, rounded(i * f.e_syn), held=True)
        if v or i or bias:
            f = self.factors(start.moment, moment, self.model.neurons[n].group)
            v = v * f.e_mem + i * f.k
            if bias:
                v += rounded(bias * (1 - f.e_mem))
            v, i = rounded(v), rounded(i * f.e_syn)
        return Node(moment, v, i)

    def trains(self, neurons: range) -> tuple[list[list[Any]], list[list[int]]]:
        """Spike times of each neuron, and the positions of these spikes on the tape."""
        times: list[list[Any]] = [[] for _ in neurons]
        index: list[list[int]] = [[] for _ in neurons]
        for position, spike in enumerate(self.spikes):
            if spike.neuron in neurons:
                times[spike.neuron - neurons.start].append(spike.time)
                index[spike.neuron - neurons.start].append(position)
        return times, index
