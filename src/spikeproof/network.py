"""The directed graph of a network: inputs, populations of neurons, and projections between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Literal

import numpy as np

from spikeproof.arguments import choice, instance, members
from spikeproof.errors import InvalidInput
from spikeproof.numbers import MAX_SIZE, Array, Scalar, integer, nonnegative
from spikeproof.synapses import Synapses

Kind = Literal["lif", "li"]
KINDS: tuple[Kind, ...] = ("lif", "li")


@dataclass(frozen=True)
class Input:
    """A group of input channels whose spikes are given from outside.

    Parameters
    ----------
    name
        Name, unique in the network.
    size
        Number of channels, from 1 to 2**24.

    Raises
    ------
    InvalidInput
        If a name is not a printable text, or another argument is not what is allowed.
    """

    name: str
    size: int

    def __post_init__(self) -> None:
        _check_name("network.inputs.name", self.name)
        object.__setattr__(self, "size", integer(f"network.inputs.{self.name}.size", self.size, low=1, high=MAX_SIZE))


@dataclass(frozen=True)
class Population:
    """A group of neurons of one kind.

    Parameters
    ----------
    name
        Name, unique in the network.
    size
        Number of neurons, from 1 to 2**24.
    kind
        ``"lif"``: leaky integrate-and-fire, spikes at a threshold; ``"li"``: leaky integrator, never spikes.

    Raises
    ------
    InvalidInput
        If a name is not a printable text, or another argument is not what is allowed.
    """

    name: str
    size: int
    kind: Kind = "lif"

    def __post_init__(self) -> None:
        _check_name("network.populations.name", self.name)
        size = integer(f"network.populations.{self.name}.size", self.size, low=1, high=MAX_SIZE)
        object.__setattr__(self, "size", size)
        choice(f"network.populations.{self.name}.kind", self.kind, *KINDS)


@dataclass(frozen=True)
class Projection:
    """Synapses from one group to another, or from a population to itself (recurrence, autapses).

    Parameters
    ----------
    pre
        Name of an input or of a LIF population.
    post
        Name of a population.
    delay
        Time from a spike to its arrival, >= 0, the same for all synapses.
    name
        Key of the weights; ``"pre->post"`` if empty.
    synapses
        The connected pairs of a sparse projection, whose weights have shape (n_synapses,); None connects all pairs, and
        the weights have shape (size of pre, size of post).

    Raises
    ------
    InvalidInput
        If a name is not a printable text, or another argument is not what is allowed.
    """

    pre: str
    post: str
    delay: Scalar = 0.0
    name: str = ""
    synapses: Synapses | None = None

    def __post_init__(self) -> None:
        _check_name("network.projections.pre", self.pre)
        _check_name("network.projections.post", self.post)
        if isinstance(self.name, str) and self.name == "":
            object.__setattr__(self, "name", f"{self.pre}->{self.post}")
        _check_name("network.projections.name", self.name)
        object.__setattr__(self, "delay", nonnegative(f"network.projections.{self.name}.delay", self.delay))
        if not isinstance(self.synapses, Synapses | None):
            raise InvalidInput(f"network.projections.{self.name}.synapses", self.synapses, "Synapses, or None for all")


@dataclass(frozen=True)
class Network:
    """A directed graph of inputs, populations and projections.

    Channels, and likewise neurons, are numbered consecutively in the order in which their groups are listed: neuron
    ``network.neurons("b").start`` is the first neuron of population b.

    Parameters
    ----------
    inputs : sequence of Input
    populations : sequence of Population
        At least one.
    projections : sequence of Projection

    Raises
    ------
    InvalidInput
        If a name is used twice, a projection names an unknown group or has synapses beyond it, or a leaky integrator
        is presynaptic.
    """

    inputs: tuple[Input, ...]
    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]

    def __post_init__(self) -> None:
        for field, kind in (("inputs", Input), ("populations", Population), ("projections", Projection)):
            object.__setattr__(self, field, _members(f"network.{field}", getattr(self, field), kind))
        if not self.populations:
            raise InvalidInput("network.populations", [], "at least one population")
        groups: list[Input | Population] = [*self.inputs, *self.populations]
        _check_unique("network.inputs and network.populations", [g.name for g in groups])
        _check_unique("network.projections", [p.name for p in self.projections])
        sources = [g.name for g in self.inputs] + [p.name for p in self.populations if p.kind == "lif"]
        targets = [p.name for p in self.populations]
        for projection in self.projections:
            field = f"network.projections.{projection.name}"
            if projection.pre not in sources:
                raise InvalidInput(f"{field}.pre", projection.pre, f"an input or a lif population: {sources}")
            if projection.post not in targets:
                raise InvalidInput(f"{field}.post", projection.post, f"a population: {targets}")
            if projection.synapses is not None:
                projection.synapses.check_sizes(f"{field}.synapses", *self.shape(projection))

    @property
    def n_channels(self) -> int:
        """Number of channels of all inputs together."""
        return sum(group.size for group in self.inputs)

    @property
    def n_neurons(self) -> int:
        """Number of neurons of all populations together."""
        return sum(group.size for group in self.populations)

    def population(self, name: str) -> Population:
        """The population called `name`."""
        for group in self.populations:
            if isinstance(name, str) and group.name == name:
                return group
        raise InvalidInput("population", name, f"one of {[p.name for p in self.populations]}")

    def channels(self, name: str) -> range:
        """Channel numbers of the input called `name`."""
        if not isinstance(name, str) or name not in self._channels:
            raise InvalidInput("input", name, f"one of {list(self._channels)}")
        return self._channels[name]

    def neurons(self, name: str) -> range:
        """Neuron numbers of the population called `name`."""
        self.population(name)
        return self._neurons[name]

    def shape(self, projection: Projection) -> tuple[int, int]:
        """Sizes of the groups that a projection connects: (size of pre, size of post)."""
        instance("projection", projection, Projection)
        pre = self._channels.get(projection.pre) or self._neurons.get(projection.pre)
        if pre is None or projection.post not in self._neurons:
            raise InvalidInput("projection", projection, "one between groups of this network")
        return len(pre), len(self._neurons[projection.post])

    def weight_shape(self, projection: Projection) -> tuple[int, ...]:
        """Shape of a projection's weights: (n_pre, n_post), or (n_synapses,) of a sparse one."""
        shape = self.shape(projection)
        return shape if projection.synapses is None else (projection.synapses.n_synapses,)

    def split(self, vector: Array) -> dict[str, Array]:
        """Views of one vector of all weights, or of numbers shaped like them, by projection in the network's order."""
        parts, n_weights = self._weight_parts
        if not isinstance(vector, np.ndarray) or vector.shape != (n_weights,):
            given = f"shape {vector.shape}" if isinstance(vector, np.ndarray) else vector
            raise InvalidInput("vector", given, f"an array of shape ({n_weights},), a number for each weight")
        return {name: vector[part].reshape(shape) for name, part, shape in parts}

    def pairs(self, projection: Projection) -> Iterator[tuple[int, int]]:
        """(row, column) of every synapse of a projection, in the order of its weights."""
        shape = self.shape(projection)
        if projection.synapses is None:
            return iter(np.ndindex(shape))
        return zip(projection.synapses.sources.tolist(), projection.synapses.targets.tolist(), strict=True)

    def as_matrices(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        """`parts`, shaped like the weights of some projections, as matrices: 0 where no synapse is."""
        sparse = {p.name: (p.synapses, self.shape(p)[1]) for p in self.projections if p.synapses is not None}
        return {
            name: sparse[name][0].scattered(part, sparse[name][1]) if name in sparse else part
            for name, part in _mapping("parts", parts).items()
        }

    def at_synapses(self, matrices: Mapping[str, Array]) -> dict[str, Array]:
        """The entries of the matrices of some projections at their synapses: the inverse of `as_matrices`."""
        sparse = {p.name: p.synapses for p in self.projections if p.synapses is not None}
        return {
            name: sparse[name].gathered(m) if name in sparse else m
            for name, m in _mapping("matrices", matrices).items()
        }

    def from_input(self, projection: Projection) -> bool:
        """True if the projection starts at an input, not at a population."""
        return instance("projection", projection, Projection).pre in self._channels

    @cached_property
    def _weight_parts(self) -> tuple[list[tuple[str, slice, tuple[int, ...]]], int]:
        """The slice and shape of each projection's weights in one vector of all, and the length of that vector."""
        shapes = [(p.name, self.weight_shape(p)) for p in self.projections]
        ends = list(accumulate((math.prod(shape) for _, shape in shapes), initial=0))
        parts = [(name, slice(*bounds), shape) for (name, shape), bounds in zip(shapes, pairwise(ends), strict=True)]
        return parts, ends[-1]

    @cached_property
    def _channels(self) -> dict[str, range]:
        return _ranges(self.inputs)

    @cached_property
    def _neurons(self) -> dict[str, range]:
        return _ranges(self.populations)


def _ranges(groups: Iterable[Input | Population]) -> dict[str, range]:
    ranges, start = {}, 0
    for group in groups:
        ranges[group.name] = range(start, start + group.size)
        start += group.size
    return ranges


def _members(field: str, given: Iterable[object], kind: type) -> tuple[object, ...]:
    found = tuple(members(field, given, f"a sequence of {kind.__name__}"))
    for number, member in enumerate(found):
        if not isinstance(member, kind):
            raise InvalidInput(f"{field}[{number}]", member, f"{kind.__name__}(...)")
    return found


def _mapping(field: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput(field, given, "a mapping from names of projections")
    return given


def _check_name(field: str, name: object) -> None:
    if not isinstance(name, str) or not name or not name.isprintable():
        raise InvalidInput(field, name, "a non-empty string of printable characters")


def _check_unique(field: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput(field, name, "every name used once")


def neuron_name(network: Network, neuron: int) -> str:
    """Name of a neuron: its population and its number within it, such as ``hidden[3]``."""
    for population in network.populations:
        numbers = network.neurons(population.name)
        if neuron in numbers:
            return f"{population.name}[{neuron - numbers.start}]"
    raise IndexError(neuron)
