"""The cuts of intervals into panels so short that V and t change by no more than their nodes resolve.

V of a neuron changes within a time h after a state U, I (measured from the bias) by no more than ::

    |I - U| min(h/tau_mem, 1) + |I| min(h^2/(2 tau_mem tau_syn), 1)

because ``tau_mem dV/dt = D = I - U`` obeys ``tau_mem dD/dt = -D - (tau_mem/tau_syn) I``. Intervals are halved until
this bound, which looks at no node, is small enough for all neurons. And as long as V moves at all, a panel is no longer
than a time constant, or than all that lies before it in its interval: V is smooth between its nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spikeproof.errors import InvalidInput
from spikeproof.losses.observables import SHARE
from spikeproof_reference.mp.path import Segment

WIDTHS = 8  # that a panel may hold: `LOOK` nodes of Gauss are at most 1 of them apart, twice as many 0.5
LOOK = 12
MOST = 2**16  # panels of an interval
STILL = 2.0**-40  # of |V|: by default nothing happens in so small a change
PLACES = (0.01, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0)  # time constants after an event at which V may be extreme


@dataclass(frozen=True)
class Narrow:
    """The smallest changes of V and of t in which an integrand does something."""

    v_width: Any
    t_width: Any

    def cuts(self, segments: list[Segment], zero: Any) -> list[Any]:
        """Offsets at which the interval of these segments is cut, both ends included.

        Raises
        ------
        InvalidInput
            If they are too many.
        """
        ends = [zero]
        for end in self._ends(segments, zero, segments[0].dt):
            ends.append(end)
            if len(ends) > MOST:
                name = "t_width" if segments[0].dt > MOST / 2 * WIDTHS * self.t_width else "v_width"
                allowed = f"a width that takes at most {MOST} panels between two events"
                raise InvalidInput(f"loss.{name}", float(getattr(self, name)), allowed)
        return ends

    def _ends(self, segments: list[Segment], a: Any, b: Any) -> Iterator[Any]:
        moves = any(_change(s, a, b) > self.v_width for s in segments)
        unit = min(s.flow.unit for s in segments) if moves else b  # late in an interval V is as slow as it is late
        waiting = [b]
        while waiting:
            b = waiting[-1]
            if b - a > min(WIDTHS * self.t_width, max(unit, a)) or self._too_wide(segments, a, b):
                waiting.append((a + b) / 2)
                if len(waiting) > MOST:
                    raise InvalidInput("loss.v_width", float(self.v_width), "a width that the digits of V resolve")
            else:
                a = waiting.pop()
                yield a

    def _too_wide(self, segments: list[Segment], a: Any, b: Any) -> bool:
        return any(_change(s, a, b - a) > WIDTHS * self.v_width for s in segments)


def _change(s: Segment, a: Any, h: Any) -> Any:
    """The most that V may change from an offset `a` to ``a + h``."""
    if s.flow.holds:
        return 0 * h
    u, i = s.flow.state(s.u, s.i, a)
    mem, syn = s.flow.tau_mem, s.flow.tau_syn
    return abs(i - u) * min(h / mem, 1) + abs(i) * min(h * h / (2 * mem * syn), 1)


def granted(courses: Iterable[list[Segment]]) -> Any:
    """The width in V that is taken for granted: a share of the range of V over the sample."""
    seen = [v for course in courses for s in course for v in _places(s)]
    return max(SHARE * (max(seen) - min(seen)), STILL * max(map(abs, seen))) or 1


def _places(s: Segment) -> list[Any]:
    offsets = [s.flow.unit * 0, s.dt, *(x for p in PLACES if (x := p * s.flow.unit) < s.dt)]
    return [s.neuron.bias + s.flow.state(s.u, s.i, x)[0] for x in offsets]
