"""One forward run of a batch on a time grid, and the gradient of any function of the spikes and V that it recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.engine import Wanted
from spikeproof.errors import GrazingSpike, InvalidInput
from spikeproof.grid.grid import Grid, grid_of, input_steps
from spikeproof.grid.kernels.adjoint import Derivatives, adjoint
from spikeproof.grid.kernels.forward import forward
from spikeproof.grid.kernels.tape import DONE, GRAZING, Inputs, Record, Sources, Tape, grown, new_record, new_tape
from spikeproof.neuron_parameters import N_PARAMETERS
from spikeproof.numbers import Array, Float64Array, IntArray
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients
from spikeproof.spikes import Spikes
from spikeproof.threads import chunk_bounds, in_threads, shares


@dataclass(frozen=True)
class Part:
    """The tape of consecutive chunks of samples, solved by one thread."""

    bounds: IntArray
    tape: Tape


@dataclass(frozen=True)
class Run:
    """Spikes of a batch, the tapes that hold them, and the record of V of some neurons."""

    problem: Problem
    grid: Grid
    in_step: Array
    parts: tuple[Part, ...]
    spikes: Spikes
    steps: Array
    record: Record
    v_end: Float64Array
    i_end: Float64Array
    threads: int

    def adjoint(self, d_spike: Float64Array, sources: Sources, wanted: Wanted) -> Gradients:
        """Gradient of the function of spike times and of recorded V that has these derivatives.

        Parameters
        ----------
        d_spike : array, shape (n_spikes,); overwritten.
        sources : Sources
        wanted
            ``"weights"``: gradients of weights and input spike times; ``"all"``: of delays and neurons as well.

        Raises
        ------
        GrazingSpike
            If a spike that matters was found at Vdot = 0.
        """
        pass_ = _Pass(self, d_spike, sources, wanted)
        in_threads(self.threads, pass_.part, range(len(self.parts)))
        return pass_.gradients()


class _Pass:
    """An adjoint pass: the arrays that its threads read and write; partial sums by chunk."""

    def __init__(self, run: Run, d_spike: Float64Array, sources: Sources, wanted: Wanted) -> None:
        self.run, self.d_spike, self.sources = run, d_spike, sources
        chunks = sum(len(p.bounds) - 1 for p in run.parts)
        extra = chunks if wanted == "all" else 0
        self.d_input = np.zeros(len(run.in_step))
        self.weights = np.zeros((chunks, len(run.grid.weights)))
        self.delays = np.zeros((extra, len(run.grid.weights)))
        self.neurons = np.zeros((extra, N_PARAMETERS, len(run.grid.bias)))

    def part(self, number: int) -> None:
        """Replay the tape of one part."""
        run, part = self.run, self.run.parts[number]
        chunk = sum(len(p.bounds) - 1 for p in run.parts[:number])
        own = slice(chunk, chunk + len(part.bounds) - 1)
        mine = slice(run.spikes.offsets[part.bounds[0]], run.spikes.offsets[part.bounds[-1]])
        out = Derivatives(
            self.d_spike[mine], self.d_input, self.weights[own], self.delays[own], self.neurons[own]
        )  # fmt: skip
        inputs = _inputs(run.problem, run.in_step)
        status, sample, spike = adjoint(
            run.grid, inputs, part.bounds[0], part.bounds, part.tape, run.record, self.sources, out
        )
        if status == GRAZING:
            k = run.spikes.offsets[sample] + spike
            raise GrazingSpike(sample, int(run.spikes.neurons[k]), float(run.spikes.times[k]))

    def gradients(self) -> Gradients:
        """The sums over all chunks."""
        network = self.run.problem.network
        weights = network.split(_summed(self.weights))
        if not len(self.neurons):
            return Gradients(weights, self.d_input)
        table = _summed(self.neurons)
        neurons = {p.name: NeuronGradients.of(p, table[:, network.neurons(p.name)]) for p in network.populations}
        return Gradients(weights, self.d_input, network.split(_summed(self.delays)), neurons)


def run(problem: Problem, dt: float, threads: int, traced: IntArray, peaked: IntArray) -> Run:
    """Forward pass of a float64 problem, with a record of V of the neurons `traced` and `peaked`."""
    grid, n_samples = grid_of(problem, dt), problem.stimulus.n_samples
    in_step = input_steps(problem.stimulus, dt, grid.n_steps)
    record = new_record(n_samples, grid.n_steps, traced, peaked)
    v_end, i_end = np.empty((n_samples, len(grid.bias))), np.empty((n_samples, len(grid.bias)))

    def solve(bounds: IntArray) -> Part:
        return Part(bounds, _forward(problem, grid, in_step, bounds, record, v_end, i_end))

    parts = tuple(in_threads(threads, solve, shares(chunk_bounds(n_samples, len(grid.weights)), threads)))
    if not (np.all(np.isfinite(v_end)) and np.all(np.isfinite(i_end))):
        raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
    spikes, steps = _collected(problem, grid, [p.tape for p in parts])
    return Run(problem, grid, in_step, parts, spikes, steps, record, v_end + grid.bias, i_end, threads)


def _forward(
    problem: Problem, grid: Grid, in_step: Array, bounds: IntArray, record: Record, v_end: Array, i_end: Array
) -> Tape:
    first, last, inputs = int(bounds[0]), int(bounds[-1]), _inputs(problem, in_step)
    tape = new_tape(last - first, 4 * (last - first) * len(grid.bias) + 64)
    sample, k = first, 0
    while True:
        status, sample, k = forward(grid, inputs, first, sample, last, tape, k, record, v_end, i_end)
        if status == DONE:
            return tape
        tape = grown(tape)


def _inputs(problem: Problem, in_step: Array) -> Inputs:
    return Inputs(in_step, np.asarray(problem.stimulus.channels, dtype=np.int32), problem.stimulus.offsets)


def _collected(problem: Problem, grid: Grid, tapes: list[Tape]) -> tuple[Spikes, Array]:
    """Spikes of all tapes, and their steps."""
    counts = [int(t.offset[-1]) for t in tapes]
    steps, neurons, slopes = (
        np.concatenate([column[:n] for column, n in zip(columns, counts, strict=True)])
        for columns in ([t.step for t in tapes], [t.neuron for t in tapes], [t.slope for t in tapes])
    )
    per_sample = np.concatenate([np.diff(t.offset) for t in tapes])
    times = np.minimum(steps * grid.dt, float(problem.stimulus.duration))
    offsets = np.concatenate([[0], np.cumsum(per_sample)])
    return Spikes(times, neurons.astype(np.int64), offsets, slopes / grid.tau_mem[neurons]), steps


def _summed(chunks: Float64Array) -> Float64Array:
    """Sum over chunks, in their order; `chunks` is overwritten."""
    for chunk in chunks[1:]:
        chunks[0] += chunk
    return np.asarray(chunks[0])
