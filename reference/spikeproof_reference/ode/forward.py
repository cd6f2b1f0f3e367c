"""Forward pass: smooth pieces from event to event."""

from __future__ import annotations

import heapq
from typing import Any

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof_reference.ode.circuit import Circuit
from spikeproof_reference.ode.polynomial import Unresolved
from spikeproof_reference.ode.trajectory import Arrival, Mark, Method, Release, Spike, Trajectory


def forward(method: Method, circuit: Circuit, sample: int, marks: list[Any], event_limit: int) -> Trajectory:
    """Trajectory of one sample.

    Parameters
    ----------
    method : Method
    circuit : Circuit
    sample : int
        Number of the sample in the batch.
    marks : list
        Times, ascending, at which V is read.
    event_limit : int
        Most events, spikes and arrivals together.

    Returns
    -------
    Trajectory

    Raises
    ------
    EventLimitExceeded
        If there are more than `event_limit` events.
    GrazingSpike
        If a peak of V cannot be told from the threshold, or Vdot from 0, to the accuracy of the method.
    InvalidInput
        If a spike follows an event so soon that their times are the same number.

    Notes
    -----
    Neurons that cross at the same time all reset first; then what they send arrives, summed per target. A crossing
    before an arrival, or at the same time, counts even if the arrival would have prevented it. A neuron that is
    released meets what arrives at the same time free.
    """
    loop = _Loop(method, circuit, sample, marks, event_limit)
    while loop.step():
        pass
    return loop.trajectory


class _Loop:
    def __init__(self, method: Method, circuit: Circuit, sample: int, marks: list[Any], event_limit: int) -> None:
        self.method, self.circuit, self.event_limit = method, circuit, event_limit
        self.trajectory = Trajectory(circuit, sample)
        self.now = circuit.ctx.zero
        self.v, self.i = [c.v_init for c in circuit.cells], [c.i_init for c in circuit.cells]
        self.marks = list(marks)
        self.queue: list[tuple[Any, int, Arrival]] = []
        self.queued = self.n_events = 0
        self.held: frozenset[int] = frozenset()
        self.releases: list[tuple[Any, int, int]] = []  # (time, number of the spike, neuron)
        for time, channel, number in circuit.inputs[sample]:
            self._send(circuit.incoming[channel], time, number)
        self._read()

    def step(self) -> bool:
        """Go to the next event; False at the end."""
        if self.releases and self.releases[0][0] <= self.now + self._tie():
            self._release()
            return True
        if self.queue and self.queue[0][0] <= self.now + self._tie():
            self._deliver()
            return True
        waiting = [heap[0][0] for heap in (self.queue, self.releases) if heap]
        stop = min([self.circuit.duration, *self.marks[:1], *waiting])
        first = self._integrate(stop)
        self._read()
        if crossed := self._crossing(first):
            self._spike(crossed)
        elif self.now >= self.circuit.duration and not self.queue:
            self.trajectory.end, self.trajectory.held = (self.v, self.i), self.held
            return False
        return True

    def _integrate(self, stop: Any) -> int | None:
        """Follow the flow to `stop`, or to the first crossing, whose neuron is returned."""
        crossed = None
        while crossed is None and self.now < stop:
            try:
                piece, crossed = self.method.piece(self.circuit, self.now, (self.v, self.i), stop, self.held)
            except Unresolved as error:
                raise GrazingSpike(self.trajectory.sample, *error.args) from None
            self._require_progress(piece.stop, crossed)
            self.trajectory.events.append(piece)
            self.now = piece.stop
            self.v, self.i = (list(x) for x in piece.end)
        return crossed

    def _require_progress(self, time: Any, neuron: int | None) -> None:
        if not time > self.now:
            what = f"neuron {neuron} spikes at t = {self.circuit.ctx.nstr(time, 5)}, the time of an earlier event"
            raise InvalidInput("dps", what, "more digits, or closer scales of time")

    def _crossing(self, first: int | None) -> list[int]:
        """All neurons that are at their threshold at this moment."""
        found = [] if first is None else [first]
        for n in (n for n in self.circuit.spiking if n not in self.held):
            cell, slope = self.circuit.cells[n], self._slope(n)
            if n != first and slope > 0 and self.v[n] + slope / cell.tau_mem * self._tie() >= cell.v_th:
                found.append(n)
        return sorted(found)

    def _spike(self, neurons: list[int]) -> None:
        """Let all these neurons spike and reset; the spikes arrive afterwards, also without a delay."""
        before = list(self.v)
        for n in neurons:
            spike = Spike(n, self.now, before, self._slope(n))
            self.trajectory.spikes.append(spike)
            self._log(spike)
            self._send(self.circuit.outgoing[n], self.now, len(self.trajectory.spikes) - 1)
            self._hold(n)
        for n in neurons:
            self.v[n] = self.circuit.cells[n].v_reset

    def _hold(self, n: int) -> None:
        """Keep a neuron that has just spiked at its reset for its refractory time."""
        t_ref = self.circuit.cells[n].t_ref
        if t_ref:
            self.held |= {n}
            if self.now + t_ref <= self.circuit.duration:
                heapq.heappush(self.releases, (self.now + t_ref, len(self.trajectory.spikes) - 1, n))

    def _release(self) -> None:
        _, source, n = heapq.heappop(self.releases)
        self.held -= {n}
        self.trajectory.events.append(Release(n, source, self._slope(n)))

    def _deliver(self) -> None:
        """Let everything that arrives at this moment act, summed per target."""
        latest = self.queue[0][0] + self._tie()
        sums: dict[int, Any] = {}
        while self.queue and self.queue[0][0] <= latest:
            _, _, arrival = heapq.heappop(self.queue)
            self._log(arrival)
            wiring = self.circuit.wirings[arrival.wiring]
            for target, w in zip(wiring.targets, wiring.weights[arrival.row], strict=True):
                sums[target] = sums[target] + w if target in sums else w
        for target, total in sums.items():
            self.i[target] = self.i[target] + total

    def _read(self) -> None:
        while self.marks and self.marks[0] <= self.now:
            self.trajectory.events.append(Mark(self.marks.pop(0), list(self.v)))

    def _send(self, rows: list[tuple[int, int]], time: Any, source: int) -> None:
        for index, row in rows:
            when = time + self.circuit.wirings[index].delay
            if when <= self.circuit.duration:
                heapq.heappush(self.queue, (when, self.queued, Arrival(index, row, source)))
                self.queued += 1

    def _log(self, event: Spike | Arrival) -> None:
        self.trajectory.events.append(event)
        self.n_events += 1
        if self.n_events > self.event_limit:
            raise EventLimitExceeded(self.trajectory.sample, self.event_limit)

    def _slope(self, n: int) -> Any:
        return self.i[n] + self.circuit.cells[n].bias - self.v[n]

    def _tie(self) -> Any:
        return self.method.tie * max(self.circuit.unit, self.now)
