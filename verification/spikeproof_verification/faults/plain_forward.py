"""The plain forward pass: all neurons go from event to event together."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from spikeproof import Problem
from spikeproof_verification.faults.plain_crossing import crossing
from spikeproof_verification.faults.plain_flow import flowed, rounded
from spikeproof_verification.faults.plain_model import PlainModel
from spikeproof_verification.faults.plain_record import Arrival, Event, Record, Spike, Stretch

GRID = 1024  # grid points per unit of time, where spikes are put on a grid


def forward(model: PlainModel, problem: Problem, before: Record | None, sample: int) -> Record:
    """Events of one sample; `before` is the record of the previous one, which does not matter."""
    loop = _Loop(model, problem, sample)
    if model.wrong == "state carried over to the next sample" and before is not None:
        loop.v, loop.i = list(before.v_end), list(before.i_end)
        loop.open = (0.0, tuple(loop.v), tuple(loop.i))
    while loop.step():
        pass
    if model.wrong == "last bit by the place in the batch" and sample % 2:
        loop.record.v_end = [math.nextafter(v, math.inf) for v in loop.record.v_end]
    return loop.record


class _Loop:
    """Time, state, what is on its way as (time, projection, row, source), and the stretch that is open."""

    def __init__(self, model: PlainModel, problem: Problem, sample: int) -> None:
        neurons = replace(model.neurons, bias=list(model.neurons.bias))  # one fault changes it on the way
        self.model, self.record, self.now = replace(model, neurons=neurons), Record(), 0.0
        self.v, self.i = list(neurons.v_init), list(neurons.i_init)
        if model.wrong == "initial current ignored":
            self.i = [0.0] * len(self.i)
        self.open = (0.0, tuple(self.v), tuple(self.i))
        self.waiting = _inputs(model, *problem.stimulus.sample(sample))

    def step(self) -> bool:
        """Let the next thing happen; False if nothing more happens before the end."""
        self.waiting.sort(key=lambda x: x[0])
        duration = self.model.duration
        until = min(self.waiting[0][0] if self.waiting else math.inf, duration)
        found = {n: crossing(self.model, n, self.v[n], self.i[n], until - self.now) for n in range(len(self.v))}
        due = {n: dt for n, dt in found.items() if dt is not None}
        dt = min(due.values(), default=until - self.now)
        if due and self.model.wrong == "spike times on a grid":
            dt = min(until - self.now, math.ceil((self.now + dt) * GRID) / GRID - self.now)
        before = [*self.v], [*self.i]
        self._advance(dt)
        firing = [n for n, t in due.items() if t == min(due.values())]
        if firing:
            self._fire(firing)
        elif self.waiting and self.waiting[0][0] <= duration:
            self._arrive(self.waiting.pop(0))
        else:
            self._finish(before)
            return False
        return True

    def _advance(self, dt: float) -> None:
        for n in range(len(self.v)):
            self.v[n], self.i[n] = flowed(self.model, n, self.v[n], self.i[n], dt)
        self.now += dt

    def _fire(self, firing: list[int]) -> None:
        first = len(self.record.spikes)
        for n in firing:
            self._spike(n)
        for number, n in enumerate(firing, start=first):
            for q, s in enumerate(self.model.synapses):
                if not s.from_input and n in s.pre:
                    self.waiting.append((self.now + _delay(self.model, s.delay), q, n - s.pre.start, number))

    def _spike(self, n: int) -> None:
        neurons, wrong, spikes = self.model.neurons, self.model.wrong, self.record.spikes
        bias = 0.0 if wrong == "bias missing in Vdot" else neurons.bias[n]
        slope = self.i[n] + bias - neurons.v_th[n]
        if wrong == "Vdot taken after the reset":
            slope = self.i[n] + bias - neurons.v_reset[n]
        if wrong == "second spike of a neuron dropped" and sum(s.neuron == n for s in spikes) == 1:
            slope = math.inf  # it happens, but nothing flows back through it
        self._note(Spike(rounded(self.model, self.now), n, len(spikes), slope))
        self.v[n] = 0.0 if wrong == "reset to zero" else neurons.v_reset[n]
        if wrong == "current reset with the potential":
            self.i[n] = 0.0
        if wrong == "bias ignored after the first spike":
            neurons.bias[n] = 0.0
        self._reopen()

    def _arrive(self, waiting: tuple[float, int, int, int]) -> None:
        time, q, row, source = waiting
        self._note(Arrival(time, q, row, source))
        s = self.model.synapses[q]
        for m, w in zip(s.post, s.w[row], strict=True):
            self.i[m] = rounded(self.model, self.i[m] + float(w))
        self._reopen()

    def _note(self, event: Event) -> None:
        start, v, i = self.open
        self.record.stretches.append(Stretch(start, self.now, v, i))
        self.record.events.append(event)

    def _reopen(self) -> None:
        self.open = (self.now, tuple(self.v), tuple(self.i))

    def _finish(self, before: tuple[list[float], list[float]]) -> None:
        start, v, i = self.open
        self.record.stretches.append(Stretch(start, self.now, v, i))
        early = self.model.wrong == "end state one event early"
        self.record.v_end, self.record.i_end = before if early else (self.v, self.i)


def _inputs(model: PlainModel, times: Any, channels: Any) -> list[tuple[float, int, int, int]]:
    found = []
    for q, s in enumerate(model.synapses):
        if s.from_input:
            spikes = list(enumerate(zip(times.tolist(), channels.tolist(), strict=True)))
            if model.wrong == "coincident inputs counted once":
                spikes = [(k, x) for k, x in spikes if x not in [y for _, y in spikes[:k]]]
            found += [(t + _delay(model, s.delay), q, c - s.pre.start, k) for k, (t, c) in spikes if c in s.pre]
    return found


def _delay(model: PlainModel, delay: float) -> float:
    return 0.0 if model.wrong == "delays ignored" else delay
