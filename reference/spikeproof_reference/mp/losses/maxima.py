"""The largest V of leaky integrators: smooth maxima, kinks, and maxima at the ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from spikeproof_reference.mp.losses.evaluation import Evaluation, Mark
from spikeproof_reference.mp.losses.observation import Subject, voltage
from spikeproof_reference.mp.path import Segment
from spikeproof_reference.mp.pull import Grid, Points
from spikeproof_reference.mp.tape import Arrival


class Kink(NamedTuple):
    """Arrival that turns a rising V: event and column, and tau_mem dV/dt just before it."""

    event: int
    column: int
    slope: Any


class Maximum(NamedTuple):
    """The place of the largest V of one neuron: `offset` in segment number `segment`; for a kink the segment's end."""

    kind: Literal["start", "smooth", "kink", "end"]
    v: Any
    segment: int
    offset: Any
    kink: Kink | None = None


@dataclass(frozen=True)
class Maxima:
    """Largest V over [0, T] of each leaky integrator, the first one where several are equal."""

    subject: Subject
    rule: Literal["complete", "published"]

    @cached_property
    def places(self) -> list[Maximum]:
        """The places of the maxima."""
        return [self._place(n) for n in self.subject.neurons]

    @cached_property
    def observed(self) -> list[Any]:
        """The maxima."""
        return [self.subject.rounded(place.v) for place in self.places]

    def marks(self) -> list[Mark]:
        """Kind and place of each maximum."""
        return [self._mark(n, place) for n, place in zip(self.subject.neurons, self.places, strict=True)]

    def pull_back(self, slopes: Any, result: Evaluation) -> None:
        """Pull at V where it is largest; at a kink, with the arrival, unless the published rule is asked for."""
        for n, place, slope in zip(self.subject.neurons, self.places, slopes, strict=True):
            if place.kind == "start":
                result.starts.append((n, slope))
            elif place.kink is None:
                self._point(n, place.segment, place.offset, slope, result)
            elif self.rule == "published":
                self._point(n, place.segment + 1, self.subject.ctx.zero, slope, result)
            else:
                self._kink(n, place.kink, slope, result)

    def _point(self, n: int, segment: int, offset: Any, slope: Any, result: Evaluation) -> None:
        flow = self.subject.paths.course(n)[segment].flow
        result.pull(n, segment, Points(Grid(flow, [offset]), [slope]))

    def _kink(self, n: int, kink: Kink, slope: Any, result: Evaluation) -> None:
        """V just before the arrival, and its rise for as long as the arrival is late."""
        tape = self.subject.paths.tape
        arrival, late = tape.events[kink.event], slope * kink.slope / tape.model.neurons[n].tau_mem
        assert isinstance(arrival, Arrival)
        result.kinks.setdefault(kink.event, []).append((n, slope))
        result.d_delay.append((arrival.synapses, arrival.row, kink.column, late))
        if tape.model.synapses[arrival.synapses].from_input:
            result.d_input[arrival.source] = result.d_input.get(arrival.source, self.subject.ctx.zero) + late
        else:
            result.d_spike[arrival.source] += late

    def _place(self, n: int) -> Maximum:
        course = self.subject.paths.course(n)
        best = self._start(n, course[0])
        for k, s in enumerate(course):
            if s.dt > 0 and (found := self._of_segment(n, k, s)) is not None and found.v > best.v:
                best = found
        return best

    def _start(self, n: int, s: Segment) -> Maximum:
        """V at t = 0; a kink if an arrival there, which can only come later, ends its rise."""
        rising = s.neuron.i_init - s.u
        kink = self._arrival(n, s.start, rising) if rising > 0 >= s.i - s.u else None
        return Maximum("start" if kink is None else "kink", s.u + s.neuron.bias, 0, self.subject.ctx.zero, kink)

    def _of_segment(self, n: int, k: int, s: Segment) -> Maximum | None:
        """Maximum inside a segment or at its end, None if V falls there or goes on rising in the next."""
        rising, still = s.i - s.u, _rise(s)
        if rising > 0 and still <= 0:
            offset = _summit(s)
            time = self.subject.time(s.start) + offset  # which is what an engine rounds: times count from 0
            offset += self.subject.rounded(time) - time
            return Maximum("smooth", _at(s, offset), k, offset)
        if still <= 0:
            return None
        course = self.subject.paths.course(n)
        if k + 1 == len(course):
            return Maximum("end", _at(s, s.dt), k, s.dt)
        if course[k + 1].i - course[k + 1].u > 0:
            return None
        kink = self._arrival(n, s.stop, still)
        return Maximum("smooth" if kink is None else "kink", _at(s, s.dt), k, s.dt, kink)

    def _arrival(self, n: int, moment: int, slope: Any) -> Kink | None:
        """The arrival, among those of a moment in their order, that ends the rise of V; the last if several do.

        None if none does it: V is flat to rounding, and rises before the moment by rounding alone.
        """
        tape, found = self.subject.paths.tape, None
        for number, event in enumerate(tape.events):
            if event.moment != moment or not isinstance(event, Arrival):
                continue
            synapses = tape.model.synapses[event.synapses]
            for j in event.columns:
                if synapses.targets[j] == n:
                    after = slope + synapses.weights[event.row][j]
                    if slope > 0 >= after:
                        found = Kink(number, j, slope)
                    slope = after
        return found

    def _mark(self, n: int, place: Maximum) -> Mark:
        if place.kind == "start":
            return Mark(n, "maximum at the start", time=self.subject.ctx.ninf)
        if place.kind == "end":
            return Mark(n, "maximum at the end")
        if place.kink is not None:
            return Mark(n, "maximum at an arrival", event=place.kink.event, arrival=place.kink[:2])
        start = self.subject.time(self.subject.paths.course(n)[place.segment].start)
        return Mark(n, "smooth maximum", time=start + place.offset)


def _at(s: Segment, offset: Any) -> Any:
    return voltage(s, Points(Grid(s.flow, [offset]), [s.flow.ctx.one]))


def _rise(s: Segment) -> Any:
    """tau_mem dV/dt at the end of a segment."""
    f = s.factors
    return s.i * f.e_syn - s.u * f.e_mem - s.i * f.k


def _summit(s: Segment) -> Any:
    """The time of the peak of V: ``tau_mem tau_syn/(tau_mem - tau_syn) log(...)``, or ``tau (1 - u/I)``."""
    ctx, a, b = s.flow.ctx, s.flow.tau_mem, s.flow.tau_syn
    if a == b:
        return a * (1 - s.u / s.i)
    with ctx.extraprec(s.flow.guard):
        return a * b / (a - b) * ctx.log(s.i * a / (s.u * (a - b) + s.i * b))
