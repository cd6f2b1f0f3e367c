"""Numbers that are trained beside the weights: neuron parameters and delays, each within its walls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.neuron_parameters import NEURON_PARAMETERS
from spikeproof.numbers import Array, Float64Array, is_exact, nonnegative, positive, scalar
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.solution import Gradients

DELAY = "delay"


@dataclass(frozen=True)
class Learned:
    """A neuron parameter of a population, or the delay of a projection, that is trained beside the weights.

    Parameters
    ----------
    of
        Name of the population, or of the projection.
    name
        ``"tau_mem"``, ``"tau_syn"``, ``"v_th"``, ``"v_reset"``, ``"bias"``, ``"v_init"``, ``"i_init"``, ``"t_ref"`` of
        a population; ``"delay"`` of a projection.
    low, high
        The walls: after each step a number beyond one of them is put on it. Finite, low < high; those of time constants
        and thresholds > 0, those of delays and refractory times >= 0.
    shared
        True: all neurons of the population have one number in common; False: each has its own. A delay is one number.
    scale
        Unit in which the optimiser sees the number, > 0: a step of Adam changes it by about ``rate * scale``.

    Raises
    ------
    InvalidInput
        If a name is no text or unknown, or a number is outside its range.
    """

    of: str
    name: str
    low: float
    high: float
    shared: bool = False
    scale: float = 1.0

    def __post_init__(self) -> None:
        instance("learned.of", self.of, str)
        known = {p.name: p for p in NEURON_PARAMETERS}
        if not isinstance(self.name, str) or self.name not in (*known, DELAY):
            raise InvalidInput("learned.name", self.name, f"one of {[*known, DELAY]}")
        if not isinstance(self.shared, bool):
            raise InvalidInput("learned.shared", self.shared, "True or False")
        object.__setattr__(self, "scale", float(positive("learned.scale", self.scale)))
        for field in ("low", "high"):
            value = float(scalar(f"learned.{field}", getattr(self, field)))
            if self.name == DELAY:
                nonnegative(f"learned.{field}", value)
            elif not known[self.name].range.holds(value):
                raise InvalidInput(f"learned.{field}", value, known[self.name].range.allowed)
            object.__setattr__(self, field, value)
        if self.low >= self.high:
            raise InvalidInput("learned.low", self.low, f"a number below the other wall, {self.high}")

    @property
    def place(self) -> str:
        """The place of it, in the words of an error."""
        return f"learned, {self.name} of {self.of!r}"

    def size(self, network: Network) -> int:
        """How many numbers it is; raises `InvalidInput` if the network has no such parameter."""
        if self.name == DELAY:
            if self.of not in [p.name for p in network.projections]:
                raise InvalidInput("learned.of", self.of, f"a projection: {[p.name for p in network.projections]}")
            return 1
        population = network.population(self.of)
        kinds = next(p.kinds for p in NEURON_PARAMETERS if p.name == self.name)
        if population.kind not in kinds:
            raise InvalidInput("learned.name", self.name, "a parameter that leaky integrators have")
        return 1 if self.shared else population.size

    def initial(self, network: Network, parameters: Parameters) -> Float64Array:
        """The numbers before the training, from checked parameters."""
        size = self.size(network)
        if self.name == DELAY:
            values, whole = next(p.delay for p in network.projections if p.name == self.of), 1
        else:
            values, whole = getattr(parameters.neurons[self.of], self.name), network.population(self.of).size
        if is_exact(values):
            raise InvalidInput(self.place, "decimals", "binary64: training has no use for more digits")
        given = np.broadcast_to(np.asarray(values, dtype=np.float64), whole)
        if self.shared and np.any(given != given[0]):
            raise InvalidInput(self.place, given.tolist(), "one number for all neurons, if it is shared")
        if np.any((given < self.low) | (given > self.high)):
            raise InvalidInput(self.place, given.tolist(), f"initial numbers from {self.low} to {self.high}")
        return np.array(given[:size])

    def gradient(self, gradients: Gradients) -> Float64Array:
        """The derivative of the loss by these numbers."""
        if self.name == DELAY:
            found = None if gradients.delays is None else gradients.delays.get(self.of)
        else:
            neurons = None if gradients.neurons is None else gradients.neurons.get(self.of)
            found = None if neurons is None else getattr(neurons, self.name)
        if found is None:
            raise InvalidInput("engine", f"no gradient of {self.name} of {self.of!r}", "one that returns it")
        whole = np.asarray(found, dtype=np.float64)
        return np.array([np.sum(whole)]) if self.shared or self.name == DELAY else whole


def with_learned(
    network: Network, neurons: Mapping[str, NeuronParameters], numbers: Sequence[tuple[Learned, Array]]
) -> tuple[Network, dict[str, NeuronParameters]]:
    """A network and neuron parameters in which learned numbers have taken the place of the initial ones."""
    found, delays = dict(neurons), {}
    for learned, values in numbers:
        if learned.name == DELAY:
            delays[learned.of] = float(values[0])
        else:
            own: Any = float(values[0]) if learned.shared else values.copy()
            found[learned.of] = replace(found[learned.of], **{learned.name: own})
    if not delays:
        return network, found
    moved = [replace(p, delay=delays.get(p.name, p.delay)) for p in network.projections]
    return replace(network, projections=tuple(moved)), found
