"""The forward pass: one loop over the events of a sample, in the order of time.

Four things can be next: a release, a spike, an arrival, the end. The next spike of a neuron is predicted after each
event of its own, as if nothing else came; the earliest prediction is compared with the earliest arrival. A neuron that
has spiked is held for t_ref: its V stands still at v_reset, no spike is predicted, and its I goes on. At equal times
held neurons are released first, then all that cross spike and reset, and what they send acts afterwards.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from typing import Any

from spikeproof.errors import EventLimitExceeded, InvalidInput
from spikeproof_reference.textbook.crossing import crossing
from spikeproof_reference.textbook.model import Model, Neuron
from spikeproof_reference.textbook.record import Arrival, Event, Node, Record, Release, Spike

EVENT_LIMIT = 1_000_000
NEVER = (math.inf, -1)


class Forward:
    """The loop; its methods are the rules of the model."""

    def __init__(self, model: Model, sample: int, times: Any, channels: Any, event_limit: int = EVENT_LIMIT) -> None:
        self.model, self.sample, self.event_limit = model, sample, event_limit
        self.neurons = list(model.neurons)
        self.record = Record(model, [[self.start(n)] for n in self.neurons])
        self.now, self.n_spikes, self.queued, self.released = 0.0, 0, 0, 0
        self.waiting: list[tuple[float, int, int, Arrival]] = []  # a heap; of equal times by projection, then as sent
        self.next_spike = [math.inf] * len(self.neurons)
        self.next_release = [NEVER] * len(self.neurons)  # when, and after which spike
        self.changed = set(range(len(self.neurons)))  # neurons whose next spike is not known
        for source, (time, channel) in self.inputs(times.tolist(), channels.tolist()):
            self.send(model.incoming[channel], time, source)

    def run(self) -> Record:
        """The record of the sample.

        Raises
        ------
        EventLimitExceeded
            If there are more than ``event_limit`` spikes and arrivals.
        InvalidInput
            If a current overflows.
        """
        while self.step():
            if len(self.record.events) - self.released > self.event_limit:
                raise EventLimitExceeded(self.sample, self.event_limit)
        for n, neuron in enumerate(self.neurons):
            u, i = self.end(n)
            self.record.v_end.append(u + neuron.level)
            self.record.i_end.append(i)
        return self.record

    def step(self) -> bool:
        """Let the next thing happen; False if nothing more happens before the end."""
        arrival = self.waiting[0][0] if self.waiting else math.inf
        if arrival > self.now:  # else those that have just spiked are still to receive what arrives now
            self.predict()
        first, (free, _) = min(self.next_spike), min(self.next_release)
        if free <= min(first, arrival, self.model.duration):
            self.release(self.next_release.index(min(self.next_release)))
        elif first <= min(arrival, self.model.duration):
            for n in [n for n, time in enumerate(self.next_spike) if time == first]:
                self.spike(n, first)
        elif arrival <= self.model.duration:
            self.arrive(heapq.heappop(self.waiting)[-1])
        else:
            return False
        return True

    def predict(self) -> None:
        """Find the next spike of each neuron to which something has happened."""
        for n in self.changed:
            node = self.record.nodes[n][-1]
            dt = None if node.held else self.crossing(self.neurons[n], node, self.model.duration - node.time)
            self.next_spike[n] = math.inf if dt is None else node.time + dt
        self.changed.clear()

    def spike(self, n: int, time: float) -> None:
        """``V = v_th: V <- v_reset`` and is held there for t_ref; the spike is on its way to all targets."""
        (_, i), t_ref = self.flowed(n, time), self.refractory(n)
        self.note(n, Spike(time, n, i, self.n_spikes), *self.reset(n, i), held=t_ref > 0.0)
        if t_ref > 0.0:
            self.next_release[n] = time + t_ref, self.n_spikes
        self.send(self.model.outgoing[n], time, self.n_spikes)
        self.n_spikes += 1

    def release(self, n: int) -> None:
        """The neuron is free, from v_reset and whatever its current has become."""
        (time, number), self.next_release[n] = self.next_release[n], NEVER
        u, i = self.flowed(n, time)
        self.note(n, Release(time, n, i, number), u, i)
        self.released += 1

    def arrive(self, arrival: Arrival) -> None:
        """``I <- I + w``."""
        s = self.model.synapses[arrival.synapse]
        u, i = self.flowed(s.post, arrival.time)
        if not math.isfinite(i + s.w):
            raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
        self.note(s.post, arrival, u, i + s.w, held=self.record.nodes[s.post][-1].held)

    def start(self, neuron: Neuron) -> Node:
        """The state at t = 0."""
        return Node(0.0, neuron.v_init - neuron.level, neuron.i_init, -1)

    def inputs(self, times: list[float], channels: list[int]) -> Iterator[tuple[int, tuple[float, int]]]:
        """Numbers of the input spikes, and their times and channels."""
        return enumerate(zip(times, channels, strict=True))

    def delay(self, synapse: int) -> float:
        """How much later a spike arrives."""
        return self.model.synapses[synapse].delay

    def crossing(self, neuron: Neuron, node: Node, rest: float) -> float | None:
        """Time from a node to the next spike, None if there is none in the rest of the sample."""
        return crossing(neuron, node.u, node.i, rest)

    def reset(self, n: int, i: float) -> tuple[float, float]:
        """U and I just after a spike."""
        return self.neurons[n].u_reset, i

    def refractory(self, n: int) -> float:
        """How long a neuron is held after a spike."""
        return self.neurons[n].t_ref

    def flowed(self, n: int, time: float) -> tuple[float, float]:
        """U and I of a neuron, just before anything happens to it at `time`."""
        node = self.record.nodes[n][-1]
        return node.passed(self.neurons[n], time - node.time)

    def end(self, n: int) -> tuple[float, float]:
        """U and I at T."""
        return self.flowed(n, self.model.duration)

    def note(self, n: int, event: Event, u: float, i: float, held: bool = False) -> None:
        """Add an event, and the state of its neuron after it."""
        self.record.nodes[n].append(Node(event.time, u, i, len(self.record.events), held))
        self.record.events.append(event)
        self.now, self.next_spike[n] = event.time, math.inf
        self.changed.add(n)

    def send(self, synapses: list[int], time: float, source: int) -> None:
        """Put the arrivals of a spike on their way."""
        for number in synapses:
            arrival = Arrival(time + self.delay(number), number, source)
            self.queued += 1
            order = self.model.synapses[number].projection, self.queued
            heapq.heappush(self.waiting, (arrival.time, *order, arrival))
