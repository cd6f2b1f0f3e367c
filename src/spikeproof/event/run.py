"""A forward run of a batch, or of consecutive samples of it, and the pull-back of any function of its spike times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from spikeproof.arguments import choice, instance
from spikeproof.engine import Wanted
from spikeproof.errors import InvalidInput
from spikeproof.event.batch import Batch, Part
from spikeproof.event.kernels.backward.cotangents import VoltageCotangents, of_samples
from spikeproof.event.kernels.core.tables import GROUP, MEM, NEURON
from spikeproof.event.kernels.forward.record import add_by_place, by_number, collect
from spikeproof.event.maxima import Maxima, maxima_of
from spikeproof.event.pool import recycle
from spikeproof.event.replay import Replay
from spikeproof.event.trajectories import Trajectories, trajectories
from spikeproof.not_followed import NotFollowed
from spikeproof.numbers import Array, Float64Array, array, quiet, rounded
from spikeproof.problem import Problem
from spikeproof.solution import Gradients
from spikeproof.spikes import Spikes
from spikeproof.threads import in_threads


@dataclass(frozen=True)
class Run:
    """Tapes of consecutive samples, and what is read from them: spikes, final states, potentials.

    Samples and spikes are counted from the first one of the run.
    """

    batch: Batch
    parts: tuple[Part, ...]
    threads: int

    @property
    def problem(self) -> Problem:
        """The problem of the whole batch."""
        return self.batch.problem

    @property
    def first(self) -> int:
        """The first sample of the run in the batch."""
        return self.parts[0].first

    @property
    def last(self) -> int:
        """The sample of the batch after the last one of the run."""
        return self.parts[-1].last

    @property
    def starts(self) -> list[int]:
        """Number of the first spike of each part, and of all spikes."""
        return list(accumulate((p.n_spikes for p in self.parts), initial=0))

    @cached_property
    def spikes(self) -> Spikes:
        """All spikes, copied from the tapes."""
        starts, flat = self.starts, self.batch.layout
        n, tau_mem = starts[-1], flat.time[MEM, flat.number[GROUP]]
        found = Spikes(np.empty(n), np.empty(n, np.int64), np.empty(self.last - self.first + 1, np.int64), np.empty(n))
        for part, start in zip(self.parts, starts, strict=False):
            offsets = found.offsets[part.first - self.first : part.last - self.first + 1]
            collect(
                part.tape, flat.number[NEURON], tau_mem, flat.component.shape[1] - 1, start, found.times, found.neurons,
                found.vdot, offsets,
            )  # fmt: skip
        return found

    @property
    def until(self) -> Float64Array | None:
        """Until when each sample was followed; None if all were to the end."""
        parts = [p.until for p in self.parts if p.until is not None]
        return np.concatenate(parts) if parts else None

    @property
    def v_end(self) -> Array:
        """V at the end, shape (n_samples, n_neurons)."""
        return self._by_neuron("v_end", self.batch.ends[0])

    @property
    def i_end(self) -> Array:
        """I at the end, shape (n_samples, n_neurons)."""
        return self._by_neuron("i_end", self.batch.ends[1])

    def _by_neuron(self, name: str, states: Float64Array) -> Array:
        until = self.until
        if until is not None:
            unknown: Any = NotFollowed(f"solution.{name}", f"t = {until.min()} at the least")
            return unknown  # type: ignore[no-any-return] # it refuses to be read
        own, slots = states[self.first : self.last], self.batch.structure.slots_of_neurons
        return own if slots is None else own[:, slots]

    def discard(self) -> None:
        """Give the tapes back for the next run; this run must not be used afterwards."""
        recycle(p.tape for p in self.parts)

    def trajectories(self, population: str) -> Trajectories:
        """Membrane potentials of a population between its events."""
        return trajectories(self.batch.layout, *self._place(population), self.parts, self.starts)

    def maxima(self, population: str) -> Maxima:
        """The largest membrane potentials of a population of leaky integrators, and their places."""
        if self.problem.network.population(population).kind != "li":
            raise InvalidInput("population", population, "a population of leaky integrators")
        samples = [(p.last - p.first, p.tape) for p in self.parts]
        return maxima_of(self.batch.layout, *self._place(population), samples, self.threads)

    def _place(self, population: str) -> tuple[int, range, float]:
        """Component and slots of a population, and the duration."""
        self.problem.network.population(population)  # raises InvalidInput for an unknown one
        s = self.batch.structure
        return s.component_of[population], s.slots[population], float(self.problem.stimulus.duration)

    def vjp(self, cotangents: Array, gradients: Wanted = "weights") -> Gradients:
        """Gradient of ``sum(cotangents * spike times)``; see `adjoint`."""
        return self.adjoint(cotangents, gradients=gradients)[0]

    @quiet
    def adjoint(
        self, cotangents: Array, sources: VoltageCotangents | None = None, gradients: Wanted = "weights"
    ) -> tuple[Gradients, Float64Array]:
        """Gradient of ``sum(cotangents * spike times)`` and of what `sources` says: the adjoint pass of a batch.

        Parameters
        ----------
        cotangents : array, shape (n_spikes,)
            dL/dt of every spike, in the order of ``spikes.times``.
        sources : VoltageCotangents, or None
            Derivatives of the loss with respect to V.
        gradients
            ``"weights"``: gradients of weights and input spike times; ``"all"``: of delays and neurons as well.

        Returns
        -------
        derivatives : Gradients
            With respect to every weight and every input spike time, and all the rest if wanted.
        jumps : array, shape (n_spikes,)
            lambda_v^- - lambda_v^+ of the spiking neuron at each spike.

        Raises
        ------
        InvalidInput
            If the shape is wrong, a cotangent is no finite real number, or a derivative overflows binary64.
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        choice("gradients", gradients, "weights", "all")
        if sources is not None:
            instance("sources", sources, VoltageCotangents)
        d_spike = rounded(array("cotangents", cotangents))
        if d_spike.shape != self.spikes.times.shape:
            raise InvalidInput("cotangents", f"shape {d_spike.shape}", f"shape {self.spikes.times.shape}")
        replay = Replay(self.batch, [p.bounds for p in self.parts], gradients)
        on_tape = [np.zeros(p.n_spikes) for p in self.parts]
        self.add_to_tapes(d_spike, on_tape)
        of_parts = self.replayed(replay, 0, on_tape, sources)
        jumps = np.empty(len(d_spike))
        for part, start, own in zip(self.parts, self.starts, of_parts, strict=False):
            by_number(part.tape.spike_start, part.tape.spike_stop, part.shift, own, jumps[start:])
        return replay.gradients(), jumps

    def add_to_tapes(self, values: Float64Array, on_tapes: list[Float64Array]) -> None:
        """Add a number per spike, shape (n_spikes,), to one array for each part, in the order of the part's tape."""
        for part, start, own in zip(self.parts, self.starts, on_tapes, strict=False):
            add_by_place(part.tape.spike_start, part.tape.spike_stop, part.shift, values[start:], own)

    def replayed(
        self, replay: Replay, number: int, d_spike: list[Float64Array], sources: VoltageCotangents | None
    ) -> list[Float64Array]:
        """Replay the parts of this run, the first of which is part `number` of the batch; returns their jumps.

        `d_spike` and the returned arrays are in the order of the tape of each part.
        """

        def part(n: int) -> Float64Array:
            own, seen = self.parts[n], sources
            if seen is not None and len(self.parts) > 1:
                n_slots = len(self.batch.structure.neuron)
                seen = of_samples(seen, own.first - self.first, own.last - self.first, n_slots)
            return replay.part(number + n, own, d_spike[n], seen)

        return in_threads(self.threads, part, range(len(self.parts)))
