"""The largest membrane potentials of leaky integrators, and the arrivals that end their rise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spikeproof_reference.ode.trajectory import Arrival, Event, Mark, Method, Release, Spike, State, Trajectory


@dataclass(frozen=True)
class Peak:
    """The largest V of one neuron, at a mark of the trajectory.

    Attributes
    ----------
    cut_by : the arrival that cuts a rising V there; None where dV/dt = 0, or at either end.
    vdot : dV/dt just before that arrival.
    """

    neuron: int
    mark: Mark
    cut_by: Arrival | None
    vdot: Any


def peaks_of(method: Method, trajectory: Trajectory, neurons: range) -> list[Peak]:
    """The largest V of each of the neurons, which have no threshold; marks are put into the trajectory there.

    Between events dV/dt of a leaky integrator changes sign at most once, so V is largest inside a piece, at an
    arrival that turns its slope, or at either end.
    """
    return [_peak(method, trajectory, n) for n in neurons]


def _peak(method: Method, trajectory: Trajectory, n: int) -> Peak:
    circuit, events = trajectory.circuit, trajectory.events
    cell = circuit.cells[n]
    state: State = ([c.v_init for c in circuit.cells], [c.i_init for c in circuit.cells])
    v, i, now = cell.v_init, cell.i_init, circuit.ctx.zero
    best: tuple[Any, int, Arrival | None, Mark, Any] = (v, 0, None, Mark(now, list(state[0])), circuit.ctx.zero)
    for position, event in enumerate(events):
        before = i + cell.bias - v
        if isinstance(event, Arrival):
            wiring = circuit.wirings[event.wiring]
            if n in wiring.targets:
                i = i + wiring.weights[event.row][n - wiring.targets.start]
                if before >= 0 >= i + cell.bias - v and v > best[0]:
                    best = (v, position, event, Mark(now, list(state[0])), before / cell.tau_mem)
        elif not isinstance(event, (Spike, Release, Mark)):
            state, now = event.end, event.stop
            v, i = state[0][n], state[1][n]
            if before > 0 > i + cell.bias - v:
                time = method.peak(circuit, event, n)
                left = method.split(circuit, event, time)[0]
                if left.end[0][n] > best[0]:
                    best = (left.end[0][n], position, None, Mark(time, list(left.end[0])), circuit.ctx.zero)
    if v > best[0]:
        best = (v, len(events), None, Mark(now, list(state[0])), circuit.ctx.zero)
    _, position, cut_by, mark, vdot = best
    _insert(method, trajectory, position, mark)
    return Peak(n, mark, cut_by, vdot)


def _insert(method: Method, trajectory: Trajectory, position: int, mark: Mark) -> None:
    """Put `mark` before the event at `position`, or inside it if it is a piece that begins earlier."""
    events = trajectory.events
    event: Event | None = events[position] if position < len(events) else None
    if event is None or isinstance(event, (Spike, Arrival, Release, Mark)) or mark.time <= event.start:
        events.insert(position, mark)
        return
    left, right = method.split(trajectory.circuit, event, mark.time)
    events[position : position + 1] = [left, mark, right]
