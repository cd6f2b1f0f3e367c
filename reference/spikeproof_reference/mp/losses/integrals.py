"""Weighted integrals of V: closed forms for exponential weights, quadrature for any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from spikeproof.errors import InvalidInput
from spikeproof.losses.observables import SMOOTH
from spikeproof_reference.mp.losses.evaluation import Evaluation, Mark
from spikeproof_reference.mp.losses.narrow import LOOK, MOST, WIDTHS, Narrow
from spikeproof_reference.mp.losses.observation import Subject, end_marks, voltage
from spikeproof_reference.mp.losses.own_functions import called, given, returned
from spikeproof_reference.mp.losses.quadrature import NotConverged, Quadrature
from spikeproof_reference.mp.path import Segment
from spikeproof_reference.mp.pull import Decaying, Grid, Points, Pull, weighted


@dataclass(frozen=True)
class ExponentialG:
    """``g(t) = scale exp(-rate t)``."""

    ctx: Any
    scale: Any
    rate: Any

    def at(self, t: Any) -> Any:
        """g(t)."""
        return self.scale * self.ctx.exp(-self.rate * t) if self.rate else self.scale

    def pulls(self, s: Segment, start: Any) -> list[Pull]:
        """The functional ``integral of g(t) f(t)`` on a segment that starts at `start`."""
        return [Decaying(s.flow, s.dt, s.factors, self.rate, self.at(start))]


@dataclass(frozen=True)
class UserG:
    """The user's own g."""

    ctx: Any
    function: Callable[[Any], Any]
    duration: Any
    t_width: Any

    @cached_property
    def largest(self) -> Any:
        """The largest abs(g) that is seen, a width apart at most."""
        n = int(self.duration / self.t_width) + 2
        if n > MOST * WIDTHS:
            allowed = f"a width that goes at most {MOST * WIDTHS} times into the duration"
            raise InvalidInput("loss.t_width", float(self.t_width), allowed)
        return max(map(abs, self._called([k * self.duration / n for k in range(n + 1)])))

    def at(self, t: Any) -> Any:
        """g(t)."""
        return self._called([t])[0]

    def pulls(self, s: Segment, start: Any) -> list[Pull]:
        """The functional ``integral of g(t) f(t)`` on a segment that starts at `start`, panel by panel."""

        def integrand(offsets: list[Any]) -> tuple[list[list[Any]], tuple[Grid, list[Any]]]:
            grid, g = Grid(s.flow, offsets), self._called([start + x for x in offsets])
            return weighted(g, grid), (grid, g)

        quadrature, cuts = Quadrature(self.ctx, s.flow.unit), Narrow(SMOOTH, self.t_width).cuts([s], self.ctx.zero)
        try:
            if len(cuts) == 2:
                panels = list(quadrature.panels(integrand, *cuts))
            else:
                fine = Quadrature(self.ctx, s.flow.unit, [self.largest] * 3)
                panels = [p for a, b in pairwise(cuts) for p in fine.looked_at(integrand, a, b, LOOK)]
        except NotConverged as error:
            allowed = "a function that is smooth between events"
            raise InvalidInput("loss.weight", f"not smooth {error}, counted from an event", allowed) from None
        return [
            Points(panel.result[0], [w * g for w, g in zip(panel.weights, panel.result[1], strict=True)])
            for panel in panels
        ]

    def _called(self, times: list[Any]) -> list[Any]:
        found = called("loss.weight", self.function, given(times))
        return returned(self.ctx, "loss.weight", found, (len(times),)).tolist()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class WeightedIntegrals:
    """Integral over [0, T] of g(t) V(t) of each neuron."""

    subject: Subject
    g: ExponentialG | UserG

    @cached_property
    def pulls(self) -> list[list[list[Pull]]]:
        """The functional of each segment of each neuron, in one or more parts."""
        return [
            [self.g.pulls(s, self.subject.time(s.start)) for s in self.subject.paths.course(n)]
            for n in self.subject.neurons
        ]

    @cached_property
    def observed(self) -> list[Any]:
        """One integral per neuron."""
        return [self._integral(n, pulls) for n, pulls in zip(self.subject.neurons, self.pulls, strict=True)]

    def marks(self) -> list[Mark]:
        """V counts until the end."""
        return end_marks(self.subject.neurons)

    def pull_back(self, slopes: Any, result: Evaluation) -> None:
        """Pull at V all along, and at the times of spikes, where V jumps."""
        for n, pulls, slope in zip(self.subject.neurons, self.pulls, slopes, strict=True):
            for k, parts in enumerate(pulls):
                for part in parts:
                    result.pull(n, k, _times(part, slope))
        tape = self.subject.paths.tape
        for rank, spike in enumerate(tape.spikes):
            if spike.neuron in self.subject.neurons:
                neuron, slope = tape.model.neurons[spike.neuron], slopes[spike.neuron - self.subject.neurons.start]
                result.d_spike[rank] += slope * self.g.at(spike.time) * (neuron.v_th - neuron.v_reset)

    def _integral(self, n: int, pulls: list[list[Pull]]) -> Any:
        total, rounded = self.subject.ctx.zero, self.subject.rounded
        for s, parts in zip(self.subject.paths.course(n), pulls, strict=True):
            for part in parts:
                total = rounded(total + rounded(voltage(s, part)))
        return total


def _times(pull: Pull, slope: Any) -> Pull:
    """``slope`` times a functional."""
    if isinstance(pull, Decaying):
        return Decaying(pull.flow, pull.dt, pull.factors, pull.rate, slope * pull.scale)
    assert isinstance(pull, Points)
    return Points(pull.grid, [slope * x for x in pull.slopes])
