"""Adjoint pass: the stored events exactly reversed."""

from __future__ import annotations

from typing import Any, NamedTuple

from spikeproof_reference.mp.losses.evaluation import Evaluation
from spikeproof_reference.mp.model import identity
from spikeproof_reference.mp.path import Segment
from spikeproof_reference.mp.pull import Pull, Triple, summed
from spikeproof_reference.mp.reals import OUT_OF_RANGE, Reals, Unchanged
from spikeproof_reference.mp.tape import Arrival, Release, Spike, Tape
from spikeproof_reference.mp.totals import Totals


def adjoint(tape: Tape, loss: Evaluation, totals: Totals) -> None:
    """Add the gradients of one sample to `totals`.

    ::

        at spike k of n:   lambda_v += ((v_th - v_reset) lambda_v + dL/dt_k + collected_k) / (tau_mem Vdot^-)
                           dL/dv_th += tau_mem lambda_v^-       dL/dv_reset -= tau_mem lambda_v^+
        if it is held:     lambda_v = (dL/dt_k + collected_k + released_k) / (tau_mem Vdot^-)
        at its release:    released_k = tau_mem Vdot^+ lambda_v, also dL/dt_ref
        at each arrival:   collected_k += w_m (lambda_v - lambda_i)_m, also dL/ddelay_m
                           dL/dw_m -= tau_syn lambda_i,m
        in between:        dL/dtau_mem += int lambda_v dV/dt    dL/dtau_syn += int lambda_i dI/dt
                           dL/dbias -= int lambda_v
        at the start:      dL/dv_init = -tau_mem lambda_v       dL/di_init = -tau_syn lambda_i

    What the loss observes of V drives lambda_v in between: with D the functional by which it changes with V, going
    back over an interval subtracts ``D(e_mem) / tau_mem`` from lambda_v and ``D(k) / tau_syn`` from lambda_i.

    While a neuron is held, lambda_v stands for the level at which it is: it changes by what the loss observes alone, no
    arrival feels it, and at the spike it goes to dL/dv_reset.

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
    docs/theory.md (adjoint-jump), (tau-integrals), (ref-adjoint), (ref-gradients); Wunderlich and Pehle (2021), Table 2
    and eqs. 49 to 56, with the full W^T, so that autapses are included.
    """
    ctx, sums = tape.model.ctx, _sums(tape, totals)
    if tape.model.rounded is not identity:
        _replay(tape, loss, totals, Unchanged(ctx))
        return
    before = [list(numbers) for numbers in sums]
    try:
        _replay(tape, loss, totals, Reals(ctx))
    except OUT_OF_RANGE:
        for numbers, kept in zip(sums, before, strict=True):
            numbers[:] = kept
        _replay(tape, loss, totals, Unchanged(ctx))


def _replay(tape: Tape, loss: Evaluation, totals: Totals, numbers: Reals) -> None:
    replay = _Replay(tape, loss, totals, numbers)
    with numbers:
        for number, event in zip(reversed(range(len(tape.events))), reversed(tape.events), strict=True):
            if isinstance(event, Arrival):
                replay.arrival(event)
            elif isinstance(event, Release):
                replay.release(event)
            else:
                replay.spike(event)
            replay.kinks(number)
        replay.start()
    for sums in _sums(tape, totals):
        sums[:] = map(numbers.mpf, sums)


def _sums(tape: Tape, totals: Totals) -> list[list[Any]]:
    """The lists that a pass over the tape may change."""
    rows = {(e.synapses, e.row) for e in tape.events if isinstance(e, Arrival)}
    matrices = [part[p][i] for p, i in rows for part in (totals.weights, totals.delays)]
    return [*matrices, totals.input_times, *totals.neurons.values()]


class Interval(NamedTuple):
    """An interval between two moments: its length, its factors and its convolutions."""

    dt: Any
    e_mem: Any
    e_syn: Any
    k: Any
    j: Any
    c_mem: Any
    c_syn: Any


