"""Forward sensitivities: how V, I and the spike times depend on every weight and input spike time."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from spikeproof_reference.adjoint import Totals
from spikeproof_reference.parameter import Numbering, numbering_of
from spikeproof_reference.tape import Arrival, Spike, Tape

Tangent: TypeAlias = dict[int, Any]  # parameter number -> derivative; parameters that are left out have derivative 0


def spike_tangents(tape: Tape, numbering: Numbering) -> list[Tangent]:
    """Derivatives of every spike time of one sample.

    With dV, dI the derivatives at fixed time::

        between events   tau_mem d/dt dV = -dV + dI        tau_syn d/dt dI = -dI
        spike of n       dt = -dV / Vdot^-                 dV <- -Vdot^+ dt
        arrival at m     dV <- dV - w dt / tau_mem         dI <- dI + dw + w dt / tau_syn

    References
    ----------
    The notes' eqs. 37, 39, 43 (with dw_ji) and 46 to 50.
    """
    replay = _Replay(tape, numbering)
    for event in tape.events:
        if isinstance(event, Arrival):
            replay.arrival(event)
        else:
            replay.spike(event)
    return replay.d_spikes


def pushed_forward(tape: Tape, d_spike: list[Any], totals: Totals) -> None:
    """Add the gradients of one sample to `totals`, by the chain rule over its spike times; mirrors `adjoint`."""
    model = tape.model
    numbering = numbering_of(model)
    gradient: Tangent = {}
    for slope, tangent in zip(d_spike, spike_tangents(tape, numbering), strict=True):
        if slope:
            _add(gradient, slope, tangent)
    for p, s in enumerate(model.synapses):
        for i, j in np.ndindex(len(s.weights), len(s.targets)):
            totals.weights[p][i][j] += gradient.get(numbering.weight(p, i, j), model.ctx.zero)
    for k in range(len(model.input_times)):
        totals.input_times[k] += gradient.get(numbering.first_time + k, model.ctx.zero)


class _Replay:
    def __init__(self, tape: Tape, numbering: Numbering) -> None:
        self.tape, self.model, self.numbering = tape, tape.model, numbering
        self.d_v: list[Tangent] = [{} for _ in tape.model.neurons]
        self.d_i: list[Tangent] = [{} for _ in tape.model.neurons]
        self.since = [0] * len(tape.model.neurons)
        self.d_spikes: list[Tangent] = []

    def spike(self, event: Spike) -> None:
        n, neuron = event.neuron, self.model.neurons[event.neuron]
        self._advance(n, event.moment)
        vdot_before, vdot_after = event.slope / neuron.tau_mem, (event.i - neuron.v_reset) / neuron.tau_mem
        d_time = {p: -x / vdot_before for p, x in self.d_v[n].items()}
        self.d_v[n] = {p: -vdot_after * x for p, x in d_time.items()}
        self.d_spikes.append(d_time)

    def arrival(self, event: Arrival) -> None:
        synapses = self.model.synapses[event.synapses]
        d_time = self._input(event.source) if synapses.from_input else self.d_spikes[event.source]
        row = zip(synapses.targets, synapses.weights[event.row], strict=True)
        for j, (n, w) in enumerate(row):
            number = self.numbering.weight(event.synapses, event.row, j)
            wanted = self.numbering.wants(number)
            if not wanted and not (w and d_time):
                continue
            self._advance(n, event.moment)
            if wanted:
                _add(self.d_i[n], self.model.ctx.one, {number: self.model.ctx.one})
            if w and d_time:
                neuron = self.model.neurons[n]
                _add(self.d_v[n], -w / neuron.tau_mem, d_time)
                _add(self.d_i[n], w / neuron.tau_syn, d_time)

    def _input(self, source: int) -> Tangent:
        number = self.numbering.first_time + source
        return {number: self.model.ctx.one} if self.numbering.wants(number) else {}

    def _advance(self, n: int, moment: int) -> None:
        if self.since[n] != moment and self.d_i[n]:
            f = self.tape.factors(self.since[n], moment, self.model.neurons[n].group)
            d_v = {p: x * f.k for p, x in self.d_i[n].items()}
            _add(d_v, f.e_mem, self.d_v[n])
            self.d_v[n] = d_v
            self.d_i[n] = {p: x * f.e_syn for p, x in self.d_i[n].items()}
        self.since[n] = moment


def _add(total: Tangent, factor: Any, tangent: Tangent) -> None:
    for p, x in tangent.items():
        term = factor * x
        total[p] = total[p] + term if p in total else term
