"""Adjoint pass: the pieces in reverse, with jumps at the events, in exactly the reversed order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof_reference.ode.circuit import Circuit
from spikeproof_reference.ode.reading import Reading
from spikeproof_reference.ode.trajectory import Adjoint, Arrival, Mark, Method, Release, Spike, Trajectory


@dataclass
class Totals:
    """Gradients summed over samples: ``weights[p][i][j]`` and ``delays[p][i][j]`` of projection p, one entry per input
    spike, ``neurons[name][n]``.
    """

    weights: list[list[list[Any]]]
    delays: list[list[list[Any]]]
    input_times: list[Any]
    neurons: dict[str, list[Any]]


def no_totals(circuit: Circuit) -> Totals:
    """Gradients of 0 everywhere."""
    zero, size = circuit.ctx.zero, len(circuit.cells)
    weights, delays = ([[[zero] * len(row) for row in w.weights] for w in circuit.wirings] for _ in range(2))
    n_inputs = sum(map(len, circuit.inputs))
    return Totals(weights, delays, [zero] * n_inputs, {name: [zero] * size for name in PARAMETER_NAMES})


def adjoint(method: Method, trajectory: Trajectory, reading: Reading, totals: Totals) -> None:
    """Add the gradients of one sample to `totals`.

    ::

        between events     tau_mem lambda_v' = -lambda_v - dl_V/dV        tau_syn lambda_i' = -lambda_i + lambda_v
        V read at a mark   lambda_v -= dL/dV / tau_mem
        arrival            collected += sum_m w_m (lambda_v - lambda_i)_m, without lambda_v where m is held
        release            collected += tau_mem Vdot^+ lambda_v
        spike              lambda_v += height / (tau_mem Vdot^-), see `jump_height`
        while held         tau_mem lambda_v' = -dl_V/dV                   tau_syn lambda_i' = -lambda_i

    Notes
    -----
    At coincident events the result is the derivative on the side that the stored order is on.

    References
    ----------
    docs/theory.md (adjoint-flow), (adjoint-jump), (grad-tau-mem), (grad-tau-syn), (grad-bias), (ref-adjoint);
    Wunderlich and Pehle (2021), Table 2, eqs. 32 and 49 to 56, with the full W^T and any reset.
    """
    replay = _Replay(method, trajectory, reading, totals)
    for event in reversed(trajectory.events):
        if isinstance(event, Spike):
            replay.spike(event)
        elif isinstance(event, Arrival):
            replay.arrival(event)
        elif isinstance(event, Release):
            replay.release(event)
        elif isinstance(event, Mark):
            replay.mark(event)
        else:
            method.rewind(trajectory.circuit, event, replay.adjoint, reading.slope if reading.locals else None)
    replay.finish()


def jump_height(v_th: Any, v_reset: Any, lambda_v: Any, d_spike: Any, l_jump: Any) -> Any:
    """``(v_th - v_reset) lambda_v^+ + dl_p/dt_k + l_V^- - l_V^+``; dl_p/dt_k includes what arrivals collected."""
    return (v_th - v_reset) * lambda_v + d_spike + l_jump


class _Replay:
    def __init__(self, method: Method, trajectory: Trajectory, reading: Reading, totals: Totals) -> None:
        size, zero = len(trajectory.circuit.cells), method.ctx.zero
        self.circuit, self.reading, self.totals = trajectory.circuit, reading, totals
        self.adjoint = Adjoint(*([zero] * size for _ in fields(Adjoint)))
        self.d_spike = list(reading.d_spike)
        self.held = set(trajectory.held)
        self.rank = len(trajectory.spikes)
        self.zero = zero

    def mark(self, event: Mark) -> None:
        for n, slope in self.reading.pulls.get(event, {}).items():
            self.adjoint.lambda_v[n] = self.adjoint.lambda_v[n] - slope / self.circuit.cells[n].tau_mem

    def arrival(self, event: Arrival) -> None:
        wiring = self.circuit.wirings[event.wiring]
        weights, delays = (x[event.wiring][event.row] for x in (self.totals.weights, self.totals.delays))
        cuts = self.reading.cuts.get(event, [])
        collected = self.zero
        for j, (n, w) in enumerate(zip(wiring.targets, wiring.weights[event.row], strict=True)):
            lambda_v, lambda_i = self.zero if n in self.held else self.adjoint.lambda_v[n], self.adjoint.lambda_i[n]
            weights[j] = weights[j] - self.circuit.cells[n].tau_syn * lambda_i
            part = w * (lambda_v - lambda_i) + sum((slope for target, slope in cuts if target == n), self.zero)
            delays[j] = delays[j] + part
            collected = collected + part
        sums = self.totals.input_times if wiring.from_input else self.d_spike
        sums[event.source] = sums[event.source] + collected

    def spike(self, event: Spike) -> None:
        self.rank -= 1
        n, cell = event.neuron, self.circuit.cells[event.neuron]
        after = self.adjoint.lambda_v[n]
        moved = self.zero if cell.t_ref else after  # a held V stays where it is, however late the spike
        height = jump_height(cell.v_th, cell.v_reset, moved, self.d_spike[self.rank], self._l_jump(event))
        before = moved + height / event.slope
        self._add(n, v_th=cell.tau_mem * before, v_reset=-cell.tau_mem * after)
        if not cell.t_ref:
            self._add(n, t_ref=after * (event.slope + cell.v_th - cell.v_reset))
        self.adjoint.lambda_v[n] = before
        self.held.discard(n)

    def release(self, event: Release) -> None:
        late = self.adjoint.lambda_v[event.neuron] * event.slope
        self.d_spike[event.source] = self.d_spike[event.source] + late
        self._add(event.neuron, t_ref=late)
        self.held.add(event.neuron)

    def finish(self) -> None:
        """Add the contributions of the integrals and of the initial state."""
        by = self.adjoint
        for n, cell in enumerate(self.circuit.cells):
            self._add(n, tau_mem=by.tau_mem[n], tau_syn=by.tau_syn[n], bias=by.bias[n])
            self._add(n, v_init=-cell.tau_mem * by.lambda_v[n], i_init=-cell.tau_syn * by.lambda_i[n])

    def _add(self, n: int, **terms: Any) -> None:
        """Add to the gradients of a neuron's parameters."""
        for name, term in terms.items():
            total = self.totals.neurons[name]
            total[n] = total[n] + term

    def _l_jump(self, event: Spike) -> Any:
        """l_V just before the spike minus l_V just after."""
        if not self.reading.locals:
            return self.zero
        after = list(event.v_before)
        after[event.neuron] = self.circuit.cells[event.neuron].v_reset
        return self.reading.density(event.v_before, event.time) - self.reading.density(after, event.time)
