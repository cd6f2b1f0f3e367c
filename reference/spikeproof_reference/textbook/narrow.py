"""Pieces cut so short that V and t do not pass by what an integrand does in a small change of them.

Between two events V has one extremum at most. Cut there, a piece has V of each neuron go one way, and the ends tell how
far it goes; such pieces are halved until that is no more than some widths, in V and in t, which the nodes then see.
"""

from __future__ import annotations

from collections.abc import Iterator

from spikeproof.errors import InvalidInput
from spikeproof.losses.observables import SHARE
from spikeproof_reference.textbook.crossing import bisected, rises
from spikeproof_reference.textbook.quadrature import Cut
from spikeproof_reference.textbook.record import Record

WIDTHS = 8.0  # that a piece of 16 nodes may hold: they are at most 0.8 of a width apart
MOST = 2**16  # pieces
STILL = 2.0**-40  # of |V|: its rounding is no change in which an integrand does something by default
DEPTH = 40  # most bisections
NOISE = 2.0**-49  # of |V|: what rounding may make of it


class Narrow:
    """Pieces in which V of some neurons goes `WIDTHS` times `v_width` at most, and t as many times `t_width`.

    Once they are cut, `noise` is the rounding of V in units of `v_width`: no two rules agree better than that.
    """

    def __init__(self, record: Record, neurons: range, v_width: float | None, t_width: float | None) -> None:
        self.record, self.neurons = record, neurons
        self.v_width, self.noise = v_width, 0.0
        self.t_width = SHARE * record.model.duration if t_width is None else t_width

    def cut(self, cuts: list[Cut]) -> list[Cut]:
        """All pieces, cut further.

        Raises
        ------
        InvalidInput
            If they become more than `MOST`.
        """
        parts = [part for cut in cuts for part in self.one_way(cut)]
        ends = [(self.v(c[0], c[1]), self.v(c[0], c[2])) for c in parts]
        at_ends = [v for pair in ends for side in pair for v in side]
        v_width = self.v_width or self.granted(at_ends)
        self.noise = NOISE * max(map(abs, at_ends)) / v_width
        asked = [self.widths(c, *e, v_width) for c, e in zip(parts, ends, strict=True)]
        by_v, by_t = (sum(x) for x in zip(*asked, strict=True))
        if by_v + by_t > MOST:
            name, width = ("v_width", v_width) if by_v >= by_t else ("t_width", self.t_width)
            raise InvalidInput(f"loss.{name}", width, f"a width that takes at most {MOST} pieces")
        return [q for c, e in zip(parts, ends, strict=True) for q in self.halved(c, *e, v_width, DEPTH)]

    def granted(self, v: list[float]) -> float:
        """The width in V that is taken for granted, by where V has been."""
        return max(SHARE * (max(v) - min(v)), STILL * max(map(abs, v))) or 1.0

    def one_way(self, cut: Cut) -> Iterator[Cut]:
        """The parts of a piece in which the V of no neuron turns."""
        start, first, last = cut
        turns = sorted({t for n in self.neurons if (t := self.turn(n, cut)) is not None and first < t < last})
        for a, b in zip([first, *turns], [*turns, last], strict=True):
            yield start, a, b

    def turn(self, n: int, cut: Cut) -> float | None:
        """When the V of a neuron turns within a piece, None if it does not."""
        start, first, last = cut
        k = self.record.interval_after(n, start)
        neuron, node = self.record.model.neurons[n], self.record.nodes[n][k]
        if node.held:
            return None
        late = start - node.time
        before = rises(neuron, node.u, node.i, late + first)
        if rises(neuron, node.u, node.i, late + last) == before:
            return None
        return first + bisected(lambda t: rises(neuron, node.u, node.i, late + first + t) == before, last - first)[1]

    def v(self, start: float, passed: float) -> list[float]:
        """V of all neurons some time after the start of an interval."""
        found = []
        for n in self.neurons:
            k = self.record.interval_after(n, start)
            found.append(self.record.v_after(n, k, start - self.record.nodes[n][k].time + passed))
        return found

    def widths(self, cut: Cut, low: list[float], high: list[float], v_width: float) -> tuple[float, float]:
        """How many pieces V, and t, ask for."""
        furthest = max(abs(b - a) for a, b in zip(low, high, strict=True))
        return furthest / v_width / WIDTHS, (cut[2] - cut[1]) / self.t_width / WIDTHS

    def halved(self, cut: Cut, low: list[float], high: list[float], v_width: float, depth: int) -> Iterator[Cut]:
        """The halves of a piece, and so on, until they are narrow; `low` and `high` are V at its ends."""
        if depth == 0 or max(self.widths(cut, low, high, v_width)) <= 1.0:
            yield cut
            return
        start, first, last = cut
        middle = 0.5 * (first + last)
        between = self.v(start, middle)
        yield from self.halved((start, first, middle), low, between, v_width, depth - 1)
        yield from self.halved((start, middle, last), between, high, v_width, depth - 1)
