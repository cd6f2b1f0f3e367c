"""One forward run of a batch, and the pull-back of any function of its spike times."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof.event.kernels.adjoint import adjoint as replay
from spikeproof.event.kernels.forward import forward, new_scratch
from spikeproof.event.kernels.tape import DONE, FULL, GRAZING, LIMIT, Tape, grown, new_tape
from spikeproof.event.layout import Layout, layout, structure
from spikeproof.numbers import Array, Float64Array, IntArray, array, rounded
from spikeproof.problem import Problem
from spikeproof.solution import Gradients
from spikeproof.spikes import Spikes

CHUNKS = 16  # partial sums of the weight gradient: fixed, so that bits do not depend on the threads
Result = TypeVar("Result")


@dataclass(frozen=True)
class Part:
    """The tape of consecutive chunks of samples, solved by one thread."""

    bounds: IntArray
    tape: Tape


@dataclass(frozen=True)
class Run:
    """Spikes of a batch and the tapes that produced them."""

    problem: Problem
    layout: Layout
    parts: tuple[Part, ...]
    spikes: Spikes
    v_end: Array
    i_end: Array
    threads: int

    def vjp(self, cotangents: Array) -> Gradients:
        """Gradient of ``sum(cotangents * spike times)``; see `adjoint`."""
        return self.adjoint(cotangents)[0]

    def adjoint(self, cotangents: Array) -> tuple[Gradients, Float64Array]:
        """Gradient of ``sum(cotangents * spike times)``, and the jumps of lambda_v: the adjoint pass.

        Parameters
        ----------
        cotangents : array, shape (n_spikes,)
            dL/dt of every spike, in the order of ``spikes.times``.

        Returns
        -------
        gradients : Gradients
            With respect to every weight and every input spike time.
        jumps : array, shape (n_spikes,)
            lambda_v^- - lambda_v^+ of the spiking neuron at each spike.

        Raises
        ------
        InvalidInput
            If the shape is wrong or a cotangent is no finite real number.
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        d_spike = rounded(array("cotangents", cotangents)).copy()
        if d_spike.shape != self.spikes.times.shape:
            raise InvalidInput("cotangents", f"shape {d_spike.shape}", f"shape {self.spikes.times.shape}")
        stimulus = self.problem.stimulus
        d_input = np.zeros(len(stimulus.times))
        partial = np.zeros((sum(len(p.bounds) - 1 for p in self.parts), len(self.layout.weights)))

        def part(number: int) -> None:
            self._replay(number, d_spike, d_input, partial)

        _in_threads(self.threads, part, range(len(self.parts)))
        flat = np.add.reduce(partial, axis=0)
        weights = structure(self.problem.network).unflatten(self.problem.network, flat)
        return Gradients(weights, d_input), d_spike

    def _replay(self, number: int, d_spike: Float64Array, d_input: Float64Array, partial: Float64Array) -> None:
        part, stimulus = self.parts[number], self.problem.stimulus
        chunk = sum(len(p.bounds) - 1 for p in self.parts[:number])
        first, last = part.bounds[0], part.bounds[-1]
        mine = slice(self.spikes.offsets[first], self.spikes.offsets[last])
        status, sample, spike = replay(
            self.layout, stimulus.times, stimulus.channels, stimulus.offsets, first, part.bounds, part.tape,
            d_spike[mine], d_input, partial[chunk : chunk + len(part.bounds) - 1],
        )  # fmt: skip
        if status == GRAZING:
            k = self.spikes.offsets[sample] + spike
            raise GrazingSpike(sample, int(self.spikes.neurons[k]), float(self.spikes.times[k]))


def run(problem: Problem, threads: int, event_limit: int) -> Run:
    """Forward pass of a float64 problem."""
    flat = layout(problem.network, problem.parameters)
    n_samples = problem.stimulus.n_samples
    bounds = np.unique(np.linspace(0, n_samples, min(n_samples, CHUNKS) + 1).astype(np.int64))
    shares = np.array_split(np.arange(len(bounds) - 1), min(threads, len(bounds) - 1))

    def solve(share: IntArray) -> Part:
        own = bounds[share[0] : share[-1] + 2]
        return Part(own, _forward(problem, flat, int(own[0]), int(own[-1]), event_limit))

    parts = tuple(_in_threads(threads, solve, shares))
    spikes, v_end, i_end = _collected(flat, [p.tape for p in parts])
    if not (np.all(np.isfinite(v_end)) and np.all(np.isfinite(i_end))):
        raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
    return Run(problem, flat, parts, spikes, v_end, i_end, threads)


def _forward(problem: Problem, flat: Layout, first: int, last: int, limit: int) -> Tape:
    stimulus = problem.stimulus
    n_slots, n_components = len(flat.neuron), len(flat.internal)
    n_inputs = int(stimulus.offsets[last] - stimulus.offsets[first])
    capacity = 4 * (n_inputs * max(1, len(flat.delay)) + (last - first) * n_slots) + 64
    tape = new_tape(last - first, n_components, n_slots, capacity)
    scratch = new_scratch(n_slots, len(flat.delay), len(flat.tau_mem))
    sample, e, k = first, 0, 0
    while True:
        status, sample, e, k = forward(
            flat, float(stimulus.duration), stimulus.times, stimulus.channels, stimulus.offsets,
            first, sample, last, tape, e, k, scratch, limit,
        )  # fmt: skip
        if status == DONE:
            return tape
        if status == LIMIT or (status == FULL and len(tape.event_time) - e > 2 * limit + 2 * n_slots):
            raise EventLimitExceeded(sample, limit)
        tape = grown(tape)


def _collected(flat: Layout, tapes: list[Tape]) -> tuple[Spikes, Array, Array]:
    """Spikes and final states of all tapes, by neuron instead of slot."""
    counts = [int(t.spike_offset[-1]) for t in tapes]
    times = np.concatenate([t.spike_time[:n] for t, n in zip(tapes, counts, strict=True)])
    slots = np.concatenate([t.spike_slot[:n] for t, n in zip(tapes, counts, strict=True)])
    slopes = np.concatenate([t.spike_slope[:n] for t, n in zip(tapes, counts, strict=True)])
    per_sample = np.concatenate([np.diff(t.spike_offset) for t in tapes])
    offsets = np.concatenate([[0], np.cumsum(per_sample)])
    vdot = slopes / flat.tau_mem[flat.group[slots]]
    back = np.empty_like(flat.neuron)
    back[flat.neuron] = np.arange(len(back))
    v_end = np.concatenate([t.v_end for t in tapes])[:, back]
    i_end = np.concatenate([t.i_end for t in tapes])[:, back]
    return Spikes(times, flat.neuron[slots], offsets, vdot), v_end, i_end


def _in_threads(threads: int, task: Callable[..., Result], items: object) -> list[Result]:
    work = list(items)  # type: ignore[call-overload]
    if threads == 1 or len(work) == 1:
        return [task(item) for item in work]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(task, work))
