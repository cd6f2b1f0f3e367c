"""V at given times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from spikeproof_reference.mp.losses.evaluation import Evaluation, Mark
from spikeproof_reference.mp.losses.observation import Subject, voltage
from spikeproof_reference.mp.pull import Grid, Points


@dataclass(frozen=True)
class VoltageValues:
    """V of each neuron at `times`; its left limit where it jumps, and where an arrival coincides."""

    subject: Subject
    times: list[Any]

    @cached_property
    def places(self) -> list[list[tuple[int, Any] | None]]:
        """Segment of each time and the offset in it, neuron by neuron; None for the initial state."""
        return [[self._place(n, t) for t in self.times] for n in self.subject.neurons]

    @cached_property
    def observed(self) -> list[list[Any]]:
        """V, neuron by neuron and time by time."""
        return [
            [self.subject.rounded(self._value(n, place)) for place in places]
            for n, places in zip(self.subject.neurons, self.places, strict=True)
        ]

    def marks(self) -> list[Mark]:
        """Each time, for each neuron."""
        ctx = self.subject.ctx
        return [Mark(n, f"V at t = {ctx.nstr(t, 17)}", time=t) for n in self.subject.neurons for t in self.times]

    def pull_back(self, slopes: Any, result: Evaluation) -> None:
        """Pull at V at these times."""
        for n, places, row in zip(self.subject.neurons, self.places, slopes, strict=True):
            for place, slope in zip(places, row, strict=True):
                if place is None:
                    result.starts.append((n, slope))
                else:
                    segment, offset = place
                    grid = Grid(self.subject.paths.course(n)[segment].flow, [offset])
                    result.pull(n, segment, Points(grid, [slope]))

    def _place(self, n: int, t: Any) -> tuple[int, Any] | None:
        for k, s in enumerate(self.subject.paths.course(n)):
            start = self.subject.time(s.start)
            if start < t <= self.subject.time(s.stop):
                return k, t - start
        return None

    def _value(self, n: int, place: tuple[int, Any] | None) -> Any:
        course = self.subject.paths.course(n)
        if place is None:
            return course[0].u + course[0].neuron.bias
        s = course[place[0]]
        return voltage(s, Points(Grid(s.flow, [place[1]]), [self.subject.ctx.one]))
