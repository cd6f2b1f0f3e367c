"""A problem in the numbers of the reference: plain lists of mpmath numbers, one entry per neuron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof.network import Network, Projection
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.parameters import NeuronParameters
from spikeproof.problem import Problem
from spikeproof_reference.mp.flow import Flow, Held
from spikeproof_reference.mp.precision import TIE_GUARD, exact
from spikeproof_reference.mp.totals import Totals

Rounding = Callable[[Any], Any]


@dataclass(frozen=True)
class Neuron(NeuronParameters):
    """One neuron; `group` and `held` number its flow, and that while it is held after a spike.

    The threshold of a leaky integrator is infinite. A neuron that is released `at_once` meets what arrives as it spikes
    free, whatever its refractory time.
    """

    group: int = -1
    held: int = -1
    at_once: bool = False


@dataclass(frozen=True)
class Bundle:
    """The synapses of one row that share a delay: their columns, and the (neuron, weight) pairs that are not zero."""

    delay: Any
    columns: list[int]
    fan_out: list[tuple[int, Any]]


@dataclass(frozen=True)
class Synapses:
    """One projection: ``weights[i][j]`` goes to neuron ``targets[j]``, ``delays[i][j]`` later.

    Row i has synapses in ``columns[i]`` alone; elsewhere the weight is 0 and never looked at.
    """

    name: str
    weights: list[list[Any]]
    delays: list[list[Any]]
    columns: list[list[int]]
    targets: range
    from_input: bool
    rows: list[list[Bundle]]


@dataclass(frozen=True)
class Model:
    """The numbers of a problem that the passes read.

    Attributes
    ----------
    rounded : how the result of an operation is rounded; the identity except in Monte Carlo arithmetic.
    outgoing, incoming : (projection, row) pairs of each neuron and of each input channel.
    tie : times that differ by less than ``tie * max(unit, t)`` are one event.
    unit : the shortest time constant.
    """

    ctx: Any
    rounded: Rounding
    neurons: list[Neuron]
    flows: list[Flow]
    synapses: list[Synapses]
    outgoing: list[list[tuple[int, int]]]
    incoming: list[list[tuple[int, int]]]
    input_times: list[Any]
    input_channels: list[int]
    offsets: list[int]
    duration: Any
    tie: Any
    unit: Any

    def same_event(self, time: Any) -> Any:
        """The latest time that counts as simultaneous with `time`."""
        return time + self.tie * max(self.unit, abs(time))


def identity(x: Any) -> Any:
    """`x`: the rounding of ordinary arithmetic."""
    return x


def model_of(problem: Problem, ctx: Any, dps: int, rounded: Rounding = identity) -> Model:
    """`problem` in numbers of `ctx`, each finite input number passed through `rounded` once."""

    def number(value: Any) -> Any:
        x = exact(ctx, value)
        return x if ctx.isinf(x) else rounded(x)

    network, stimulus = problem.network, problem.stimulus
    columns = problem.neuron_columns(number)
    neurons, flows = _grouped(ctx, [Neuron(*values) for values in zip(*columns.values(), strict=True)])
    synapses = [_synapses(network, p, problem.parameters.weights[p.name], number) for p in network.projections]
    return Model(
        ctx=ctx,
        rounded=rounded,
        neurons=neurons,
        flows=flows,
        synapses=synapses,
        outgoing=_rows(network, synapses, from_input=False),
        incoming=_rows(network, synapses, from_input=True),
        input_times=[number(t) for t in stimulus.times.tolist()],
        input_channels=stimulus.channels.tolist(),
        offsets=stimulus.offsets.tolist(),
        duration=exact(ctx, stimulus.duration),
        tie=ctx.mpf(10) ** -(dps + TIE_GUARD),
        unit=min(flow.unit for flow in flows),
    )


def shifted(model: Model, step: Totals, h: Any) -> Model:
    """`model` with `h` times `step` added to its parameters."""

    def moved(rows: list[list[Any]], by: list[list[Any]]) -> list[list[Any]]:
        return [[x + h * d if d else x for x, d in zip(*pair, strict=True)] for pair in zip(rows, by, strict=True)]

    synapses = [
        _bundled(replace(s, weights=moved(s.weights, w), delays=moved(s.delays, d)))
        for s, w, d in zip(model.synapses, step.weights, step.delays, strict=True)
    ]
    times = [t + h * d for t, d in zip(model.input_times, step.input_times, strict=True)]
    neurons, flows = _grouped(model.ctx, [_moved_neuron(neuron, step, h, n) for n, neuron in enumerate(model.neurons)])
    return replace(model, synapses=synapses, input_times=times, neurons=neurons, flows=flows)


def _moved_neuron(neuron: Neuron, step: Totals, h: Any, n: int) -> Neuron:
    by = {name: step.neurons[name][n] for name in PARAMETER_NAMES if step.neurons[name][n]}
    return replace(neuron, **{name: getattr(neuron, name) + h * d for name, d in by.items()})


def _bundled(s: Synapses) -> Synapses:
    """`s` with its rows divided by delay."""
    rows = []
    for weights, delays, present in zip(s.weights, s.delays, s.columns, strict=True):
        columns: dict[Any, list[int]] = {}
        if present and all(delays[j] is delays[present[0]] for j in present):
            columns[delays[present[0]]] = list(present)
        else:
            for j in present:
                columns.setdefault(delays[j], []).append(j)
        rows.append(
            [Bundle(d, js, [(s.targets[j], weights[j]) for j in js if weights[j]]) for d, js in columns.items()]
        )
    return replace(s, rows=rows)


def _synapses(network: Network, projection: Projection, w: Any, number: Rounding) -> Synapses:
    targets, delay, sparse = network.neurons(projection.post), number(projection.delay), projection.synapses
    matrix = w if sparse is None else sparse.scattered(w, len(targets))
    weights = [[number(x) for x in row] for row in matrix.tolist()]
    delays = [[delay] * len(targets) for _ in weights]
    if sparse is None:
        columns = [list(range(len(targets)))] * len(weights)
    else:
        columns = [part.tolist() for part in np.split(sparse.targets, sparse.offsets[1:-1])]
    return _bundled(Synapses(projection.name, weights, delays, columns, targets, network.from_input(projection), []))


def _grouped(ctx: Any, neurons: list[Neuron]) -> tuple[list[Neuron], list[Flow]]:
    """The neurons with the numbers of their flows, and the flows: two for each pair of time constants."""
    numbers: dict[tuple[Any, Any], int] = {}
    groups = [numbers.setdefault((n.tau_mem, n.tau_syn), len(numbers)) for n in neurons]
    flows = [kind(ctx, *taus) for kind in (Flow, Held) for taus in numbers]
    return [replace(n, group=g, held=g + len(numbers)) for n, g in zip(neurons, groups, strict=True)], flows


def _rows(network: Network, synapses: list[Synapses], *, from_input: bool) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in range(network.n_channels if from_input else network.n_neurons)]
    for index, (projection, s) in enumerate(zip(network.projections, synapses, strict=True)):
        if s.from_input == from_input:
            pre = network.channels(projection.pre) if from_input else network.neurons(projection.pre)
            for row, source in enumerate(pre):
                rows[source].append((index, row))
    return rows
