"""A problem in the numbers of one method of integration: plain lists, one entry per neuron."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from spikeproof.network import Network, Population
from spikeproof.problem import Problem
from spikeproof_reference.precision import exact


@dataclass(frozen=True)
class Cell:
    """One neuron; a leaky integrator has ``v_th = None``."""

    tau_mem: Any
    tau_syn: Any
    v_th: Any
    v_reset: Any
    bias: Any
    v_init: Any
    i_init: Any


@dataclass(frozen=True)
class Wiring:
    """One projection: ``weights[i][j]`` goes to neuron ``targets[j]``."""

    delay: Any
    weights: list[list[Any]]
    targets: range
    from_input: bool


@dataclass(frozen=True)
class Circuit:
    """What forward and backward pass read.

    Attributes
    ----------
    ctx : mpmath context of all numbers; ``mpmath.fp`` for floats.
    outgoing, incoming : (projection, row) pairs of each neuron and of each input channel.
    inputs : for each sample, (time, channel, number of the input spike).
    unit : the shortest time constant.
    """

    ctx: Any
    cells: list[Cell]
    wirings: list[Wiring]
    outgoing: list[list[tuple[int, int]]]
    incoming: list[list[tuple[int, int]]]
    inputs: list[list[tuple[Any, int, int]]]
    duration: Any
    unit: Any

    @property
    def spiking(self) -> list[int]:
        """Numbers of the neurons that have a threshold."""
        return [n for n, cell in enumerate(self.cells) if cell.v_th is not None]


def circuit_of(problem: Problem, ctx: Any) -> Circuit:
    """`problem` in numbers of `ctx`."""
    network, stimulus = problem.network, problem.stimulus
    cells = [cell for population in network.populations for cell in _cells(problem, population, ctx)]
    times = [exact(ctx, t) for t in stimulus.times.tolist()]
    numbered = list(zip(times, stimulus.channels.tolist(), range(len(times)), strict=True))
    offsets = stimulus.offsets.tolist()
    return Circuit(
        ctx=ctx,
        cells=cells,
        wirings=[_wiring(problem, k, ctx) for k in range(len(network.projections))],
        outgoing=_rows(network, network.n_neurons, from_input=False),
        incoming=_rows(network, network.n_channels, from_input=True),
        inputs=[numbered[a:b] for a, b in pairwise(offsets)],
        duration=exact(ctx, stimulus.duration),
        unit=min(min(cell.tau_mem, cell.tau_syn) for cell in cells),
    )


def _cells(problem: Problem, population: Population, ctx: Any) -> list[Cell]:
    p = problem.parameters.neurons[population.name]
    names = ("tau_mem", "tau_syn", "v_th", "v_reset", "bias", "v_init", "i_init")
    columns = [_column(getattr(p, name), population.size, ctx) for name in names]
    return [Cell(*row) for row in zip(*columns, strict=True)]


def _column(value: Any, size: int, ctx: Any) -> list[Any]:
    if value is None:
        return [None] * size
    return [exact(ctx, x) for x in np.broadcast_to(value, (size,)).tolist()]


def _wiring(problem: Problem, index: int, ctx: Any) -> Wiring:
    network = problem.network
    projection = network.projections[index]
    rows = problem.parameters.weights[projection.name].tolist()
    weights = [[exact(ctx, w) for w in row] for row in rows]
    return Wiring(
        exact(ctx, projection.delay), weights, network.neurons(projection.post), network.from_input(projection)
    )


def _rows(network: Network, size: int, *, from_input: bool) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for index, projection in enumerate(network.projections):
        if network.from_input(projection) == from_input:
            sources = network.channels(projection.pre) if from_input else network.neurons(projection.pre)
            for row, source in enumerate(sources):
                rows[source].append((index, row))
    return rows
