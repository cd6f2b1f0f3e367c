"""A slow, plain event-driven engine in Python floats that can be given faults.

Without a fault it is a third opinion on spikes, end states and gradients; with one it is what the checks must reject.
Its dynamics share no code with the engines: textbook closed forms, crossings by bisection, one list of events for the
whole network. It does share the data model, and the loss with its derivative: it calls `problem.loss.evaluate` as the
event engine does. Losses are checked against the reference's own, and their faults are put in after that call.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from spikeproof import Gradients, Problem, Solution, Spikes

GRADIENTS = frozenset({"weight_gradient", "input_time_gradient"})
LATER = GRADIENTS | {"end_state", "loss"}  # what a wrong spike spoils besides the spike

FAULTS = {  # each with the quantities that must fail, and no others
    "sign of the jump": GRADIENTS,
    "transposed weights": GRADIENTS,
    "no reset term": GRADIENTS,
    "no second part of w (lambda_v - lambda_i)": GRADIENTS,
    "events sorted again by time": GRADIENTS,
    "single precision": LATER | {"spike_time"},
    "clamped denominator": GRADIENTS,
    "a NaN": {"weight_gradient"},
    "missed spikes between arrivals": LATER | {"spike_count"},
    "second spike of a neuron dropped": GRADIENTS,
    "delays ignored backward": GRADIENTS,
    "tau_syn missing in the weight gradient": {"weight_gradient"},
    "mean over the batch missing": GRADIENTS,
    "current reset with the potential": LATER | {"spike_count"},
    "gradient of the first arrival missing": GRADIENTS,
    "spike times on a grid": LATER | {"spike_time"},
    "sign of dl/dt": GRADIENTS,
    "second spike taken for the first": GRADIENTS,
    "loss summed over the batch": {"loss"},
    "end state one event early": {"end_state"},
}


@dataclass
class Synapses:
    """One projection as the plain engine sees it."""

    name: str
    from_input: bool
    pre: range
    post: range
    delay: float
    w: np.ndarray


@dataclass
class Record:
    """Events of one sample: ("spike", time, neuron, k, slope) and ("arrival", time, projection, row, source)."""

    events: list = field(default_factory=list)
    spikes: list = field(default_factory=list)
    v_end: list = field(default_factory=list)
    i_end: list = field(default_factory=list)


@dataclass(frozen=True)
class PlainEngine:
    """The plain engine with one fault, or none."""

    fault: str = ""
    name: str = "plain"

    def __post_init__(self) -> None:
        if self.fault and self.fault not in FAULTS:
            raise ValueError(self.fault)

    def unsupported(self, problem: Problem) -> str | None:
        return None

    def solve(self, problem: Problem) -> Solution:
        problem = problem.rounded()
        self._prepare(problem)
        records = [self._forward(problem, s) for s in range(problem.stimulus.n_samples)]
        times = np.array([t for r in records for t, _, _ in r.spikes])
        neurons = np.array([n for r in records for _, n, _ in r.spikes], dtype=np.int64)
        slopes = np.array([s for r in records for _, _, s in r.spikes])
        offsets = np.cumsum([0, *(len(r.spikes) for r in records)])
        vdot = slopes / np.array([self._p["tau_mem"][n] for n in neurons]) if len(neurons) else np.zeros(0)
        spikes = Spikes(times, neurons, offsets, vdot)
        v_end, i_end = np.array([r.v_end for r in records]), np.array([r.i_end for r in records])
        if problem.loss is None:
            return Solution(self.name, problem, spikes, v_end, i_end)
        readout = problem.network.neurons(problem.loss.population)
        values, slope = problem.loss.evaluate(spikes, readout, problem.stimulus.duration)
        slope = self._loss_slope(slope, spikes, readout)
        gradients = self._gradients(problem, records, slope, offsets)
        loss = float(np.sum(values) if self.fault == "loss summed over the batch" else np.mean(values))
        return Solution(self.name, problem, spikes, v_end, i_end, loss, values, gradients)

    def _loss_slope(self, slope: np.ndarray, spikes: Spikes, readout: range) -> np.ndarray:
        if self.fault == "sign of dl/dt":
            return -slope
        if self.fault == "second spike taken for the first":
            slope, samples = slope.copy(), spikes.samples()
            for sample in range(spikes.n_samples):
                for n in readout:
                    of_neuron = np.flatnonzero((samples == sample) & (spikes.neurons == n))[:2]
                    slope[of_neuron] = slope[of_neuron[::-1]]
        return slope

    def _prepare(self, problem: Problem) -> None:
        network, numbers = problem.network, problem.parameters
        cache = {}
        for name in ("tau_mem", "tau_syn", "v_th", "v_reset"):
            parts = []
            for p in network.populations:
                value = getattr(numbers.neurons[p.name], name)
                value = {"v_th": math.inf, "v_reset": 0.0}[name] if value is None else value
                parts.append(np.broadcast_to(value, p.size))
            cache[name] = [float(x) for x in np.concatenate(parts)]
        object.__setattr__(self, "_p", cache)
        synapses = [
            Synapses(
                p.name,
                network.from_input(p),
                network.channels(p.pre) if network.from_input(p) else network.neurons(p.pre),
                network.neurons(p.post),
                float(p.delay),
                numbers.weights[p.name],
            )
            for p in network.projections
        ]
        object.__setattr__(self, "_synapses", synapses)

    def _round(self, x: float) -> float:
        return float(np.float32(x)) if self.fault == "single precision" else x

    def _flow(self, n: int, v: float, i: float, dt: float) -> tuple[float, float]:
        a, b = self._p["tau_mem"][n], self._p["tau_syn"][n]
        ea, eb = math.exp(-dt / a), math.exp(-dt / b)
        k = dt / a * ea if abs(a - b) < 1e-6 * a else b / (b - a) * (eb - ea)
        if abs(a - b) < 1e-6 * a:  # second order in the difference is below rounding of the first
            k *= 1.0 + 0.5 * dt * (1 / a - 1 / b)
        return self._round(v * ea + i * k), self._round(i * eb)

    def _crossing(self, n: int, v: float, i: float, rest: float) -> float | None:
        v_th = self._p["v_th"][n]
        if i <= v_th or rest <= 0:
            return None
        hi = rest
        end = self._flow(n, v, i, rest)
        if self.fault == "missed spikes between arrivals":
            if end[0] < v_th:
                return None
        elif end[1] <= end[0]:  # V falls at the end: its maximum lies before, where V = I
            lo = 0.0
            for _ in range(200):
                mid = 0.5 * (lo + hi)
                at = self._flow(n, v, i, mid)
                lo, hi = (mid, hi) if at[1] > at[0] else (lo, mid)
            hi = lo
        if self._flow(n, v, i, hi)[0] < v_th:
            return None
        lo = 0.0
        for _ in range(200):
            mid = 0.5 * (lo + hi)
            lo, hi = (mid, hi) if self._flow(n, v, i, mid)[0] < v_th else (lo, mid)
        return hi

    def _forward(self, problem: Problem, sample: int) -> Record:
        times, channels = problem.stimulus.sample(sample)
        duration, n_neurons = problem.stimulus.duration, problem.network.n_neurons
        v, i = [0.0] * n_neurons, [0.0] * n_neurons
        record, now = Record(), 0.0
        waiting = []  # (time, projection, row, source)
        for q, s in enumerate(self._synapses):
            if s.from_input:
                spikes = enumerate(zip(times, channels, strict=True))
                waiting += [(t + s.delay, q, c - s.pre.start, k) for k, (t, c) in spikes if c in s.pre]
        while True:
            waiting.sort(key=lambda x: x[0])
            until = min(waiting[0][0] if waiting else math.inf, duration)
            due = {n: self._crossing(n, v[n], i[n], until - now) for n in range(n_neurons)}
            due = {n: t for n, t in due.items() if t is not None}
            dt = min(due.values(), default=until - now)
            if self.fault == "spike times on a grid" and due:
                dt = min(until - now, math.ceil((now + dt) * 1024) / 1024 - now)
            before = [*v], [*i]
            for n in range(n_neurons):
                v[n], i[n] = self._flow(n, v[n], i[n], dt)
            now += dt
            firing = [n for n, t in due.items() if t == min(due.values())]
            if not firing and not (waiting and waiting[0][0] <= duration):
                record.v_end, record.i_end = before if self.fault == "end state one event early" else (v, i)
                return record
            if firing:
                for n in firing:
                    self._fire(n, now, v, i, record)
                for n, k in [(n, len(record.spikes) - len(firing) + m) for m, n in enumerate(firing)]:
                    for q, s in enumerate(self._synapses):
                        if not s.from_input and n in s.pre:
                            waiting.append((now + s.delay, q, n - s.pre.start, k))
            else:
                t, q, row, source = waiting.pop(0)
                s = self._synapses[q]
                for m, w in zip(s.post, s.w[row], strict=True):
                    i[m] = self._round(i[m] + w)
                record.events.append(("arrival", t, q, row, source))

    def _fire(self, n: int, now: float, v: list, i: list, record: Record) -> None:
        slope = i[n] - self._p["v_th"][n]
        v[n] = self._p["v_reset"][n]
        if self.fault == "current reset with the potential":
            i[n] = 0.0
        if self.fault == "second spike of a neuron dropped" and sum(m == n for _, m, _ in record.spikes) == 1:
            slope = math.inf  # it happens, but nothing flows back through it
        record.events.append(("spike", now, n, len(record.spikes), slope))
        record.spikes.append((self._round(now), n, slope))

    def _gradients(self, problem: Problem, records: list, slope: np.ndarray, offsets: np.ndarray) -> Gradients:
        weights = {s.name: np.zeros(s.w.shape) for s in self._synapses}
        inputs = np.zeros(len(problem.stimulus.times))
        n_samples = 1 if self.fault == "mean over the batch missing" else len(records)
        for sample, record in enumerate(records):
            part = slice(problem.stimulus.offsets[sample], problem.stimulus.offsets[sample + 1])
            cotangents = list(slope[offsets[sample] : offsets[sample + 1]] / n_samples)
            self._backward(problem, record, cotangents, weights, inputs[part])
        if self.fault == "a NaN":
            next(iter(weights.values()))[-1, -1] = np.nan
        return Gradients(weights, inputs)

    def _backward(self, problem: Problem, record: Record, cotangents: list, weights: dict, inputs: np.ndarray) -> None:
        p, n_neurons = self._p, problem.network.n_neurons
        lv, li, now = [0.0] * n_neurons, [0.0] * n_neurons, problem.stimulus.duration
        events = record.events
        if self.fault == "events sorted again by time":
            events = sorted(events, key=lambda e: (e[1], e[0]))  # "arrival" before "spike" at the same time
        first = next((e for e in events if e[0] == "arrival"), None)
        for event in reversed(events):
            kind, t, a, b, c = event
            for n in range(n_neurons):
                x, y = p["tau_mem"][n], p["tau_syn"][n]
                dt = max(now - t, 0.0)
                ex, ey = math.exp(-dt / x), math.exp(-dt / y)
                k = dt / y * ex * (1 + 0.5 * dt * (1 / x - 1 / y)) if abs(x - y) < 1e-6 * x else x / (y - x) * (ey - ex)
                li[n], lv[n] = self._round(li[n] * ey + lv[n] * k), self._round(lv[n] * ex)
            now = t
            if kind == "spike":
                height = 0.0 if self.fault == "no reset term" else p["v_th"][a] - p["v_reset"][a]
                denominator = max(c, 0.5) if self.fault == "clamped denominator" else c
                jump = (height * lv[a] + cotangents[b]) / denominator
                lv[a] += -jump if self.fault == "sign of the jump" else jump
                continue
            s = self._synapses[a]
            row = s.w[b]
            if self.fault == "transposed weights" and s.w.shape[0] == s.w.shape[1]:
                row = s.w[:, b]
            if event is first and self.fault == "gradient of the first arrival missing":
                continue
            collected = 0.0
            for m, w in zip(s.post, row, strict=True):
                tau = 1.0 if self.fault == "tau_syn missing in the weight gradient" else p["tau_syn"][m]
                weights[s.name][b, m - s.post.start] -= tau * li[m]
                collected += w * (lv[m] if self.fault.startswith("no second part") else lv[m] - li[m])
            if self.fault == "delays ignored backward" and s.delay > 0.0:
                collected = 0.0
            if s.from_input:
                inputs[c] += collected
            else:
                cotangents[c] += collected
