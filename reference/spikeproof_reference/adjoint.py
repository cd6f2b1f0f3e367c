"""Adjoint pass: the stored events exactly reversed."""

from __future__ import annotations

from typing import Any

from spikeproof_reference.evaluation import Evaluation
from spikeproof_reference.path import Segment
from spikeproof_reference.pull import Pull, Triple, summed
from spikeproof_reference.tape import Arrival, Spike, Tape
from spikeproof_reference.totals import Totals


def adjoint(tape: Tape, loss: Evaluation, totals: Totals) -> None:
    """Add the gradients of one sample to `totals`.

    ::

        at spike k of n:   lambda_v += ((v_th - v_reset) lambda_v + dL/dt_k + collected_k) / (tau_mem Vdot^-)
                           dL/dv_th += tau_mem lambda_v^-       dL/dv_reset -= tau_mem lambda_v^+
        at each arrival:   collected_k += w_m (lambda_v - lambda_i)_m, also dL/ddelay_m
                           dL/dw_m -= tau_syn lambda_i,m
        in between:        dL/dtau_mem += int lambda_v dV/dt    dL/dtau_syn += int lambda_i dI/dt
                           dL/dbias -= int lambda_v
        at the start:      dL/dv_init = -tau_mem lambda_v       dL/di_init = -tau_syn lambda_i

    What the loss observes of V drives lambda_v in between: with D the functional by which it changes with V, going
    back over an interval subtracts ``D(e_mem) / tau_mem`` from lambda_v and ``D(k) / tau_syn`` from lambda_i.

    Parameters
    ----------
    tape : Tape
    loss : Evaluation
    totals : Totals
        Changed in place.

    Notes
    -----
    At coincident spikes the result is the derivative on the side that the stored order is on.

    References
    ----------
    The notes' Table 2 and eqs. 49 to 56, with the full W^T, so that autapses are included.
    """
    replay = _Replay(tape, loss, totals)
    for number, event in zip(reversed(range(len(tape.events))), reversed(tape.events), strict=True):
        if isinstance(event, Arrival):
            replay.arrival(event)
        else:
            replay.spike(event)
        replay.kinks(number)
    replay.start()


