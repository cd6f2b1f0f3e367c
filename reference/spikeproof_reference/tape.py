"""The events of one sample in the order in which they happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from spikeproof_reference.flow import Factors
from spikeproof_reference.model import Model


@dataclass(frozen=True)
class Spike:
    """Neuron `neuron` crossed its threshold; `i` is its current, `slope` is tau_mem Vdot = I - v_th just before."""

    moment: int
    neuron: int
    time: Any
    i: Any
    slope: Any


@dataclass(frozen=True)
class Arrival:
    """Row `row` of projection `synapses` acted; `source` is the spike of the tape, or the input spike, that came in."""

    moment: int
    synapses: int
    row: int
    source: int


Event: TypeAlias = Spike | Arrival


@dataclass
class Tape:
    """What a forward pass leaves: events, spikes, the times of its moments, and the state at the end.

    Simultaneous spikes come first, then all arrivals of that moment.
    """

    model: Model
    sample: int
    moments: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    spikes: list[Spike] = field(default_factory=list)
    v_end: list[Any] = field(default_factory=list)
    i_end: list[Any] = field(default_factory=list)
    memo: dict[tuple[int, int, int], Factors] = field(default_factory=dict)

    def factors(self, start: int, stop: int, group: int) -> Factors:
        """Factors of the interval between two moments; shared by all neurons with the same time constants."""
        key = (start, stop, group)
        found = self.memo.get(key)
        if found is None:
            dt = self.moments[stop] - self.moments[start]
            found = self.memo[key] = self.model.flows[group].factors(dt)
        return found

    def trains(self, neurons: range) -> tuple[list[list[Any]], list[list[int]]]:
        """Spike times of each neuron, and the positions of these spikes on the tape."""
        times: list[list[Any]] = [[] for _ in neurons]
        index: list[list[int]] = [[] for _ in neurons]
        for position, spike in enumerate(self.spikes):
            if spike.neuron in neurons:
                times[spike.neuron - neurons.start].append(spike.time)
                index[spike.neuron - neurons.start].append(position)
        return times, index
