"""Adjoint pass: the stored events exactly reversed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spikeproof_reference.model import Model
from spikeproof_reference.tape import Arrival, Spike, Tape


@dataclass
class Totals:
    """Gradients summed over samples: ``weights[p][i][j]`` of projection p, and one entry per input spike."""

    weights: list[list[list[Any]]]
    input_times: list[Any]


def no_totals(model: Model) -> Totals:
    """Gradients of nothing: zeros."""
    zero = model.ctx.zero
    return Totals([[[zero] * len(row) for row in s.weights] for s in model.synapses], [zero] * len(model.input_times))


def adjoint(tape: Tape, d_spike: list[Any], totals: Totals) -> None:
    """Add the gradients of one sample to `totals`.

    ::

        at spike k of n:   lambda_v += ((v_th - v_reset) lambda_v + dl_p/dt_k + collected_k) / (tau_mem Vdot^-)
        at each arrival:   collected_k += sum_m w_m (lambda_v - lambda_i)_m      dL/dw_m -= tau_syn lambda_i,m

    Parameters
    ----------
    tape : Tape
    d_spike : list
        dl_p/dt of each spike of the tape.
    totals : Totals
        Changed in place.

    Notes
    -----
    At coincident spikes the result is the derivative on the side that the stored order is on.

    References
    ----------
    The notes' Table 2 and eqs. 49 to 56, with the full W^T, so that autapses are included.
    """
    replay = _Replay(tape, d_spike, totals)
    for event in reversed(tape.events):
        if isinstance(event, Arrival):
            replay.arrival(event)
        else:
            replay.spike(event)


class _Replay:
    def __init__(self, tape: Tape, d_spike: list[Any], totals: Totals) -> None:
        size, zero = len(tape.model.neurons), tape.model.ctx.zero
        self.tape, self.model, self.totals = tape, tape.model, totals
        self.lambda_v, self.lambda_i = [zero] * size, [zero] * size
        self.since = [len(tape.moments) - 1] * size
        self.d_spike = list(d_spike)
        self.rank = len(tape.spikes)

    def arrival(self, event: Arrival) -> None:
        synapses, rounded = self.model.synapses[event.synapses], self.model.rounded
        gradient, weights = self.totals.weights[event.synapses][event.row], synapses.weights[event.row]
        collected = self.model.ctx.zero
        for j, (n, w) in enumerate(zip(synapses.targets, weights, strict=True)):
            self._rewind(n, event.moment)
            if self.lambda_v[n] or self.lambda_i[n]:
                gradient[j] = rounded(gradient[j] - rounded(self.model.neurons[n].tau_syn * self.lambda_i[n]))
                collected = rounded(collected + rounded(w * (self.lambda_v[n] - self.lambda_i[n])))
        sums = self.totals.input_times if synapses.from_input else self.d_spike
        sums[event.source] = rounded(sums[event.source] + collected)

    def spike(self, event: Spike) -> None:
        n, rounded = event.neuron, self.model.rounded
        neuron = self.model.neurons[n]
        self.rank -= 1
        self._rewind(n, event.moment)
        height = (neuron.v_th - neuron.v_reset) * self.lambda_v[n] + self.d_spike[self.rank]
        self.lambda_v[n] = rounded(self.lambda_v[n] + height / rounded(event.slope))

    def _rewind(self, n: int, moment: int) -> None:
        if self.since[n] != moment:
            if self.lambda_v[n] or self.lambda_i[n]:
                f, rounded = self.tape.factors(moment, self.since[n], self.model.neurons[n].group), self.model.rounded
                v = self.lambda_v[n]
                self.lambda_v[n] = rounded(v * rounded(f.e_mem))
                self.lambda_i[n] = rounded(self.lambda_i[n] * rounded(f.e_syn) + v * rounded(f.j))
            self.since[n] = moment
