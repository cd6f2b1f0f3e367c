"""Forward pass: one chronological event loop over the whole network."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import Any

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof_reference.crossing import Bound, Search, Unresolved
from spikeproof_reference.model import Model
from spikeproof_reference.tape import Arrival, Spike, Tape

EVENT_LIMIT = 1_000_000


def forward(model: Model, sample: int, event_limit: int = EVENT_LIMIT) -> Tape:
    """Tape of one sample.

    Parameters
    ----------
    model : Model
    sample : int
        Number of the sample in the batch.
    event_limit : int
        Most events, spikes and arrivals together.

    Returns
    -------
    Tape

    Raises
    ------
    EventLimitExceeded
        If there are more than `event_limit` events.
    GrazingSpike
        If a peak of V cannot be told from the threshold, or Vdot from 0, at the working precision.
    InvalidInput
        If a spike follows an event so soon that the working precision cannot tell their times apart.

    Notes
    -----
    A neuron is advanced only when something arrives at it or it spikes. Newton's iterates are lower bounds of its
    next spike time; they wait in a heap and are refined only while they are the earliest thing that may happen.
    """
    loop = _Loop(model, sample, event_limit)
    while loop.step():
        pass
    return loop.finished()


class _Loop:
    """State of the event loop: `now`, lazy V and I with the moment they refer to, and two heaps."""

    def __init__(self, model: Model, sample: int, event_limit: int) -> None:
        size, zero = len(model.neurons), model.ctx.zero
        self.model, self.event_limit = model, event_limit
        self.tape = Tape(model, sample)
        self.v, self.i, self.since = [zero] * size, [zero] * size, [0] * size
        self.bounds: list[tuple[Any, int, int]] = []  # (no spike before, neuron, version)
        self.version = [0] * size
        self.search: dict[int, tuple[Search, Bound]] = {}
        self.changed: set[int] = set()  # neurons whose next spike is to be predicted anew
        self.queue: list[tuple[Any, int, Arrival]] = []
        self.queued = 0
        first, last = model.offsets[sample], model.offsets[sample + 1]
        for index in range(first, last):
            self._send(model.incoming[model.input_channels[index]], model.input_times[index], index)
        # an input at 0 that a difference quotient moves to -h must not be moved back
        self.tape.moments.append(min([zero, *model.input_times[first:last]]))

    def step(self) -> bool:
        """Let the next thing happen; False if nothing more happens before the end."""
        arrival = self.queue[0][0] if self.queue else self.model.duration
        until = min(self.model.same_event(arrival), self.model.duration)
        if not self.queue or arrival > self.model.same_event(self.tape.moments[-1]):
            self._predict()  # else the neurons that just spiked are still to receive what arrives at this moment
        if self._settle(until) is not None:
            self._spike(until)
        elif self.queue:
            self._deliver()
        else:
            return False
        if len(self.tape.events) > self.event_limit:
            raise EventLimitExceeded(self.tape.sample, self.event_limit)
        return True

    def finished(self) -> Tape:
        """The tape, with the state of all neurons at the end."""
        end = self._tick(self.model.duration)
        for n in range(len(self.v)):
            self._advance(n, end)
        self.tape.v_end, self.tape.i_end = self.v, self.i
        return self.tape

    def _send(self, rows: list[tuple[int, int]], time: Any, source: int) -> None:
        for index, row in rows:
            when = time + self.model.synapses[index].delay
            if when <= self.model.duration:
                # moment -1: not known before it arrives
                heapq.heappush(self.queue, (when, self.queued, Arrival(-1, index, row, source)))
                self.queued += 1

    def _tick(self, time: Any) -> int:
        """Number of the moment `time`, which is now."""
        if time > self.tape.moments[-1]:
            self.tape.moments.append(time)
        return len(self.tape.moments) - 1

    def _advance(self, n: int, moment: int) -> None:
        if self.since[n] != moment:
            if self.v[n] or self.i[n]:
                f, rounded = self.tape.factors(self.since[n], moment, self.model.neurons[n].group), self.model.rounded
                self.v[n] = rounded(self.v[n] * f.e_mem + self.i[n] * f.k)
                self.i[n] = rounded(self.i[n] * f.e_syn)
            self.since[n] = moment

    def _predict(self) -> None:
        """Start the search for the next spike of every neuron that changed."""
        for n in sorted(self.changed):
            neuron = self.model.neurons[n]
            self.version[n] += 1
            if neuron.v_th is not None and self.i[n] > neuron.v_th:  # V' > 0 at the threshold needs I > v_th
                flow = self.model.flows[neuron.group]
                search = Search(flow, self.v[n], self.i[n], neuron.v_th, self.model.tie)
                self._wait(n, search, search.start())
        self.changed.clear()

    def _wait(self, n: int, search: Search, bound: Bound) -> None:
        self.search[n] = (search, bound)
        heapq.heappush(self.bounds, (self.tape.moments[self.since[n]] + bound.dt, n, self.version[n]))

    def _settle(self, until: Any) -> Any:
        """Time of the earliest spike up to `until`, None if there is none."""
        while self.bounds and self.bounds[0][0] <= until:
            time, n, version = self.bounds[0]
            if version != self.version[n]:
                heapq.heappop(self.bounds)
                continue
            search, bound = self.search[n]
            if bound.found:
                return time
            heapq.heappop(self.bounds)
            self._refine(n, search, bound, until)
        return None

    def _refine(self, n: int, search: Search, bound: Bound, until: Any) -> None:
        start = self.tape.moments[self.since[n]]
        try:
            better = search.refined(bound, until - start)
            if better is not None and better.found:
                self._require_progress(n, start, better.dt)
                better = replace(better, dt=better.dt + self._time_error(n, start + better.dt, better))
        except Unresolved:
            time = self.model.ctx.nstr(start + bound.dt, 17)
            raise GrazingSpike(self.tape.sample, n, time) from None
        if better is not None:
            self._wait(n, search, better)

    def _require_progress(self, n: int, start: Any, dt: Any) -> None:
        """Refuse a spike so soon after the last event that the time does not advance: it would repeat for ever."""
        if start + dt == start:
            ctx = self.model.ctx
            late = f"neuron {n} spikes {ctx.nstr(dt, 3)} after t = {ctx.nstr(start, 3)}"
            raise InvalidInput("dps", f"{late}: lost in {ctx.dps} digits", "more digits, or closer scales of time")

    def _time_error(self, n: int, time: Any, bound: Bound) -> Any:
        """Rounding error of a spike time: eps (t + 1/Vdot); 0 except in Monte Carlo arithmetic."""
        v, i = bound.state or (0, 0)
        scale = abs(time) + self.model.neurons[n].tau_mem / (i - v)
        return self.model.rounded(scale) - scale

    def _spike(self, until: Any) -> None:
        """Let all neurons that cross at this moment spike and reset; what they send arrives later, if only at once."""
        first = self.bounds[0][0]
        moment = self._tick(first)
        together = min(until, self.model.same_event(first))
        while (time := self._settle(together)) is not None:
            n = heapq.heappop(self.bounds)[1]
            self._advance(n, moment)
            neuron = self.model.neurons[n]
            slope = self.i[n] - neuron.v_th
            spike = Spike(moment, n, time, self.i[n], slope)
            self.v[n] = neuron.v_reset
            self.changed.add(n)
            self.version[n] += 1
            self.tape.spikes.append(spike)
            self.tape.events.append(spike)
            self._send(self.model.outgoing[n], time, len(self.tape.spikes) - 1)

    def _deliver(self) -> None:
        """Let everything that arrives at this moment act at once, summed per target."""
        first = self.queue[0][0]
        moment = self._tick(first)
        sums: dict[int, Any] = {}
        while self.queue and self.queue[0][0] <= self.model.same_event(first):
            _, _, waiting = heapq.heappop(self.queue)
            arrival = replace(waiting, moment=moment)
            self.tape.events.append(arrival)
            for target, w in self.model.synapses[arrival.synapses].fan_out[arrival.row]:
                sums[target] = self.model.rounded(sums[target] + w) if target in sums else w
        for target, total in sums.items():
            self._advance(target, moment)
            self.i[target] = self.model.rounded(self.i[target] + total)
            self.changed.add(target)
            self.version[target] += 1
