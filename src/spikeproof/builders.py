"""The usual networks and their weights: chains of layers, weights drawn from a seed, constant weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.network import Input, Kind, Network, Population, Projection
from spikeproof.numbers import Array, Scalar, integer, nonnegative, scalar


@dataclass(frozen=True)
class Layer:
    """A layer of a `chain`.

    Parameters
    ----------
    size, kind
        Number and kind of its neurons, as for a `Population`.
    name
        Name of its population; if empty, one that follows from its place, see `chain`.
    delay
        Delay of the projection from the layer before.
    recurrent
        True if its neurons project to each other and to themselves. A leaky integrator cannot.
    recurrent_delay
        Delay of that recurrent projection.

    Raises
    ------
    InvalidInput
        If a size, kind, name or delay is wrong, or a leaky integrator is to be recurrent.
    """

    size: int
    kind: Kind = "lif"
    name: str = ""
    delay: Scalar = 0.0
    recurrent: bool = False
    recurrent_delay: Scalar = 0.0

    def __post_init__(self) -> None:
        named = not isinstance(self.name, str) or self.name
        Population(self.name if named else "layer", self.size, self.kind)
        for name in ("delay", "recurrent_delay"):
            nonnegative(f"layer.{name}", getattr(self, name))
        if not isinstance(self.recurrent, bool) or (self.recurrent and self.kind == "li"):
            allowed = "False, for a leaky integrator sends no spikes" if self.kind == "li" else "True or False"
            raise InvalidInput("layer.recurrent", self.recurrent, allowed)


def chain(inputs: int | Input, *layers: int | Layer) -> Network:
    """A network of layers, each connected all-to-all to the next.

    ::

        chain(5, 200, 3)                              # input -> hidden -> output, 5 channels, LIF neurons
        chain(784, 350, Layer(10, kind="li"))         # the output does not spike
        chain(100, Layer(128, recurrent=True), 10)    # input -> hidden, hidden -> hidden, hidden -> output

    Parameters
    ----------
    inputs
        Number of channels, of an input that is called ``"input"``; or an `Input` of another name.
    layers
        A number stands for a `Layer` of so many LIF neurons. The last one is called ``"output"``, the one before it
        ``"hidden"``, or ``"hidden1"``, ``"hidden2"``, ... if there are several, unless they have names.

    Returns
    -------
    Network
        Its projections, named ``"pre->post"``, go from layer to layer; a recurrent one follows that into its layer.

    Raises
    ------
    InvalidInput
        If there is no layer, one that does not spike is not the last, or a size, kind, name or delay is wrong.
    """
    first = inputs if isinstance(inputs, Input) else Input("input", inputs)
    known = [layer if isinstance(layer, Layer) else Layer(layer) for layer in layers]
    if not known:
        raise InvalidInput("layers", [], "at least one layer")
    names = [layer.name or _name(place, len(known)) for place, layer in enumerate(known)]
    projections = []
    for pre, post, layer in zip([first.name, *names], names, known, strict=False):
        projections.append(Projection(pre, post, layer.delay))
        if layer.recurrent:
            projections.append(Projection(post, post, layer.recurrent_delay))
    populations = [Population(name, layer.size, layer.kind) for name, layer in zip(names, known, strict=True)]
    return Network((first,), tuple(populations), tuple(projections))


def normal_weights(network: Network, moments: Any, seed: int) -> dict[str, Array]:
    """Weights from a normal distribution, by projection; the same seed draws the same weights.

    Parameters
    ----------
    network : Network
        The weights are drawn projection by projection in its order, by ``numpy.random.default_rng(seed)``.
    moments : pair (mean, standard deviation), or mapping from names of projections to such pairs
        One for all weights, or one for each projection; standard deviations are >= 0.
    seed : int
        >= 0.

    Returns
    -------
    dict from projection name to float64 array of the shape of its weights

    Raises
    ------
    InvalidInput
        If a projection has no pair, a pair is no two numbers, or the seed is negative.
    """
    random, weights = np.random.default_rng(integer("seed", seed, low=0)), {}
    for name, shape, pair in by_projection("moments", network, moments):
        mean, deviation = _moments(f"moments.{name}", pair)
        weights[name] = random.normal(mean, deviation, shape)
    return weights


def constant_weights(network: Network, values: Any) -> dict[str, Array]:
    """Constant weights: one number for all synapses, or one for each projection.

    Parameters
    ----------
    network : Network
    values : number, or mapping from names of projections to numbers
        One for all weights, or one for each projection.

    Returns
    -------
    dict from projection name to array of the shape of its weights: float64, or objects where a number is a Decimal

    Raises
    ------
    InvalidInput
        If a projection has no value, or a value is not finite.
    """
    given = by_projection("values", network, values)
    return {name: np.full(shape, scalar(f"values.{name}", value)) for name, shape, value in given}


def _name(place: int, n_layers: int) -> str:
    if place == n_layers - 1:
        return "output"
    return "hidden" if n_layers == 2 else f"hidden{place + 1}"


def by_projection(field: str, network: Network, given: Any) -> Iterator[tuple[str, tuple[int, ...], Any]]:
    """Name, shape of the weights, and given value of each projection."""
    if not isinstance(network, Network):
        raise InvalidInput("network", network, "a Network")
    names = [p.name for p in network.projections]
    if isinstance(given, Mapping) and set(given) != set(names):
        raise InvalidInput(field, list(given), f"one value for all projections, or one for each of {names}")
    for projection in network.projections:
        own = given[projection.name] if isinstance(given, Mapping) else given
        yield projection.name, network.weight_shape(projection), own


def _moments(field: str, pair: Any) -> tuple[float, float]:
    try:
        mean, deviation = pair
    except (TypeError, ValueError):
        raise InvalidInput(field, pair, "a pair (mean, standard deviation)") from None
    return float(scalar(f"{field}, mean", mean)), float(nonnegative(f"{field}, standard deviation", deviation))
