"""The adjoint pass of a batch: the sums over the replays of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from spikeproof.engine import Wanted
from spikeproof.errors import GrazingSpike
from spikeproof.event.batch import Batch, Part
from spikeproof.event.kernels.backward.adjoint import Memory, Totals, adjoint
from spikeproof.event.kernels.backward.cotangents import VoltageCotangents, no_cotangents
from spikeproof.event.kernels.backward.neuron_parameters import neuron_gradients
from spikeproof.event.kernels.core.tables import NEURON
from spikeproof.event.kernels.core.tape import GRAZING
from spikeproof.event.sums import Sums
from spikeproof.memory import aligned, whole_lines
from spikeproof.neuron_parameters import N_PARAMETERS
from spikeproof.numbers import Float64Array, IntArray
from spikeproof.solution import Gradients, NeuronGradients


class Replay:
    """An adjoint pass: its threads replay a part each, and write here.

    Parameters
    ----------
    batch
        What is differentiated.
    bounds
        The chunks of each part.
    wanted
        ``"weights"``: gradients of weights and input spike times; ``"all"``: of delays and neurons as well.
    """

    def __init__(self, batch: Batch, bounds: Sequence[IntArray], wanted: Wanted) -> None:
        n_weights, n_slots, everything = len(batch.layout.weights), batch.layout.slot.shape[1], wanted == "all"
        chunks = [len(b) - 1 for b in bounds]
        self.batch = batch
        self.chunk = list(accumulate(chunks, initial=0))
        self.d_input = np.zeros(len(batch.problem.stimulus.times))
        self.weights = Sums(n_weights, chunks)
        self.delays = Sums(n_weights if everything else 0, chunks)
        self.neurons = np.zeros((self.chunk[-1] if everything else 0, n_slots, N_PARAMETERS))

    def part(self, number: int, part: Part, d_spike: Float64Array, sources: VoltageCotangents | None) -> Float64Array:
        """Replay the tape of one part.

        Parameters
        ----------
        number
            Which part it is.
        part
            Its tape.
        d_spike : array, shape (n_spikes,)
            dl_p/dt of each spike, by its place on the tape; collects what the spikes cause.
        sources
            Derivatives of the loss by V of these samples; None if V does not enter the loss.

        Returns
        -------
        jumps : array, shape (n_spikes,)
            lambda_v^- - lambda_v^+ at each spike, by its place on the tape.

        Raises
        ------
        GrazingSpike
            If a spike that matters has Vdot = 0 to rounding.
        """
        flat, stimulus, tape = self.batch.layout, self.batch.problem.stimulus, part.tape
        jumps, n_slots = np.empty(part.n_spikes), flat.slot.shape[1]
        if len(part.releases.time):
            sources = (no_cotangents() if sources is None else sources)._replace(release=part.releases)
        most = int((tape.arrival_stop - tape.arrival_start).max())
        before = np.zeros(part.n_spikes if len(self.neurons) else 0)
        totals = Totals(d_spike, jumps, before, self.d_input, self.weights.of(number), self.delays.of(number))
        memory = Memory(
            rows=aligned(10, whole_lines(n_slots)),
            places=np.empty((4, n_slots), np.int64),
            flows=np.empty((3, len(flat.run_start), most + 1)),
        )
        status, sample, spike = adjoint(
            flat, float(stimulus.duration), stimulus.offsets, part.first, part.bounds, tape, sources, totals,
            number == 0, True if self.batch.structure.mixed else None, memory,
        )  # fmt: skip
        if status == GRAZING:
            neuron = int(flat.number[NEURON, tape.spike_slot[spike]])
            raise GrazingSpike(sample, neuron, float(tape.spike_time[spike]))
        if len(self.neurons):
            neuron_gradients(
                flat, float(stimulus.duration), part.first, part.bounds, tape,
                no_cotangents() if sources is None else sources, before,
                self.neurons[self.chunk[number] : self.chunk[number + 1]],
            )  # fmt: skip
        return jumps

    def gradients(self) -> Gradients:
        """The sums over all chunks; to be called once.

        Raises
        ------
        InvalidInput
            If one of them overflows binary64.
        """
        network, slots = self.batch.problem.network, self.batch.structure.slots
        by_weight = self.weights.total()
        found, flat = Gradients(network.split(by_weight), self.d_input), [by_weight, self.d_input]
        if len(self.neurons):
            by_delay = self.delays.total()
            table = np.add.reduce(self.neurons, axis=0)
            neurons = {p.name: NeuronGradients.of(p, table[slots[p.name]].T) for p in network.populations}
            found, flat = replace(found, delays=network.split(by_delay), neurons=neurons), [*flat, by_delay, table]
        if not all(np.isfinite(values).all() for values in flat):
            found.require_finite()
        return found