class _Replay:
    """Computes in numbers of gmpy2; of mpmath in Monte Carlo arithmetic, which rounds them, or beyond their range."""

    def __init__(self, tape: Tape, loss: Evaluation, totals: Totals, numbers: Reals) -> None:
        size = len(tape.model.neurons)
        self.tape, self.model, self.loss, self.totals = tape, tape.model, loss, totals
        self.real = real = numbers.real
        zero = real(tape.model.ctx.zero)
        self.lambda_v, self.lambda_i = [zero] * size, [zero] * size
        self.held = [nodes[-1].held for nodes in tape.nodes]
        self.taus = [(real(n.tau_mem), real(n.tau_syn)) for n in tape.model.neurons]
        self.known: dict[tuple[int, int, int], Interval] = {}
        self.courses = [loss.paths.course(n) for n in range(size)]
        self.left = [len(course) for course in self.courses]  # how many segments lie before
        self.d_spike = [real(x) for x in loss.d_spike]
        self.rank = len(tape.spikes)
        for p, i, j, slope in loss.d_delay:
            totals.delays[p][i][j] += slope
        for index, slope in loss.d_input.items():
            totals.input_times[index] += slope

    def arrival(self, event: Arrival) -> None:
        synapses, rounded, real = self.model.synapses[event.synapses], self.model.rounded, self.real
        gradient, weights = self.totals.weights[event.synapses][event.row], synapses.weights[event.row]
        delays = self.totals.delays[event.synapses][event.row]
        collected = real(self.model.ctx.zero)
        for j in event.columns:
            n = synapses.targets[j]
            self._rewind(n, event.moment)
            lambda_v = 0 if self.held[n] else self.lambda_v[n]
            if lambda_v or self.lambda_i[n]:
                gradient[j] = rounded(real(gradient[j]) - rounded(self.taus[n][1] * self.lambda_i[n]))
                term = rounded(real(weights[j]) * (lambda_v - self.lambda_i[n]))
                delays[j] = rounded(real(delays[j]) + term)
                collected = rounded(collected + term)
        sums = self.totals.input_times if synapses.from_input else self.d_spike
        sums[event.source] = rounded(real(sums[event.source]) + collected)

    def spike(self, event: Spike) -> None:
        n, rounded = event.neuron, self.model.rounded
        neuron = self.model.neurons[n]
        self.rank -= 1
        self._rewind(n, event.moment)
        after, slope = self.lambda_v[n], self.real(rounded(event.slope))
        if neuron.t_ref:
            self.held[n] = False
            self.lambda_v[n] = rounded(self.d_spike[self.rank] / slope)
        else:
            height = self.real(neuron.v_th - neuron.v_reset) * after + self.d_spike[self.rank]
            self.lambda_v[n] = rounded(after + height / slope)
            released = after * self.real(event.i + neuron.bias - neuron.v_reset)
            self.totals.neurons["t_ref"][n] = self.real(self.totals.neurons["t_ref"][n]) + released
        self._add(n, "v_th", self.taus[n][0] * self.lambda_v[n])
        self._add(n, "v_reset", -self.taus[n][0] * after)

    def release(self, event: Release) -> None:
        n, rounded = event.neuron, self.model.rounded
        self._rewind(n, event.moment)
        self.held[n] = True
        term = rounded(self.lambda_v[n] * self.real(rounded(event.slope)))
        self.d_spike[event.source] = rounded(self.d_spike[event.source] + term)
        self._add(n, "t_ref", term)

    def kinks(self, number: int) -> None:
        """Pull at V just before event `number`, where a maximum lies."""
        for n, slope in self.loss.kinks.get(number, ()):
            self.lambda_v[n] -= self.real(slope) / self.taus[n][0]

    def start(self) -> None:
        """Go back to the start: derivatives for the initial states."""
        for n, (tau_mem, tau_syn) in enumerate(self.taus):
            self._rewind(n, -1)
            self._add(n, "v_init", -tau_mem * self.lambda_v[n])
            self._add(n, "i_init", -tau_syn * self.lambda_i[n])
        for n, slope in self.loss.starts:
            self.totals.neurons["v_init"][n] = self.real(self.totals.neurons["v_init"][n]) + self.real(slope)

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
        if s.flow.holds:
            self._back_held(n, s, pulls)
            return
        f, rounded = self._interval(s), self.model.rounded
        v, i, (tau_mem, tau_syn) = self.lambda_v[n], self.lambda_i[n], self.taus[n]
        state = self._converted(summed([p.state() for p in pulls], self.model.ctx.zero)) if pulls else None
        self._integrals(n, s, f, pulls, state)
        self.lambda_v[n] = rounded(v * rounded(f.e_mem))
        self.lambda_i[n] = rounded(i * rounded(f.e_syn) + v * rounded(f.j))
        if state:
            _, d_mem, d_k = state
            self.lambda_v[n] = rounded(self.lambda_v[n] - rounded(d_mem) / tau_mem)
            self.lambda_i[n] = rounded(self.lambda_i[n] - rounded(d_k) / tau_syn)

    def _back_held(self, n: int, s: Segment, pulls: list[Pull]) -> None:
        """A step back while the neuron is held: V does not move, and I moves nothing."""
        f, rounded, i, (tau_mem, tau_syn) = self._interval(s), self.model.rounded, self.lambda_i[n], self.taus[n]
        if s.i:
            self._add(n, "tau_syn", -self.real(s.i) / tau_syn * i * rounded(f.dt * f.e_syn))
        self.lambda_i[n] = rounded(i * rounded(f.e_syn))
        if pulls:
            level = self.real(summed([p.state() for p in pulls], self.model.ctx.zero)[0])
            self.lambda_v[n] = rounded(self.lambda_v[n] - rounded(level) / tau_mem)

    def _integrals(self, n: int, s: Segment, f: Interval, pulls: list[Pull], state: Triple | None) -> None:
        """Add the integrals of lambda_v dV/dt, lambda_i dI/dt and -lambda_v."""
        v, i, (tau_mem, tau_syn), rounded = self.lambda_v[n], self.lambda_i[n], self.taus[n], self.model.rounded
        by_bias = -v * tau_mem * rounded(1 - f.e_mem)
        if state:
            by_bias += rounded(state[0] - state[1])  # a bias lifts V by 1 - e_mem
        self._add(n, "bias", by_bias)
        if not (s.u or s.i):
            return
        start = self.real(s.u), self.real(s.i)
        by_mem = v * _rise(start, tau_mem, f.dt * f.e_mem, f.k, f.c_mem, rounded)
        by_syn = i * rounded(f.dt * f.e_syn) + v * (tau_mem / tau_syn) * rounded(f.c_syn)
        if state:
            d_t, d_mem, d_syn = self._converted(summed([p.convolutions() for p in pulls], self.model.ctx.zero))
            by_mem -= _rise(start, tau_mem, d_t, state[2], d_mem, rounded) / tau_mem
            by_syn -= rounded(d_syn) / tau_syn
        self._add(n, "tau_mem", by_mem)
        self._add(n, "tau_syn", -start[1] / tau_syn * by_syn)

    def _add(self, n: int, name: str, term: Any) -> None:
        sums, rounded = self.totals.neurons[name], self.model.rounded
        sums[n] = rounded(self.real(sums[n]) + rounded(term))

    def _interval(self, s: Segment) -> Interval:
        """The numbers of an interval; shared by all neurons with the same time constants."""
        key = (s.start, s.stop, s.group)
        if key not in self.known:
            c_mem, c_syn = self.tape.convolutions(*key)
            f = s.factors
            self.known[key] = Interval(*map(self.real, (s.dt, f.e_mem, f.e_syn, f.k, f.j, c_mem, c_syn)))
        return self.known[key]

    def _converted(self, triple: Triple) -> Triple:
        return self.real(triple[0]), self.real(triple[1]), self.real(triple[2])


def _rise(start: tuple[Any, Any], tau_mem: Any, t_mem: Any, k: Any, c_mem: Any, rounded: Any) -> Any:
    """``int e_mem(dt - t) dV/dt(t) dt`` over [0, dt] from V - b and I, given dt e_mem, k and a convolution at dt."""
    u, i = start
    return i * rounded(k) - (u * rounded(t_mem) + i * rounded(c_mem)) / tau_mem