class _Replay:
    def __init__(self, tape: Tape, loss: Evaluation, totals: Totals) -> None:
        size, zero = len(tape.model.neurons), tape.model.ctx.zero
        self.tape, self.model, self.loss, self.totals = tape, tape.model, loss, totals
        self.lambda_v, self.lambda_i = [zero] * size, [zero] * size
        self.courses = [loss.paths.course(n) for n in range(size)]
        self.left = [len(course) for course in self.courses]  # how many segments lie before
        self.d_spike = list(loss.d_spike)
        self.rank = len(tape.spikes)
        for p, i, j, slope in loss.d_delay:
            totals.delays[p][i][j] += slope
        for index, slope in loss.d_input.items():
            totals.input_times[index] += slope

    def arrival(self, event: Arrival) -> None:
        synapses, rounded = self.model.synapses[event.synapses], self.model.rounded
        gradient, weights = self.totals.weights[event.synapses][event.row], synapses.weights[event.row]
        delays = self.totals.delays[event.synapses][event.row]
        collected = self.model.ctx.zero
        for j in event.columns:
            n, w = synapses.targets[j], weights[j]
            self._rewind(n, event.moment)
            if self.lambda_v[n] or self.lambda_i[n]:
                gradient[j] = rounded(gradient[j] - rounded(self.model.neurons[n].tau_syn * self.lambda_i[n]))
                term = rounded(w * (self.lambda_v[n] - self.lambda_i[n]))
                delays[j] = rounded(delays[j] + term)
                collected = rounded(collected + term)
        sums = self.totals.input_times if synapses.from_input else self.d_spike
        sums[event.source] = rounded(sums[event.source] + collected)

    def spike(self, event: Spike) -> None:
        n, rounded = event.neuron, self.model.rounded
        neuron = self.model.neurons[n]
        self.rank -= 1
        self._rewind(n, event.moment)
        after = self.lambda_v[n]
        height = (neuron.v_th - neuron.v_reset) * after + self.d_spike[self.rank]
        self.lambda_v[n] = rounded(after + height / rounded(event.slope))
        self._add(n, "v_th", neuron.tau_mem * self.lambda_v[n])
        self._add(n, "v_reset", -neuron.tau_mem * after)

    def kinks(self, number: int) -> None:
        """Pull at V just before event `number`, where a maximum lies."""
        for n, slope in self.loss.kinks.get(number, ()):
            self.lambda_v[n] -= slope / self.model.neurons[n].tau_mem

    def start(self) -> None:
        """Go back to the start: derivatives for the initial states."""
        for n, neuron in enumerate(self.model.neurons):
            self._rewind(n, -1)
            self._add(n, "v_init", -neuron.tau_mem * self.lambda_v[n])
            self._add(n, "i_init", -neuron.tau_syn * self.lambda_i[n])
        for n, slope in self.loss.starts:
            self.totals.neurons["v_init"][n] += slope

    def _rewind(self, n: int, moment: int) -> None:
        """Take lambda of neuron `n` back to just after what happened at `moment`."""
        course, left = self.courses[n], self.left[n]
        while left and course[left - 1].start >= moment:
            left -= 1
            pulls = self.loss.pulls.get((n, left), ())
            if self.lambda_v[n] or self.lambda_i[n] or pulls:
                self._back(n, course[left], list(pulls))
        self.left[n] = left

    def _back(self, n: int, s: Segment, pulls: list[Pull]) -> None:
        """Add the integrals over a segment, and take lambda back over it."""
        f, rounded, neuron, zero = s.factors, self.model.rounded, s.neuron, self.model.ctx.zero
        v, i = self.lambda_v[n], self.lambda_i[n]
        state = summed([pull.state() for pull in pulls], zero) if pulls else None
        self._integrals(n, s, pulls, state)
        self.lambda_v[n] = rounded(v * rounded(f.e_mem))
        self.lambda_i[n] = rounded(i * rounded(f.e_syn) + v * rounded(f.j))
        if state:
            _, d_mem, d_k = state
            self.lambda_v[n] = rounded(self.lambda_v[n] - rounded(d_mem) / neuron.tau_mem)
            self.lambda_i[n] = rounded(self.lambda_i[n] - rounded(d_k) / neuron.tau_syn)

    def _integrals(self, n: int, s: Segment, pulls: list[Pull], state: Triple | None) -> None:
        """Add the integrals of lambda_v dV/dt, lambda_i dI/dt and -lambda_v."""
        v, i, f, neuron, rounded = self.lambda_v[n], self.lambda_i[n], s.factors, s.neuron, self.model.rounded
        by_bias = -v * neuron.tau_mem * rounded(1 - f.e_mem)
        if state:
            by_bias += rounded(state[0]) - rounded(state[1])
        self._add(n, "bias", by_bias)
        if not (s.u or s.i):
            return
        c_mem, c_syn = self.tape.convolutions(s.start, s.stop, neuron.group)
        by_mem = v * _rise(s, s.dt * f.e_mem, f.k, c_mem, rounded)
        by_syn = i * rounded(s.dt * f.e_syn) + v * (neuron.tau_mem / neuron.tau_syn) * rounded(c_syn)
        if state:
            d_t, d_mem, d_syn = summed([pull.convolutions() for pull in pulls], self.model.ctx.zero)
            by_mem -= _rise(s, d_t, state[2], d_mem, rounded) / neuron.tau_mem
            by_syn -= rounded(d_syn) / neuron.tau_syn
        self._add(n, "tau_mem", by_mem)
        self._add(n, "tau_syn", -s.i / neuron.tau_syn * by_syn)

    def _add(self, n: int, name: str, term: Any) -> None:
        sums, rounded = self.totals.neurons[name], self.model.rounded
        sums[n] = rounded(sums[n] + rounded(term))


def _rise(s: Segment, t_mem: Any, k: Any, c_mem: Any, rounded: Any) -> Any:
    """``int e_mem(dt - t) dV/dt(t) dt`` over [0, dt], given dt e_mem, k and a convolution at dt."""
    return s.i * rounded(k) - (s.u * rounded(t_mem) + s.i * rounded(c_mem)) / s.neuron.tau_mem
