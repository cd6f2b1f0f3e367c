"""Forward sensitivities: how V, I and the spike times depend on every parameter."""

from __future__ import annotations

from typing import Any, TypeAlias

from spikeproof_reference.mp.losses.evaluation import Evaluation
from spikeproof_reference.mp.parameter import Numbering
from spikeproof_reference.mp.path import Paths, Segment
from spikeproof_reference.mp.pull import Pull, summed
from spikeproof_reference.mp.reals import OUT_OF_RANGE, Reals, Unchanged
from spikeproof_reference.mp.tape import Arrival, Release, Spike, Tape
from spikeproof_reference.mp.totals import Totals

Tangent: TypeAlias = dict[int, Any]  # parameter number -> derivative; parameters that are left out have derivative 0


def spike_tangents(tape: Tape, numbering: Numbering) -> list[Tangent]:
    """Derivatives of every spike time of one sample.

    With dV, dI the derivatives at fixed time::

        between events   V(t) and I(t), differentiated for V(0), I(0), tau_mem, tau_syn and the bias
        spike of n       dt = (dv_th - dV) / Vdot^-        dV <- dv_reset - Vdot^+ dt, with Vdot^+ = 0 if n is held
        release of n     dV <- dV - Vdot^+ (dt + dt_ref)
        arrival at m     dV <- dV - w dt / tau_mem         dI <- dI + dw + w dt / tau_syn,    dt includes the delay's;
                         if m is held, dV stays

    References
    ----------
    docs/theory.md (arrival-sensitivity), (spike-sensitivity), (ref-adjoint); Wunderlich and Pehle (2021), eqs. 37, 39,
    43 (with dw_ji) and 46 to 50.
    """
    replay = _replayed(tape, Paths(tape), numbering)
    return [replay.numbers(tangent) for tangent in replay.d_spikes]


def pushed_forward(tape: Tape, loss: Evaluation, totals: Totals, numbering: Numbering) -> None:
    """Add the gradients of one sample to `totals`, by the chain rule over all that the loss sees; mirrors `adjoint`."""
    replay = _replayed(tape, loss.paths, numbering, loss)
    gradient, zero = replay.numbers(replay.gradient), tape.model.ctx.zero
    for k in range(len(totals.input_times)):
        totals.input_times[k] += gradient.get(numbering.first_time + k, zero) + loss.d_input.get(k, zero)
    for p, s in enumerate(tape.model.synapses):
        for i, row in enumerate(s.weights):
            for j in range(len(row)):
                totals.weights[p][i][j] += gradient.get(numbering.weight(p, i, j), zero)
                totals.delays[p][i][j] += gradient.get(numbering.delay(p, i, j), zero)
    for p, i, j, slope in loss.d_delay:
        totals.delays[p][i][j] += slope
    for name, numbers in numbering.neurons.items():
        for n, number in numbers.items():
            totals.neurons[name][n] += gradient.get(number, zero)


