"""A problem in the numbers of the reference: plain lists of mpmath numbers, one entry per neuron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof.network import Network, Population, Projection
from spikeproof.problem import Problem
from spikeproof_reference.flow import Flow
from spikeproof_reference.precision import TIE_GUARD, exact

Rounding = Callable[[Any], Any]


@dataclass(frozen=True)
class Neuron:
    """One neuron; `group` numbers its pair of time constants. A leaky integrator has ``v_th = None``."""

    tau_mem: Any
    tau_syn: Any
    v_th: Any
    v_reset: Any
    group: int


@dataclass(frozen=True)
class Synapses:
    """One projection: ``weights[i][j]`` goes to neuron ``targets[j]``; `fan_out` leaves out weights that are zero."""

    name: str
    delay: Any
    weights: list[list[Any]]
    targets: range
    from_input: bool
    fan_out: list[list[tuple[int, Any]]]


@dataclass(frozen=True)
class Model:
    """What the passes read.

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
    """`problem` in numbers of `ctx`, each input number passed through `rounded` once."""

    def number(value: Any) -> Any:
        return rounded(exact(ctx, value))

    network, stimulus = problem.network, problem.stimulus
    neurons, flows = _neurons(problem, ctx, number)
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


def shifted(model: Model, weights: list[list[list[Any]]], input_times: list[Any]) -> Model:
    """`model` with ``weights[p][i][j]`` added to the weights of projection p, and `input_times` to the input spikes."""
    synapses = [
        _with_weights(s, [[w + d for w, d in zip(*rows, strict=True)] for rows in zip(s.weights, part, strict=True)])
        for s, part in zip(model.synapses, weights, strict=True)
    ]
    times = [t + d for t, d in zip(model.input_times, input_times, strict=True)]
    return replace(model, synapses=synapses, input_times=times)


def _with_weights(base: Synapses, weights: list[list[Any]]) -> Synapses:
    fan_out = [[(m, w) for m, w in zip(base.targets, row, strict=True) if w] for row in weights]
    return replace(base, weights=weights, fan_out=fan_out)


def _synapses(network: Network, projection: Projection, w: Any, number: Rounding) -> Synapses:
    targets, from_input = network.neurons(projection.post), network.from_input(projection)
    base = Synapses(projection.name, number(projection.delay), [], targets, from_input, [])
    return _with_weights(base, [[number(x) for x in row] for row in w.tolist()])


def _neurons(problem: Problem, ctx: Any, number: Rounding) -> tuple[list[Neuron], list[Flow]]:
    neurons: list[Neuron] = []
    flows: list[Flow] = []
    groups: dict[tuple[Any, Any], int] = {}
    for population in problem.network.populations:
        p = problem.parameters.neurons[population.name]
        columns = (_column(population, x, number) for x in (p.tau_mem, p.tau_syn, p.v_th, p.v_reset))
        for tau_mem, tau_syn, v_th, v_reset in zip(*columns, strict=True):
            group = groups.setdefault((tau_mem, tau_syn), len(flows))
            if group == len(flows):
                flows.append(Flow(ctx, tau_mem, tau_syn))
            neurons.append(Neuron(tau_mem, tau_syn, v_th, v_reset, group))
    return neurons, flows


def _column(population: Population, value: Any, number: Rounding) -> list[Any]:
    if value is None:
        return [None] * population.size
    numbers = [number(x) for x in np.ravel(value).tolist()]
    return numbers * population.size if np.ndim(value) == 0 else numbers


def _rows(network: Network, synapses: list[Synapses], *, from_input: bool) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = [[] for _ in range(network.n_channels if from_input else network.n_neurons)]
    for index, (projection, s) in enumerate(zip(network.projections, synapses, strict=True)):
        if s.from_input == from_input:
            pre = network.channels(projection.pre) if from_input else network.neurons(projection.pre)
            for row, source in enumerate(pre):
                rows[source].append((index, row))
    return rows
