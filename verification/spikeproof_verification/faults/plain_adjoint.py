"""The plain adjoint pass: the record exactly reversed, with impulses of the loss on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof import Network, Problem
from spikeproof.numbers import Float64Array
from spikeproof.solution import Gradients, NeuronGradients
from spikeproof_verification.faults.plain_flow import flowed, rewound, rounded
from spikeproof_verification.faults.plain_model import PlainModel, Synapses
from spikeproof_verification.faults.plain_observed import Pulled
from spikeproof_verification.faults.plain_record import Arrival, Record, Spike, Stretch

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
FROM_END = 1.0 + NODES
NAMES = ("tau_mem", "tau_syn", "v_th", "v_reset", "bias", "v_init", "i_init")
FLAT = 1.0  # smallest tau_mem Vdot of a clamped denominator


@dataclass(frozen=True)
class Totals:
    """Gradients, summed over samples: per projection, per input spike, and per neuron by the parameter's name."""

    weights: Mapping[str, Float64Array]
    delays: Mapping[str, Float64Array]
    inputs: Float64Array
    neurons: Mapping[str, Float64Array]


def no_totals(model: PlainModel, problem: Problem) -> Totals:
    """Gradients of nothing."""
    weights, delays = ({s.name: np.zeros(s.w.shape) for s in model.synapses} for _ in range(2))
    neurons = {name: np.zeros(model.n_neurons) for name in NAMES}
    return Totals(weights, delays, np.zeros(len(problem.stimulus.times)), neurons)


def gradients_of(model: PlainModel, totals: Totals, network: Network) -> Gradients:
    """The totals as a solution holds them."""
    neurons = {}
    for p in network.populations:
        own = slice(network.neurons(p.name).start, network.neurons(p.name).stop)
        parts: dict[str, Any] = {name: totals.neurons[name][own] for name in NAMES}
        if p.kind == "li":
            parts |= dict.fromkeys(("v_th", "v_reset"))
        neurons[p.name] = NeuronGradients(**parts)
    if model.wrong == "a NaN":
        next(iter(totals.weights.values()))[-1, -1] = np.nan
    weights, delays = (
        {s.name: _of_synapses(s, parts[s.name], model.wrong) for s in model.synapses}
        for parts in (totals.weights, totals.delays)
    )
    return Gradients(weights, totals.inputs, delays, neurons)


def _of_synapses(s: Synapses, matrix: Float64Array, wrong: str) -> Float64Array:
    """The entries of a matrix that a solution holds: all, or those of the synapses in their order."""
    if s.pairs is None:
        return matrix
    columns_first = wrong == "gradients of synapses by columns"
    pairs = sorted(s.pairs, key=lambda pair: pair[::-1]) if columns_first else s.pairs
    return np.array([matrix[k, m] for k, m in pairs])


def adjoint(
    model: PlainModel, record: Record, d_spike: Float64Array, pulled: Pulled, inputs: slice, totals: Totals
) -> None:
    """Add the gradients of one sample, whose input spikes are `inputs`, to the totals."""
    replay = _Replay(model, record, d_spike, pulled, totals.inputs[inputs], totals)
    for k in range(len(record.stretches) - 1, -1, -1):
        if k < len(record.events):
            replay.event(k)
        replay.stretch(k)
    replay.start()


