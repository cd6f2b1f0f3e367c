"""One forward run of a batch, and the pull-back of any function of its spike times."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np

from spikeproof.errors import GrazingSpike, InvalidInput
from spikeproof.event.forward import forward
from spikeproof.event.kernels.adjoint import adjoint
from spikeproof.event.kernels.local import N_PARAMETERS, neuron_gradients
from spikeproof.event.kernels.record import by_number, by_place, collect
from spikeproof.event.kernels.sources import Sources, is_empty, no_sources
from spikeproof.event.kernels.tables import GROUP, MEM, MIXED, NEURON, Layout
from spikeproof.event.kernels.tape import GRAZING, Tape
from spikeproof.event.layout import layout, structure
from spikeproof.event.maxima import Maxima, maxima_of
from spikeproof.event.pool import recycle
from spikeproof.event.sums import Sums
from spikeproof.event.trajectories import Trajectories, trajectories
from spikeproof.memory import aligned, whole_lines
from spikeproof.network import Population
from spikeproof.numbers import Array, Float64Array, IntArray, array, rounded
from spikeproof.problem import Problem
from spikeproof.solution import Gradients, NeuronGradients
from spikeproof.spikes import Spikes
from spikeproof.threads import chunk_bounds, in_threads, shares

Wanted = Literal["weights", "all"]


@dataclass(frozen=True)
class Part:
    """The tape of consecutive chunks of samples, solved by one thread.

    Attributes
    ----------
    bounds : int array, first sample of each chunk, and the end of the last one.
    tape : what happened.
    n_spikes : int, number of its spikes.
    shift : int array, for each block of the tape the number of its first spike in the batch less its place on the tape.
    """

    bounds: IntArray
    tape: Tape
    n_spikes: int
    shift: IntArray

    def numbers(self) -> IntArray:
        """Number of each spike of the tape among the spikes of the batch."""
        order = np.argsort(self.tape.spike_start, kind="stable")  # blocks as they lie on the tape
        counts = self.tape.spike_stop - self.tape.spike_start
        return np.arange(self.n_spikes) + np.repeat(self.shift[order], counts[order])


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

    def vjp(self, cotangents: Array, wanted: Wanted = "weights") -> Gradients:
        """Gradient of ``sum(cotangents * spike times)``; see `adjoint`."""
        return self.adjoint(cotangents, wanted=wanted)[0]

    def discard(self) -> None:
        """Give the tapes to the next run: this one must not be used any more."""
        recycle(p.tape for p in self.parts)

    def trajectories(self, population: str) -> Trajectories:
        """Membrane potentials of a population between its events."""
        return trajectories(
            self.problem, self.layout, [(p.bounds, p.tape, p.numbers()) for p in self.parts], population
        )

    def maxima(self, population: str) -> Maxima:
        """Where the membrane potentials of a population of leaky integrators are largest."""
        slots = structure(self.problem.network).slots[population]
        samples = [(int(p.bounds[-1] - p.bounds[0]), p.tape) for p in self.parts]
        return maxima_of(self.layout, slots, float(self.problem.stimulus.duration), samples, self.threads)

    def adjoint(
        self, cotangents: Array, sources: Sources | None = None, wanted: Wanted = "weights"
    ) -> tuple[Gradients, Float64Array]:
        """Gradient of ``sum(cotangents * spike times)`` and of what `sources` says: the adjoint pass.

        Parameters
        ----------
        cotangents : array, shape (n_spikes,)
            dL/dt of every spike, in the order of ``spikes.times``.
        sources : Sources, or None
            Derivatives of the loss with respect to V.
        wanted
            ``"weights"``: gradients of weights and input spike times; ``"all"``: of delays and neurons as well.

        Returns
        -------
        gradients : Gradients
            With respect to every weight and every input spike time, and all the rest if wanted.
        jumps : array, shape (n_spikes,)
            lambda_v^- - lambda_v^+ of the spiking neuron at each spike.

        Raises
        ------
        InvalidInput
            If the shape is wrong or a cotangent is no finite real number.
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        d_spike = rounded(array("cotangents", cotangents))
        if d_spike.shape != self.spikes.times.shape:
            raise InvalidInput("cotangents", f"shape {d_spike.shape}", f"shape {self.spikes.times.shape}")
        replayed = self.replayed(d_spike, no_sources() if sources is None else sources, wanted)
        return replayed.gradients(), replayed.jumps()

    def replayed(self, d_spike: Float64Array, sources: Sources, wanted: Wanted) -> Replay:
        """The tape replayed in reverse; for the arguments see `adjoint`, which checks them."""
        replay = Replay(self, d_spike, sources, wanted)
        in_threads(self.threads, replay.part, range(len(self.parts)))
        return replay


