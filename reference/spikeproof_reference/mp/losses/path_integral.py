"""Integral of a nonlinear function of the potentials of a population along their path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from spikeproof.errors import InvalidInput
from spikeproof.losses.observables import SMOOTH
from spikeproof_reference.mp.losses.evaluation import Evaluation, Mark
from spikeproof_reference.mp.losses.narrow import LOOK, Narrow, granted
from spikeproof_reference.mp.losses.observation import Subject, end_marks
from spikeproof_reference.mp.losses.quadrature import Integrand as Columns
from spikeproof_reference.mp.losses.quadrature import NotConverged, Panel, Quadrature
from spikeproof_reference.mp.path import Segment
from spikeproof_reference.mp.pull import Grid, Points, weighted
from spikeproof_reference.mp.tape import Spike

# called with the potentials and the times of some points; returns l_V at each point, and dl_V/dV of each neuron there
Integrand: TypeAlias = Callable[[list[list[Any]], list[Any]], tuple[list[Any], list[list[Any]]]]


class Piece(NamedTuple):
    """Quadrature on one interval without events of the population: offsets, weights, l_V and dl_V/dV at the nodes."""

    grids: dict[int, Grid]  # by group of time constants
    weights: list[Any]
    values: list[Any]
    slopes: list[list[Any]]


@dataclass(frozen=True)
class PathIntegral:
    """Integral over [0, T] of l_V(V, t); the paths of the population are divided together."""

    subject: Subject
    integrand: Integrand
    v_width: Any = SMOOTH  # None: a share of what V does
    t_width: Any = SMOOTH

    @cached_property
    def courses(self) -> list[list[Segment]]:
        """Segments of every neuron; number k is the same interval for all."""
        return [self.subject.paths.course(n) for n in self.subject.neurons]

    @cached_property
    def pieces(self) -> list[list[Piece]]:
        """Quadrature of each segment, in as many panels as it takes.

        Where V or t goes far in an interval, all panels are looked at first: what is negligible beside the largest that
        they have seen need not converge by itself.
        """
        ctx, unit = self.subject.ctx, min(course[0].flow.unit for course in self.courses)
        narrow = Narrow(granted(self.courses) if self.v_width is None else self.v_width, self.t_width)
        intervals = [list(segments) for segments in zip(*self.courses, strict=True)]
        cuts = [narrow.cuts(segments, ctx.zero) for segments in intervals]
        integrands = [self._columns(segments) for segments in intervals]
        if all(len(offsets) <= 2 for offsets in cuts):
            plain = Quadrature(ctx, unit)
            return [self._found(plain.panels(f, *c)) for f, c in zip(integrands, cuts, strict=True)]
        seen = [
            f(Quadrature(ctx, unit).nodes(a, b, LOOK)[0])[0]
            for f, offsets in zip(integrands, cuts, strict=True)
            for a, b in pairwise(offsets)
        ]
        sizes = [max(abs(x) for columns in seen for x in columns[k]) for k in range(len(seen[0]))]
        fine = Quadrature(ctx, unit, sizes)
        return [
            [piece for a, b in pairwise(offsets) for piece in self._found(fine.looked_at(f, a, b, LOOK))]
            for f, offsets in zip(integrands, cuts, strict=True)
        ]

    @cached_property
    def observed(self) -> Any:
        """The integral."""
        total, rounded = self.subject.ctx.zero, self.subject.rounded
        for piece in (p for pieces in self.pieces for p in pieces):
            part = sum((w * x for w, x in zip(piece.weights, piece.values, strict=True)), self.subject.ctx.zero)
            total = rounded(total + rounded(part))
        return total

    def marks(self) -> list[Mark]:
        """V counts until the end."""
        return end_marks(self.subject.neurons)

    def pull_back(self, slopes: Any, result: Evaluation) -> None:
        """Pull at V at every node of the quadrature, and at the times of spikes, where l_V jumps."""
        for k, pieces in enumerate(self.pieces):
            for piece in pieces:
                for index, n in enumerate(self.subject.neurons):
                    pulls = [slopes * w * row[index] for w, row in zip(piece.weights, piece.slopes, strict=True)]
                    group = self.courses[index][k].group
                    result.pull(n, k, Points(piece.grids[group], pulls))
        for rank, jump in self._jumps():
            result.d_spike[rank] += slopes * jump

    def _columns(self, segments: list[Segment]) -> Columns:
        """The columns that must converge on an interval, as a function of offsets that caches its results."""
        start = self.subject.time(segments[0].start)
        flows = {s.group: s.flow for s in segments}
        known: dict[tuple[Any, Any, int], tuple[list[list[Any]], Any]] = {}

        def integrand(offsets: list[Any]) -> tuple[list[list[Any]], Any]:
            key = offsets[0], offsets[-1], len(offsets)
            if key not in known:
                known[key] = computed(offsets)
            return known[key]

        def computed(offsets: list[Any]) -> tuple[list[list[Any]], Any]:
            grids = {group: Grid(flow, offsets) for group, flow in flows.items()}
            v = [[_voltage(s, grids[s.group].factors[q]) for s in segments] for q in range(len(offsets))]
            values, slopes = self.integrand(v, [start + x for x in offsets])
            columns = [values]
            for s, slope in zip(segments, zip(*slopes, strict=True), strict=True):
                columns += weighted(list(slope), grids[s.group])
            return columns, (grids, values, slopes)

        return integrand

    def _found(self, panels: Iterator[Panel]) -> list[Piece]:
        try:
            return [Piece(p.result[0], p.weights, p.result[1], p.result[2]) for p in panels]
        except NotConverged as error:
            allowed = "a function that is smooth between events"
            raise InvalidInput("loss.integrand", f"not smooth {error}, counted from an event", allowed) from None

    def _jumps(self) -> list[tuple[int, Any]]:
        """l_V^- - l_V^+ of every spike of the population; coincident ones jump in the stored order."""
        tape, first = self.subject.paths.tape, self.subject.neurons.start
        moment, v, jumps, rank = -1, [], [], -1
        for event in tape.events:
            if not isinstance(event, Spike):
                continue
            rank += 1
            if event.neuron not in self.subject.neurons:
                continue
            if event.moment != moment:
                moment, v = event.moment, self._before(event.moment)
            neuron, n = tape.model.neurons[event.neuron], event.neuron - first
            before, after = [*v[:n], neuron.v_th, *v[n + 1 :]], [*v[:n], neuron.v_reset, *v[n + 1 :]]
            (low, high), _ = self.integrand([before, after], [event.time] * 2)
            jumps.append((rank, low - high))
            v = after
        return jumps

    def _before(self, moment: int) -> list[Any]:
        """Left limits of V at a moment that ends a segment."""
        k = next(k for k, s in enumerate(self.courses[0]) if s.stop == moment)
        return [_voltage(course[k], course[k].factors) for course in self.courses]


def _voltage(s: Segment, f: Any) -> Any:
    return s.neuron.bias + s.u * f.e_mem + s.i * f.k
