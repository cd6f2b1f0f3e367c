"""Faults of the model and of the forward pass; `catalogue` describes each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from spikeproof import Problem, Projection
from spikeproof_reference.textbook.crossing import below, crossing
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_reference.textbook.forward import Forward
from spikeproof_reference.textbook.model import Model, Neuron
from spikeproof_reference.textbook.record import Node, Record
from spikeproof_verification.experiments.faults.seeded import seeded

COARSE = 24  # halvings of a root search that stops too early
GRID = 1024  # grid points per unit of time


@seeded("missed spikes between arrivals")
class _Missed(Forward):
    def predict(self) -> None:
        self.changed = set(range(len(self.neurons)))
        super().predict()

    def crossing(self, neuron: Neuron, node: Node, rest: float) -> float | None:
        until = min(self.waiting[0][0] - node.time, rest) if self.waiting else rest
        return None if below(neuron, node.u, node.i, until) else super().crossing(neuron, node, until)


@seeded("root search stopped early")
class _StoppedEarly(Forward):
    def crossing(self, neuron: Neuron, node: Node, rest: float) -> float | None:
        return crossing(neuron, node.u, node.i, rest, COARSE)


@seeded("spike times on a grid")
class _OnGrid(Forward):
    def crossing(self, neuron: Neuron, node: Node, rest: float) -> float | None:
        dt = super().crossing(neuron, node, rest)
        return dt if dt is None else min(math.ceil((node.time + dt) * GRID) / GRID - node.time, rest)


@seeded("single precision")
class _Single(Forward):
    def flowed(self, n: int, time: float) -> tuple[float, float]:
        u, i = super().flowed(n, time)
        return float(np.float32(u)), float(np.float32(i))


@seeded("current reset with the potential")
class _CurrentReset(Forward):
    def reset(self, n: int, i: float) -> tuple[float, float]:
        return self.neurons[n].u_reset, 0.0


@seeded("reset to zero")
class _ToZero(Forward):
    def reset(self, n: int, i: float) -> tuple[float, float]:
        return -self.neurons[n].level, i


@seeded("bias ignored after the first spike")
class _BiasEnds(Forward):
    def reset(self, n: int, i: float) -> tuple[float, float]:
        self.neurons[n] = replace(self.neurons[n], bias=0.0)
        return super().reset(n, i)


@seeded("delays ignored")
class _AtOnce(Forward):
    def delay(self, synapse: int) -> float:
        return 0.0


@seeded("coincident inputs counted once")
class _Once(Forward):
    def inputs(self, times: list[float], channels: list[int]) -> Iterator[tuple[int, tuple[float, int]]]:
        seen = set()
        for number, spike in super().inputs(times, channels):
            if spike not in seen:
                yield number, spike
            seen.add(spike)


@seeded("initial current ignored")
class _NoCurrent(Forward):
    def start(self, neuron: Neuron) -> Node:
        return replace(super().start(neuron), i=0.0)


@seeded("end state one event early")
class _Early(Forward):
    def end(self, n: int) -> tuple[float, float]:
        node = self.record.nodes[n][-1]
        return node.u, node.i


@seeded("state carried over to the next sample")
class _CarriedOver(TextbookEngine):
    def records(self, problem: Problem, model: Model) -> list[Record]:
        records: list[Record] = []
        for s in range(problem.stimulus.n_samples):
            forward = self.loop(problem, model, s)
            for n, neuron in enumerate(model.neurons if records else ()):
                forward.record.nodes[n] = [Node(0.0, records[-1].v_end[n] - neuron.level, records[-1].i_end[n], -1)]
            records.append(forward.run())
        return records


@seeded("last bit by the place in the batch")
class _LastBit(Forward):
    def run(self) -> Record:
        record = super().run()
        if self.sample % 2:
            record.v_end = [math.nextafter(v, math.inf) for v in record.v_end]
        return record


@seeded("one threshold for all")
class _OneThreshold(TextbookEngine):
    def model(self, problem: Problem) -> Model:
        model = super().model(problem)
        first = model.neurons[0].v_th
        neurons = [replace(n, v_th=first) if math.isfinite(n.v_th) else n for n in model.neurons]
        return replace(model, neurons=neurons)


@seeded("targets of synapses shifted")
class _Shifted(TextbookEngine):
    def model(self, problem: Problem) -> Model:
        def shifted(p: Projection, i: int, j: int) -> tuple[int, int]:
            return i, (j + 1) % problem.network.population(p.post).size

        return _rewired(problem, super().model(problem), shifted)


@seeded("rows without synapses left out")
class _LeftOut(TextbookEngine):
    def model(self, problem: Problem) -> Model:
        def closed_up(p: Projection, i: int, j: int) -> tuple[int, int]:
            rows = sorted({row for row, _ in problem.network.pairs(p)})
            return rows.index(i), j

        return _rewired(problem, super().model(problem), closed_up)


def _rewired(problem: Problem, model: Model, place: Callable[[Projection, int, int], tuple[int, int]]) -> Model:
    """The model with every synapse of a sparse projection at another place of its matrix."""
    synapses, network = list(model.synapses), problem.network
    places = ((p, i, j) for p in network.projections for i, j in network.pairs(p))
    for number, (p, i, j) in enumerate(places):
        if p.synapses is not None:
            s, (row, column) = synapses[number], place(p, i, j)
            synapses[number] = replace(s, pre=s.pre + row - i, post=s.post + column - j)
    return Model.of(model.neurons, synapses, network.n_channels, model.duration)