class Replay:
    """An adjoint pass: what its threads read and write."""

    def __init__(self, run: Run, d_spike: Float64Array, sources: Sources, wanted: Wanted) -> None:
        n_weights, n_slots, everything = len(run.layout.weights), run.layout.slot.shape[1], wanted == "all"
        chunks = [len(p.bounds) - 1 for p in run.parts]
        self.run, self.d_spike, self.sources = run, d_spike, sources
        self.tape_jumps = [np.empty(p.n_spikes) for p in run.parts]
        self.d_input = np.zeros(len(run.problem.stimulus.times))
        self.weights = Sums(n_weights, chunks)
        self.delays = Sums(n_weights if everything else 0, chunks)
        self.neurons = np.zeros((sum(chunks) if everything else 0, n_slots, N_PARAMETERS))

    def part(self, number: int) -> None:
        """Replay the tape of one part."""
        run, stimulus, part = self.run, self.run.problem.stimulus, self.run.parts[number]
        chunk = sum(len(p.bounds) - 1 for p in run.parts[:number])
        own = slice(chunk, chunk + len(part.bounds) - 1)
        first, duration = part.bounds[0], float(stimulus.duration)
        d_spike, jumps = np.empty(part.n_spikes), self.tape_jumps[number]
        by_place(part.tape.spike_start, part.tape.spike_stop, part.shift, self.d_spike, d_spike)
        seen = None if is_empty(self.sources) else self.sources
        most, n_slots = int(np.max(part.tape.arrival_stop - part.tape.arrival_start)), run.layout.slot.shape[1]
        status, sample, spike = adjoint(
            run.layout, duration, stimulus.offsets, first, part.bounds, part.tape, seen, d_spike, jumps,
            self.d_input, self.weights.of(number), self.delays.of(number), number == 0,
            True if run.layout.component[MIXED].any() else None, aligned(7, whole_lines(n_slots)),
            np.empty((3, n_slots), np.int64), np.empty((3, len(run.layout.run_start), most + 1)),
        )  # fmt: skip
        if status == GRAZING:
            k = part.numbers()[spike]
            raise GrazingSpike(sample, int(run.spikes.neurons[k]), float(run.spikes.times[k]))
        if len(self.neurons):
            neuron_gradients(
                run.layout, duration, first, part.bounds, part.tape, self.sources, d_spike, self.neurons[own]
            )  # fmt: skip

    def jumps(self) -> Float64Array:
        """lambda_v^- - lambda_v^+ at each spike of the batch."""
        jumps = np.empty(len(self.d_spike))
        for part, own in zip(self.run.parts, self.tape_jumps, strict=True):
            by_number(part.tape.spike_start, part.tape.spike_stop, part.shift, own, jumps)
        return jumps

    def gradients(self) -> Gradients:
        """The sums over all chunks; to be called once."""
        network = self.run.problem.network
        by_weight, by_delay = network.split(self.weights.total()), self.delays.total()
        if not len(self.neurons):
            return Gradients(by_weight, self.d_input)
        table, slots = np.add.reduce(self.neurons, axis=0), structure(network).slots
        neurons = {p.name: _neuron_gradients(p, table[slots[p.name]]) for p in network.populations}
        return Gradients(by_weight, self.d_input, network.split(by_delay), neurons)


def _neuron_gradients(population: Population, table: Float64Array) -> NeuronGradients:
    tau_mem, tau_syn, v_th, v_reset, bias, v_init, i_init = np.ascontiguousarray(table.T)
    if population.kind == "li":
        return NeuronGradients(tau_mem, tau_syn, None, None, bias, v_init, i_init)
    return NeuronGradients(tau_mem, tau_syn, v_th, v_reset, bias, v_init, i_init)


def run(problem: Problem, threads: int, event_limit: int) -> Run:
    """Forward pass of a float64 problem."""
    flat = layout(problem.network, problem.parameters)
    bounds = shares(chunk_bounds(problem.stimulus.n_samples, len(flat.weights)), threads)
    v_end, i_end = np.empty((2, problem.stimulus.n_samples, flat.slot.shape[1]))
    solved = in_threads(threads, lambda own: _solved(problem, flat, v_end, i_end, own, event_limit), bounds)
    n_spikes = [n for _, n in solved]
    starts = list(accumulate(n_spikes, initial=0))
    spikes = Spikes(
        np.empty(starts[-1]), np.empty(starts[-1], np.int64), np.empty(len(v_end) + 1, np.int64), np.empty(starts[-1])
    )
    parts = tuple(
        Part(own, tape, n, _collected(flat, tape, own, spikes, start))
        for own, (tape, n), start in zip(bounds, solved, starts, strict=False)
    )
    slots = structure(problem.network).slots_of_neurons
    if slots is not None:
        v_end, i_end = v_end[:, slots], i_end[:, slots]
    return Run(problem, flat, parts, spikes, v_end, i_end, threads)


def _solved(
    problem: Problem, flat: Layout, v_end: Float64Array, i_end: Float64Array, bounds: IntArray, limit: int
) -> tuple[Tape, int]:
    """Tape and number of spikes of the chunks of samples that `bounds` says; writes their rows of the final states."""
    first, last = int(bounds[0]), int(bounds[-1])
    return forward(problem, flat, v_end[first:last], i_end[first:last], first, last, limit)


def _collected(flat: Layout, tape: Tape, bounds: IntArray, spikes: Spikes, start: int) -> IntArray:
    """Copy the spikes of a tape to those of the batch, from number `start` on; returns the part's `shift`."""
    shift, neuron, group = np.empty(len(tape.spike_start), np.int64), flat.number[NEURON], flat.number[GROUP]
    finite = collect(
        tape.spike_start, tape.spike_stop, tape.spike_time, tape.spike_slot, tape.spike_slope, tape.v_end, tape.i_end,
        neuron, flat.time[MEM, group], flat.component.shape[1] - 1, start, spikes.times, spikes.neurons, spikes.vdot,
        spikes.offsets[bounds[0] : bounds[-1] + 1], shift,
    )  # fmt: skip
    if not finite:
        raise InvalidInput("parameters.weights", "sums that overflow binary64", "weights whose sums stay finite")
    return shift
