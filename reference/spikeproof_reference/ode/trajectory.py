"""The result of a forward pass: smooth pieces and the events between them, in the order in which they happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from spikeproof_reference.ode.circuit import Circuit

State: TypeAlias = tuple[list[Any], list[Any]]
Held: TypeAlias = frozenset[int]  # the neurons that are held at their reset
Density: TypeAlias = Callable[[list[Any], Any], Any]
Slope: TypeAlias = Callable[[list[Any], Any], dict[int, Any]]


class Piece(Protocol):
    """The solution on an interval without events."""

    @property
    def start(self) -> Any:
        """Start of the interval."""
        ...

    @property
    def stop(self) -> Any:
        """End of the interval."""
        ...

    @property
    def end(self) -> State:
        """V and I of all neurons at `stop`."""
        ...

    @property
    def held(self) -> Held:
        """The neurons whose V stands still."""
        ...


@dataclass(frozen=True)
class Spike:
    """Neuron `neuron` crossed its threshold at `time`; V of all neurons just before, and ``tau_mem Vdot``."""

    neuron: int
    time: Any
    v_before: list[Any]
    slope: Any


@dataclass(frozen=True, eq=False)
class Arrival:
    """Row `row` of projection `wiring` acted; `source` is the spike, or the input spike, that came in."""

    wiring: int
    row: int
    source: int


@dataclass(frozen=True)
class Release:
    """Neuron `neuron` was let go after spike number `source`; ``tau_mem Vdot`` just after."""

    neuron: int
    source: int
    slope: Any


@dataclass(frozen=True, eq=False)
class Mark:
    """V of all neurons was read at `time`, before anything else happened there."""

    time: Any
    v: list[Any]


Event: TypeAlias = Piece | Spike | Arrival | Release | Mark


@dataclass
class Trajectory:
    """One sample: pieces and events, the spikes among them, and the state at the end, with the neurons held there."""

    circuit: Circuit
    sample: int
    events: list[Event] = field(default_factory=list)
    spikes: list[Spike] = field(default_factory=list)
    end: State = ([], [])
    held: Held = frozenset()

    def trains(self, neurons: range) -> tuple[list[list[Any]], list[list[int]]]:
        """Spike times of each neuron, and the numbers of these spikes."""
        index = [[k for k, spike in enumerate(self.spikes) if spike.neuron == n] for n in neurons]
        return [[self.spikes[k].time for k in numbers] for numbers in index], index


@dataclass
class Adjoint:
    """Adjoint variables of all neurons, and the integrals that accumulate with them.

    Attributes
    ----------
    tau_mem, tau_syn : integrals of ``lambda_v dV/dt`` and ``lambda_i dI/dt``.
    bias : minus the integral of ``lambda_v`` while the neuron is not held.
    """

    lambda_v: list[Any]
    lambda_i: list[Any]
    tau_mem: list[Any]
    tau_syn: list[Any]
    bias: list[Any]


class Method(Protocol):
    """A method of integration, forward and backward; each method has its own kind of piece.

    Attributes
    ----------
    tie : times that differ by less than ``tie * max(unit, t)`` are one event.
    """

    ctx: Any
    tie: Any

    def piece(self, circuit: Circuit, start: Any, state: State, stop: Any, held: Held) -> tuple[Any, int | None]:
        """A first piece on the way to `stop`; if a neuron crosses its threshold, up to there, with its number."""
        ...

    def split(self, circuit: Circuit, piece: Any, time: Any) -> tuple[Any, Any]:
        """The parts of a piece before and after `time`."""
        ...

    def peak(self, circuit: Circuit, piece: Any, n: int) -> Any | None:
        """The time at which V of neuron `n`, which rises at first and falls at last, is largest inside a piece."""
        ...

    def integral(self, circuit: Circuit, piece: Any, density: Density) -> Any:
        """Integral of ``density(V, t)`` over a piece."""
        ...

    def rewind(self, circuit: Circuit, piece: Any, adjoint: Adjoint, slope: Slope | None) -> None:
        """Integrate the adjoint back over a piece, driven by ``slope(V, t)`` = dl_V/dV by neuron."""
        ...
