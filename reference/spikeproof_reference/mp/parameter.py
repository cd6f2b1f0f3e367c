"""The parameters that gradients are taken with respect to, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args

from spikeproof.arguments import instance, members
from spikeproof.errors import InvalidInput
from spikeproof.neuron_parameters import PARAMETER_NAMES
from spikeproof.problem import Problem

Kind: TypeAlias = Literal[
    "weight", "input_time", "delay", "tau_mem", "tau_syn", "v_th", "v_reset", "bias", "v_init", "i_init", "t_ref"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Parameter(NamedTuple):
    """One parameter of a problem.

    Attributes
    ----------
    kind : "weight", "delay", "input_time" or the name of a neuron parameter.
    projection : name of the projection of a weight or delay, "" for an input time, else the name of the population.
    i, j : row and column of the synapse; for an input time the number of the input spike and 0; else the number of the
        neuron within its population and 0.
    """

    kind: Kind
    projection: str
    i: int
    j: int


@dataclass(frozen=True)
class Numbering:
    """Numbers of all parameters, and which of them are wanted.

    Attributes
    ----------
    weights, delays : number of entry (0, 0) of each projection; the others follow row by row.
    widths : entries per row.
    first_time : number of the first input spike.
    neurons : number of a parameter of each neuron, by name.
    """

    weights: list[int]
    delays: list[int]
    widths: list[int]
    first_time: int
    neurons: dict[str, dict[int, int]]
    wanted: frozenset[int]

    def weight(self, synapses: int, i: int, j: int) -> int:
        """Number of weight (i, j) of a projection."""
        return self.weights[synapses] + i * self.widths[synapses] + j

    def delay(self, synapses: int, i: int, j: int) -> int:
        """Number of the delay of synapse (i, j) of a projection."""
        return self.delays[synapses] + i * self.widths[synapses] + j

    def wants(self, number: int) -> bool:
        """True if this parameter is to be followed."""
        return number in self.wanted

    def neuron(self, name: str, n: int) -> int | None:
        """Number of a parameter of neuron `n` if it is to be followed, else None."""
        number = self.neurons[name].get(n)
        return number if number in self.wanted else None


def numbering_of(problem: Problem, wanted: Iterable[int] | None = None) -> Numbering:
    """The numbering of the parameters of a problem without sparse projections; only `wanted` ones are followed, all if
    None.
    """
    network, everything = problem.network, parameters_of(problem)
    first: dict[tuple[str, str], int] = {}
    neurons: dict[str, dict[int, int]] = {name: {} for name in PARAMETER_NAMES}
    for number, p in enumerate(everything):
        first.setdefault((p.kind, p.projection), number)
        if p.kind in neurons:
            neurons[p.kind][network.neurons(p.projection)[p.i]] = number
    return Numbering(
        weights=[first["weight", p.name] for p in network.projections],
        delays=[first["delay", p.name] for p in network.projections],
        widths=[network.shape(p)[1] for p in network.projections],
        first_time=first.get(("input_time", ""), 0),
        neurons=neurons,
        wanted=frozenset(range(len(everything)) if wanted is None else wanted),
    )


def parameters_of(problem: Problem, kinds: Iterable[str] = KINDS) -> list[Parameter]:
    """All parameters of these kinds in the order of their numbers.

    Weights come projection by projection and synapse by synapse, then input spikes, delays like weights, and the
    parameters of the neurons: population by population, kind by kind, neuron by neuron.

    Parameters
    ----------
    problem : Problem
    kinds : iterable of str
        All kinds by default.

    Returns
    -------
    list of Parameter
    """
    network, chosen = instance("problem", problem, Problem).network, frozenset(members("kinds", kinds, "some of KINDS"))
    synapses = [(p.name, i, j) for p in network.projections for i, j in network.pairs(p)]
    found = [Parameter("weight", *s) for s in synapses]
    found += [Parameter("input_time", "", k, 0) for k in range(len(problem.stimulus.times))]
    found += [Parameter("delay", *s) for s in synapses]
    for population in network.populations:
        for kind in KINDS[3:]:
            if getattr(problem.parameters.neurons[population.name], kind) is not None:
                found += [Parameter(kind, population.name, i, 0) for i in range(population.size)]
    return [p for p in found if p.kind in chosen]


def numbers_of(problem: Problem, only: Iterable[Parameter]) -> tuple[tuple[Parameter, ...], list[int]]:
    """The parameters asked for, and their numbers.

    Raises
    ------
    InvalidInput
        If `only` names something that is no parameter of the problem.
    """
    number = {p: k for k, p in enumerate(parameters_of(problem))}
    allowed = "the entries of parameters_of(problem)"
    given = members("parameters", only, allowed)
    for p in given:
        if not isinstance(p, tuple) or not all(isinstance(x, str | int) for x in p) or p not in number:
            raise InvalidInput("parameters", p, allowed)
    chosen = tuple(Parameter(*p) for p in given)
    return chosen, [number[p] for p in chosen]
