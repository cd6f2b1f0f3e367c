"""Forward pass: one chronological event loop over the whole network."""

from __future__ import annotations

import heapq
from dataclasses import replace
from typing import Any

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof_reference.mp.crossing import Bound, Search, Unresolved
from spikeproof_reference.mp.model import Bundle, Model, Neuron
from spikeproof_reference.mp.recovery import RecoverySearch
from spikeproof_reference.mp.tape import Arrival, Node, Release, Spike, Tape

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
    The state at t = 0 is given. An arrival before 0, or an arrival or release before the spike that causes it, is one
    that a difference quotient moves there from 0: its neuron is taken back to that time, which continues the solution
    analytically.

    A neuron is advanced only when something arrives at it or it spikes. Newton's iterates are lower bounds of its
    next spike time; they wait in a heap and are refined only while they are the earliest thing that may happen.
    """
    loop = _Loop(model, sample, event_limit)
    while loop.step():
        pass
    return loop.finished()


class _Loop:
    """State of the event loop: `now`, the last node of each neuron, and three heaps."""

    def __init__(self, model: Model, sample: int, event_limit: int) -> None:
        size = len(model.neurons)
        self.model, self.event_limit = model, event_limit
        self.nodes = [[Node(0, neuron.v_init, neuron.i_init)] for neuron in model.neurons]
        self.tape = Tape(model, sample, moments=[model.ctx.zero], nodes=self.nodes)
        self.now = 0  # number of the latest moment
        # all heaps are sorted by times as float64, which are quick to compare, and by the times where these agree
        self.bounds: list[tuple[float, Any, int, int]] = []  # (no spike before, twice; neuron, version)
        self.version = [0] * size
        self.search: dict[int, tuple[Search, Bound]] = {}
        self.changed: set[int] = set(range(size))  # neurons whose next spike is to be predicted anew
        # arrivals at one time come in the order of projections, then of their spikes
        self.queue: list[tuple[float, Any, int, int, Arrival, Bundle]] = []
        self.queued = self.released = 0
        self.releases: list[tuple[float, Any, int, int]] = []  # (time, twice; neuron, its spike)
        for index in range(model.offsets[sample], model.offsets[sample + 1]):
            self._send(model.incoming[model.input_channels[index]], model.input_times[index], index)

    def step(self) -> bool:
        """Let the next thing happen; False if nothing more happens before the end."""
        arrival = self.queue[0][1] if self.queue else self.model.duration
        release = self.releases[0][1] if self.releases else self.model.duration
        first = min(arrival, release)
        until = min(self.model.same_event(first), self.model.duration)
        if not (self.queue or self.releases) or first > self.model.same_event(self.tape.moments[self.now]):
            self._predict()  # else the neurons that just spiked are still to receive what arrives at this moment
        if self._settle(until) is not None:
            self._spike(until)
        elif self.releases and release <= self.model.same_event(arrival):
            self._next_release()
        elif self.queue:
            self._deliver()
        else:
            return False
        if len(self.tape.events) - self.released > self.event_limit:
            raise EventLimitExceeded(self.tape.sample, self.event_limit)
        return True

    def finished(self) -> Tape:
        """The tape, with the state of all neurons at the end."""
        end = self._tick(self.model.duration)
        for n in range(len(self.nodes)):
            self._advance(n, end)
        return self.tape

    def _send(self, rows: list[tuple[int, int]], time: Any, source: int) -> None:
        for index, row in rows:
            for bundle in self.model.synapses[index].rows[row]:
                when = time + bundle.delay
                if when <= self.model.duration:
                    # moment -1: not known before it arrives
                    arrival = Arrival(-1, index, row, bundle.columns, source)
                    heapq.heappush(self.queue, (float(when), when, index, self.queued, arrival, bundle))
                    self.queued += 1

    def _tick(self, time: Any) -> int:
        """Number of the moment `time`: now, or one before it that is not simultaneous with it; numbers ascend."""
        now, last = self.tape.moments[self.now], len(self.tape.moments) - 1
        if time <= now <= self.model.same_event(time):
            if self.now == last:
                return last
            time = now
        self.tape.moments.append(time)
        if time >= now:
            self.now = last + 1
        return last + 1

    def _advance(self, n: int, moment: int) -> None:
        self._put(n, self.tape.advanced(n, self.nodes[n][-1], moment))

    def _put(self, n: int, node: Node) -> None:
        if self.nodes[n][-1].moment == node.moment:
            self.nodes[n][-1] = node
        else:
            self.nodes[n].append(node)

    def _predict(self) -> None:
        """Start the search for the next spike of every neuron that changed."""
        for n in sorted(self.changed):
            self.version[n] += 1
            neuron, node = self.model.neurons[n], self.nodes[n][-1]
            # V' > 0 at the threshold needs I + b > v_th there, and I decays towards 0 from either side
            if not node.held and max(node.i, self.model.ctx.zero) > neuron.v_th - neuron.bias:
                search = self._search(neuron, node)
                self._wait(n, search, search.start())
        self.changed.clear()

    def _search(self, neuron: Neuron, node: Node) -> Search:
        kind = Search if node.i >= 0 else RecoverySearch
        u, theta = node.v - neuron.bias, neuron.v_th - neuron.bias
        return kind(self.model.flows[neuron.group], u, node.i, theta, neuron.bias, self.model.tie)

    def _wait(self, n: int, search: Search, bound: Bound) -> None:
        self.search[n] = (search, bound)
        time = self._last(n) + bound.dt
        heapq.heappush(self.bounds, (float(time), time, n, self.version[n]))

    def _last(self, n: int) -> Any:
        """Time of the last node of a neuron."""
        return self.tape.moments[self.nodes[n][-1].moment]

    def _settle(self, until: Any) -> Any:
        """Time of the earliest spike up to `until`, None if there is none."""
        while self.bounds and self.bounds[0][1] <= until:
            _, time, n, version = self.bounds[0]
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
        start = self._last(n)
        try:
            better = search.refined(bound, until - start)
            if better is not None and better.found:
                self._require_progress(n, start, better.dt)
                better = replace(better, dt=better.dt + self._time_error(n, start + better.dt, better))
        except Unresolved as error:
            time = self.model.ctx.nstr(start + error.dt, 17)
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
        first = self.bounds[0][1]
        moment = self._tick(first)
        together = min(until, self.model.same_event(first))
        while (time := self._settle(together)) is not None:
            n = heapq.heappop(self.bounds)[2]
            neuron, i = self.model.neurons[n], self.tape.advanced(n, self.nodes[n][-1], moment).i
            spike = Spike(moment, n, time, i, i + neuron.bias - neuron.v_th)
            self._put(n, Node(moment, neuron.v_reset, i, held=bool(neuron.t_ref)))
            self.changed.add(n)
            self.version[n] += 1
            self.tape.spikes.append(spike)
            self.tape.events.append(spike)
            self._hold(neuron, n, time)
            self._send(self.model.outgoing[n], time, len(self.tape.spikes) - 1)

    def _hold(self, neuron: Neuron, n: int, time: Any) -> None:
        """Expect the release of neuron `n` from the spike at `time`, the last on the tape."""
        release, source = time + neuron.t_ref, len(self.tape.spikes) - 1
        if neuron.at_once:
            self.tape.moments.append(release)
            self._release(n, len(self.tape.moments) - 1, source)
        elif neuron.t_ref and release <= self.model.duration:
            release = self.model.rounded(release)
            heapq.heappush(self.releases, (float(release), release, n, source))

    def _next_release(self) -> None:
        _, time, n, source = heapq.heappop(self.releases)
        self._release(n, self._tick(time), source)

    def _release(self, n: int, moment: int, source: int) -> None:
        """Let a neuron go, from the reset and with what its current has become."""
        neuron = self.model.neurons[n]
        i = self.tape.advanced(n, self.nodes[n][-1], moment).i
        self._put(n, Node(moment, neuron.v_reset, i))
        self.changed.add(n)
        self.released += 1
        self.tape.events.append(Release(moment, n, source, i + neuron.bias - neuron.v_reset))

    def _deliver(self) -> None:
        """Let everything that arrives at this moment act at once, summed per target."""
        first = self.queue[0][1]
        moment = self._tick(first)
        sums: dict[int, Any] = {}
        while self.queue and self.queue[0][1] <= self.model.same_event(first):
            *_, waiting, bundle = heapq.heappop(self.queue)
            self.tape.events.append(replace(waiting, moment=moment))
            for target, w in bundle.fan_out:
                sums[target] = self.model.rounded(sums[target] + w) if target in sums else w
        for target, total in sums.items():
            node = self.tape.advanced(target, self.nodes[target][-1], moment)
            self._put(target, Node(moment, node.v, self.model.rounded(node.i + total), node.held))
            self.changed.add(target)
            self.version[target] += 1
