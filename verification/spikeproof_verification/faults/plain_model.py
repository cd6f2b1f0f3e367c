"""A problem as the plain engine reads it: lists of Python floats, one entry per neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from spikeproof import Problem, Projection
from spikeproof.numbers import Array

DEFAULTS = {"v_th": math.inf, "v_reset": 0.0}  # of a leaky integrator


@dataclass(frozen=True)
class Neurons:
    """Parameters of all neurons, numbered through."""

    tau_mem: list[float]
    tau_syn: list[float]
    v_th: list[float]
    v_reset: list[float]
    bias: list[float]
    v_init: list[float]
    i_init: list[float]


@dataclass(frozen=True)
class Synapses:
    """One projection: row `k` of `w` belongs to channel or neuron ``pre[k]``, its column `m` to neuron ``post[m]``.

    `pairs` are (k, m) of the synapses of a sparse projection in the order of its weights, None if there are all; `w`
    is 0 elsewhere.
    """

    name: str
    from_input: bool
    pre: range
    post: range
    delay: float
    w: Array
    pairs: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class PlainModel:
    """Neurons and projections, and what is wrong with the engine ("" for nothing)."""

    neurons: Neurons
    synapses: tuple[Synapses, ...]
    duration: float
    wrong: str = ""

    @property
    def n_neurons(self) -> int:
        """Number of neurons over all populations."""
        return len(self.neurons.tau_mem)


def plain_model(problem: Problem, wrong: str) -> PlainModel:
    """The float64 `problem` with one fault."""
    columns = {f.name: _column(problem, f.name) for f in fields(Neurons)}
    if wrong == "one threshold for all":
        columns["v_th"] = [columns["v_th"][0] if math.isfinite(v) else v for v in columns["v_th"]]
    synapses = tuple(_synapses(problem, p, wrong) for p in problem.network.projections)
    return PlainModel(Neurons(**columns), synapses, float(problem.stimulus.duration), wrong)


def _column(problem: Problem, name: str) -> list[float]:
    numbers: list[float] = []
    for population in problem.network.populations:
        value = getattr(problem.parameters.neurons[population.name], name)
        value = DEFAULTS[name] if value is None else value
        numbers += [float(x) for x in np.broadcast_to(value, population.size)]
    return numbers


def _synapses(problem: Problem, projection: Projection, wrong: str) -> Synapses:
    network, name = problem.network, projection.name
    from_input = network.from_input(projection)
    pre = (network.channels if from_input else network.neurons)(projection.pre)
    post = network.neurons(projection.post)
    w, delay = problem.parameters.weights[name], float(projection.delay)
    if projection.synapses is None:
        return Synapses(name, from_input, pre, post, delay, w)
    pairs = _pairs(projection.synapses.offsets.tolist(), projection.synapses.targets.tolist(), len(post), wrong)
    matrix = np.zeros((len(pre), len(post)))
    for (k, m), weight in zip(pairs, w, strict=True):
        matrix[k, m] = weight
    return Synapses(name, from_input, pre, post, delay, matrix, pairs)


def _pairs(offsets: list[int], targets: list[int], n_post: int, wrong: str) -> tuple[tuple[int, int], ...]:
    rows = [targets[start:stop] for start, stop in pairwise(offsets)]
    if wrong == "rows without synapses left out":
        rows = [row for row in rows if row]
    late = 1 if wrong == "targets of synapses shifted" else 0
    return tuple((k, (m + late) % n_post) for k, row in enumerate(rows) for m in row)
