"""A loss of one sample, and all that it puts on the adjoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from spikeproof_reference.mp.path import Paths
from spikeproof_reference.mp.pull import Pull


class Mark(NamedTuple):
    """A place at which V of a neuron is observed; `branch` compares these.

    What the neuron has seen until then must not change: until just before `time`, just before event `event`, or, if
    both are None, the end. `label` must not change either; `arrival` is the (event, column) that it names.
    """

    neuron: int
    label: str
    time: Any = None
    event: int | None = None
    arrival: tuple[int, int] | None = None


@dataclass
class Evaluation:
    """Value of the loss of one sample, and how it depends on what happened.

    Attributes
    ----------
    paths : courses of the neurons, which `pulls` refers to.
    value : loss.
    d_spike : dL/dt of every spike of the tape; includes l_V^- - l_V^+ where V is integrated.
    d_input : dL/dt of input spikes that the loss itself depends on, by number.
    d_delay : (projection, i, j, derivative) for the delays of such arrivals.
    pulls : how V is observed along segment k of neuron n, by (n, k).
    kinks : (neuron, slope) by event: V just before this event is observed.
    starts : (neuron, slope): V at t = 0 is observed.
    marks : where V is observed.
    observed : the numbers that each term saw of V, None for a term that sees spikes alone.
    """

    paths: Paths
    value: Any
    d_spike: list[Any]
    d_input: dict[int, Any] = field(default_factory=dict)
    d_delay: list[tuple[int, int, int, Any]] = field(default_factory=list)
    pulls: dict[tuple[int, int], list[Pull]] = field(default_factory=dict)
    kinks: dict[int, list[tuple[int, Any]]] = field(default_factory=dict)
    starts: list[tuple[int, Any]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    observed: list[Any] = field(default_factory=list)

    def pull(self, n: int, segment: int, pull: Pull) -> None:
        """Observe V along a segment."""
        self.pulls.setdefault((n, segment), []).append(pull)
