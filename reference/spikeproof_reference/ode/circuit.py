"""A problem in the numbers of one method of integration: plain lists, one entry per neuron."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from spikeproof.network import Network
from spikeproof.parameters import NeuronParameters
from spikeproof.problem import Problem
from spikeproof_reference.mp.precision import exact


@dataclass(frozen=True)
class Cell(NeuronParameters):
    """One neuron; the threshold of a leaky integrator is infinite."""


@dataclass(frozen=True)
class Wiring:
    """One projection: ``weights[i][j]`` goes to neuron ``targets[j]``."""

    delay: Any
    weights: list[list[Any]]
    targets: range
    from_input: bool


@dataclass(frozen=True)
class Circuit:
    """The numbers of a problem that the forward and the backward pass read.

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
        return [n for n, cell in enumerate(self.cells) if not self.ctx.isinf(cell.v_th)]


def circuit_of(problem: Problem, ctx: Any) -> Circuit:
    """`problem` in numbers of `ctx`."""
    network, stimulus = problem.network, problem.stimulus
    columns = problem.neuron_columns(lambda x: exact(ctx, x))
    cells = [Cell(*values) for values in zip(*columns.values(), strict=True)]
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
