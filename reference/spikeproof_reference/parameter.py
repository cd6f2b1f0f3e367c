"""The parameters that gradients are taken with respect to, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.problem import Problem
from spikeproof_reference.model import Model


class Parameter(NamedTuple):
    """One parameter: entry (i, j) of a projection's weights, or input spike `i` (then `projection` is "", j is 0)."""

    kind: Literal["weight", "input_time"]
    projection: str
    i: int
    j: int


@dataclass(frozen=True)
class Numbering:
    """Numbers of all parameters: projections in order, row by row, then the input spikes."""

    starts: list[int]
    widths: list[int]
    first_time: int
    wanted: frozenset[int] | None = None

    def weight(self, synapses: int, i: int, j: int) -> int:
        """Number of weight (i, j) of a projection."""
        return self.starts[synapses] + i * self.widths[synapses] + j

    def wants(self, number: int) -> bool:
        """True if this parameter is to be followed."""
        return self.wanted is None or number in self.wanted


def numbering_of(model: Model, wanted: frozenset[int] | None = None) -> Numbering:
    """The numbering of a model's parameters; only `wanted` ones are followed, all if None."""
    sizes = [len(s.weights) * len(s.targets) for s in model.synapses]
    starts = np.cumsum([0, *sizes]).tolist()
    return Numbering(starts[:-1], [len(s.targets) for s in model.synapses], starts[-1], wanted)


def parameters_of(problem: Problem) -> list[Parameter]:
    """All parameters in the order of their numbers."""
    weights = [
        Parameter("weight", p.name, i, j)
        for p in problem.network.projections
        for i, j in np.ndindex(problem.network.shape(p))
    ]
    return weights + [Parameter("input_time", "", k, 0) for k in range(len(problem.stimulus.times))]


def numbers_of(problem: Problem, only: Iterable[Parameter] | None) -> tuple[tuple[Parameter, ...], list[int]]:
    """The parameters asked for, all if None, and their numbers."""
    everything = parameters_of(problem)
    if only is None:
        return tuple(everything), list(range(len(everything)))
    number = {p: k for k, p in enumerate(everything)}
    chosen = tuple(Parameter(*p) for p in only)
    for p in chosen:
        if p not in number:
            raise InvalidInput("parameters", tuple(p), "the entries of parameters_of(problem)")
    return chosen, [number[p] for p in chosen]