class _Replay:
    def __init__(
        self,
        model: PlainModel,
        record: Record,
        d_spike: Float64Array,
        pulled: Pulled,
        d_input: Float64Array,
        totals: Totals,
    ) -> None:
        self.model, self.record, self.pulled, self.totals = model, record, pulled, totals
        self.d_spike, self.d_input = list(d_spike), d_input
        self.lambda_v, self.lambda_i = [0.0] * model.n_neurons, [0.0] * model.n_neurons
        self.events = list(record.events)
        if model.wrong == "events sorted again by time":
            self.events.sort(key=lambda e: (e.time, isinstance(e, Spike)))  # arrivals before spikes of the same time
        self.first = next((k for k, e in enumerate(self.events) if isinstance(e, Arrival)), -1)

    def event(self, k: int) -> None:
        event = self.events[k]
        if isinstance(event, Spike):
            self._spike(event)
        elif not (k == self.first and self.model.wrong == "gradient of the first arrival missing"):
            self._arrival(event, k)

    def start(self) -> None:
        p, gradients = self.model.neurons, self.totals.neurons
        for n in range(self.model.n_neurons):
            tau = 1.0 if self.model.wrong == "tau_mem missing in the gradient of v_init" else p.tau_mem[n]
            gradients["v_init"][n] -= tau * self.lambda_v[n]
            gradients["i_init"][n] -= p.tau_syn[n] * self.lambda_i[n]

    def stretch(self, k: int) -> None:
        stretch, now = self.record.stretches[k], self.record.stretches[k].stop
        for time, slopes in sorted(self.pulled.impulses.get(k, []), key=lambda x: -x[0]):
            self._back(stretch, now, time)
            now = time
            for n in np.flatnonzero(slopes):
                self.lambda_v[n] -= float(slopes[n]) / self.model.neurons.tau_mem[n]
        self._back(stretch, now, stretch.start)

    def _back(self, stretch: Stretch, now: float, then: float) -> None:
        if now > then:
            for n in range(self.model.n_neurons):
                if self.lambda_v[n] or self.lambda_i[n]:
                    self._integrate(stretch, n, now, then)
                    found = rewound(self.model, n, self.lambda_v[n], self.lambda_i[n], now - then)
                    self.lambda_v[n], self.lambda_i[n] = found

    def _integrate(self, stretch: Stretch, n: int, now: float, then: float) -> None:
        """Add the integrals over a smooth piece: lambda_v dV/dt, lambda_i dI/dt and -lambda_v."""
        p, gradients, model = self.model.neurons, self.totals.neurons, self.model
        pieces = math.ceil((now - then) / min(p.tau_mem[n], p.tau_syn[n]))
        half = 0.5 * (now - then) / pieces
        dt, weights = half * FROM_END, half * WEIGHTS  # back from now
        if pieces > 1:
            dt = (2.0 * half * np.arange(pieces)[:, None] + dt).ravel()
            weights = np.tile(weights, pieces)
        lambda_v, lambda_i = rewound(model, n, self.lambda_v[n], self.lambda_i[n], dt)
        v, i = flowed(model, n, stretch.v[n], stretch.i[n], now - stretch.start - dt)
        gradients["tau_mem"][n] += weights @ (lambda_v * (i + p.bias[n] - v)) / p.tau_mem[n]
        gradients["tau_syn"][n] -= weights @ (lambda_i * i) / p.tau_syn[n]
        sign = -1.0 if model.wrong == "sign of the bias gradient" else 1.0
        gradients["bias"][n] -= sign * (weights @ lambda_v)

    def _spike(self, event: Spike) -> None:
        p, gradients, wrong, n = self.model.neurons, self.totals.neurons, self.model.wrong, event.neuron
        after = self.lambda_v[n]
        height = _height(wrong, p.v_th[n], p.v_reset[n])
        slope = max(event.slope, FLAT) if wrong == "clamped denominator" else event.slope
        jump = (height * after + self.d_spike[event.number]) / slope
        before = self.lambda_v[n] = after - jump if wrong == "sign of the jump" else after + jump
        gradients["v_th"][n] += p.tau_mem[n] * (after if wrong == "threshold gradient after the spike" else before)
        gradients["v_reset"][n] -= p.tau_mem[n] * (before if wrong == "reset gradient before the spike" else after)
        if wrong == "tau_mem gradient over the reset":
            gradients["tau_mem"][n] += before * (p.v_reset[n] - p.v_th[n])

    def _arrival(self, event: Arrival, k: int) -> None:
        s, wrong = self.model.synapses[event.synapses], self.model.wrong
        on_time = 0.0
        for m, n in enumerate(s.post):
            self._weight_gradient(s, event.row, m, n)
            collected = _weight(wrong, s, event.row, m) * self._spread(n)
            if wrong == "autapses left out" and not s.from_input and s.pre[event.row] == n:
                collected = 0.0
            collected += self.pulled.kinks.get((k, n), 0.0)
            self.totals.delays[s.name][event.row, m] += -collected if wrong == "sign of the delay" else collected
            on_time += collected
        if wrong == "delays ignored backward" and s.delay > 0.0:
            on_time = 0.0
        sums = self.d_input if s.from_input else self.d_spike
        sums[event.source] += on_time

    def _spread(self, n: int) -> float:
        """lambda_v - lambda_i of neuron `n`."""
        return (
            self.lambda_v[n]
            if self.model.wrong == "lambda_i missing at arrivals"
            else (rounded(self.model, self.lambda_v[n] - self.lambda_i[n]))
        )

    def _weight_gradient(self, s: Synapses, row: int, m: int, n: int) -> None:
        wrong, p = self.model.wrong, self.model.neurons
        tau_syn = 1.0 if wrong == "tau_syn missing in the weight gradient" else p.tau_syn[n]
        self.totals.weights[s.name][row, m] -= tau_syn * self.lambda_i[n]
        if wrong == "tau_syn gradient over arrivals":
            self.totals.neurons["tau_syn"][n] += self.lambda_i[n] * float(s.w[row, m])


def _height(wrong: str, v_th: float, v_reset: float) -> float:
    return {
        "no reset term": 0.0,
        "threshold and reset mixed up": v_reset - v_th,
        "v_reset missing in the jump": v_th,
    }.get(wrong, v_th - v_reset)


def _weight(wrong: str, s: Synapses, row: int, m: int) -> float:
    if wrong == "transposed weights" and s.w.shape[0] == s.w.shape[1]:
        return float(s.w[m, row])
    return float(s.w[row, m])