class _Replay:
    """All methods but `numbers` are called in the context of `reals`, whose numbers the tangents are."""

    def __init__(self, tape: Tape, paths: Paths, numbering: Numbering, loss: Evaluation | None, reals: Reals) -> None:
        self.tape, self.model, self.numbering, self.loss = tape, tape.model, numbering, loss
        self.reals = reals
        self.real = self.reals.real
        self.one = one = self.real(tape.model.ctx.one)
        size = len(tape.model.neurons)
        self.courses = [paths.course(n) for n in range(size)]
        self.passed = [0] * size  # how many segments lie behind
        self.held = [False] * size
        self.d_v, self.d_i = (
            [{number: one} if (number := numbering.neuron(name, n)) is not None else {} for n in range(size)]
            for name in ("v_init", "i_init")
        )
        self.d_spikes: list[Tangent] = []
        self.gradient: Tangent = {}

    def numbers(self, tangent: Tangent) -> Tangent:
        """A tangent in numbers of the context."""
        return {p: self.reals.mpf(x) for p, x in tangent.items()}

    def start(self) -> None:
        """Add the contribution of V at the start."""
        for n, slope in self.loss.starts if self.loss else ():
            _add(self.gradient, self.real(slope), self.d_v[n])

    def end(self) -> None:
        """Add the contribution of the spike times."""
        if self.loss:
            for slope, tangent in zip(self.loss.d_spike, self.d_spikes, strict=True):
                if slope:
                    _add(self.gradient, self.real(slope), tangent)

    def spike(self, event: Spike) -> None:
        n, neuron = event.neuron, self.model.neurons[event.neuron]
        self.advance(n, event.moment)
        vdot_before, vdot_after = (
            self.real(event.slope / neuron.tau_mem),
            self.real((event.i + neuron.bias - neuron.v_reset) / neuron.tau_mem),
        )
        d_time = {p: -x / vdot_before for p, x in self.d_v[n].items()}
        if (number := self.numbering.neuron("v_th", n)) is not None:
            _add(d_time, 1 / vdot_before, {number: self.one})
        self.held[n], self.d_v[n] = bool(neuron.t_ref), {}
        if not neuron.t_ref:
            self._set_off(n, vdot_after, d_time)
        if (number := self.numbering.neuron("v_reset", n)) is not None:
            _add(self.d_v[n], self.one, {number: self.one})
        self.d_spikes.append(d_time)

    def release(self, event: Release) -> None:
        n = event.neuron
        self.advance(n, event.moment)
        self.held[n] = False
        self._set_off(n, self.real(event.slope / self.model.neurons[n].tau_mem), self.d_spikes[event.source])

    def _set_off(self, n: int, vdot: Any, d_time: Tangent) -> None:
        """V leaves the reset later, by what the spike is later and the refractory time is longer."""
        _add(self.d_v[n], -vdot, d_time)
        if (number := self.numbering.neuron("t_ref", n)) is not None:
            _add(self.d_v[n], -vdot, {number: self.one})

    def arrival(self, event: Arrival) -> None:
        synapses, one = self.model.synapses[event.synapses], self.one
        d_source = self._input(event.source) if synapses.from_input else self.d_spikes[event.source]
        for j in event.columns:
            n, w = synapses.targets[j], synapses.weights[event.row][j]
            weight, delay = (f(event.synapses, event.row, j) for f in (self.numbering.weight, self.numbering.delay))
            wanted, late = self.numbering.wants(weight), self.numbering.wants(delay)
            if not wanted and not (w and (d_source or late)):
                continue
            self.advance(n, event.moment)
            if wanted:
                _add(self.d_i[n], one, {weight: one})
            if w:
                neuron = self.model.neurons[n]
                fall, rise = self.real(-w / neuron.tau_mem), self.real(w / neuron.tau_syn)
                moved = [d_source, {delay: one}] if late else [d_source]
                for d_time in moved:
                    _add(self.d_i[n], rise, d_time)
                    if not self.held[n]:
                        _add(self.d_v[n], fall, d_time)

    def kinks(self, number: int) -> None:
        """Add the contribution of V just before event `number`."""
        for n, slope in self.loss.kinks.get(number, ()) if self.loss else ():
            self.advance(n, self.tape.events[number].moment)
            _add(self.gradient, self.real(slope), self.d_v[n])

    def advance(self, n: int, moment: int) -> None:
        """Take the tangents of neuron `n` to just before what happens at `moment`."""
        course, passed = self.courses[n], self.passed[n]
        while passed < len(course) and course[passed].stop <= moment:
            s = course[passed]
            pulls = self.loss.pulls.get((n, passed), ()) if self.loss else ()
            if pulls:
                self._observe(n, s, list(pulls))
            self._over(n, s)
            passed += 1
        self.passed[n] = passed

    def _over(self, n: int, s: Segment) -> None:
        f = s.factors
        e_mem, e_syn, k = self.real(f.e_mem), self.real(f.e_syn), self.real(f.k)
        if s.flow.holds:
            d_v = self.d_v[n]
            self.d_i[n] = {p: x * e_syn for p, x in self.d_i[n].items()}
        elif self.d_i[n]:
            d_v = {p: x * k for p, x in self.d_i[n].items()}
            _add(d_v, e_mem, self.d_v[n])
            self.d_i[n] = {p: x * e_syn for p, x in self.d_i[n].items()}
        else:
            d_v = {p: x * e_mem for p, x in self.d_v[n].items()}
        if s.u or s.i:
            if not s.flow.holds:
                by_mem, by_syn = self.tape.derivatives(s.start, s.stop, s.group)
                self._own(d_v, n, s, s.dt * f.e_mem, by_mem, by_syn)
            if s.i and (number := self.numbering.neuron("tau_syn", n)) is not None:
                _add(self.d_i[n], self.real(s.i * s.dt / s.neuron.tau_syn**2), {number: e_syn})
        if not s.flow.holds and (number := self.numbering.neuron("bias", n)) is not None:
            _add(d_v, self.one, {number: self.real(1 - f.e_mem)})
        self.d_v[n] = d_v

    def _own(self, total: Tangent, n: int, s: Segment, t_mem: Any, by_mem: Any, by_syn: Any) -> None:
        """Add what V changes directly by for the time constants of its neuron."""
        if (number := self.numbering.neuron("tau_mem", n)) is not None:
            _add(total, self.one, {number: self.real(s.u * t_mem / s.neuron.tau_mem**2 + s.i * by_mem)})
        if s.i and (number := self.numbering.neuron("tau_syn", n)) is not None:
            _add(total, self.real(s.i), {number: self.real(by_syn)})

    def _observe(self, n: int, s: Segment, pulls: list[Pull]) -> None:
        """Add what the loss sees of V along a segment."""
        zero = self.model.ctx.zero
        d_one, d_mem, d_k = summed([pull.state() for pull in pulls], zero)
        _add(self.gradient, self.real(d_mem), self.d_v[n])
        _add(self.gradient, self.real(d_k), self.d_i[n])
        if s.flow.holds:
            return
        if s.u or s.i:
            self._own(self.gradient, n, s, *summed([pull.derivatives() for pull in pulls], zero))
        if (number := self.numbering.neuron("bias", n)) is not None:
            _add(self.gradient, self.one, {number: self.real(d_one - d_mem)})

    def _input(self, source: int) -> Tangent:
        number = self.numbering.first_time + source
        return {number: self.one} if self.numbering.wants(number) else {}


def _replayed(tape: Tape, paths: Paths, numbering: Numbering, loss: Evaluation | None = None) -> _Replay:
    """A pass in gmpy2's numbers, or in mpmath's if there are some beyond the range of these."""
    ctx = tape.model.ctx
    try:
        return _run(_Replay(tape, paths, numbering, loss, Reals(ctx)))
    except OUT_OF_RANGE:
        return _run(_Replay(tape, paths, numbering, loss, Unchanged(ctx)))


def _run(replay: _Replay) -> _Replay:
    with replay.reals:
        replay.start()
        for number, event in enumerate(replay.tape.events):
            replay.kinks(number)
            if isinstance(event, Arrival):
                replay.arrival(event)
            elif isinstance(event, Release):
                replay.release(event)
            else:
                replay.spike(event)
        for n in {n for n, _ in replay.loss.pulls} if replay.loss else ():
            replay.advance(n, replay.courses[n][-1].stop)
        replay.end()
    return replay


def _add(total: Tangent, factor: Any, tangent: Tangent) -> None:
    for p, x in tangent.items():
        term = factor * x
        total[p] = total[p] + term if p in total else term
