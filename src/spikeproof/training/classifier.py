"""A classifier: a network with its initial parameters, a readout, and what of it is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spikeproof.arguments import function, instance, members
from spikeproof.engine import Wanted
from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.numbers import Array, Float64Array
from spikeproof.parameters import Parameters
from spikeproof.problem import Problem
from spikeproof.solution import Gradients
from spikeproof.training.learned import Learned, with_learned
from spikeproof.training.readout import Readout, Regression, has_classes
from spikeproof.training.samples import Samples


@dataclass(frozen=True)
class Classifier:
    """A network whose weights are trained, with its initial parameters and a readout; more of it is if asked for.

    The optimiser sees the weights of all projections as one vector, in the order of the network's projections, and
    behind them what else is learned, each number divided by its scale.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        Initial weights, in binary64, and the neuron parameters, which are not trained unless they are in `learned`.
    readout : Readout, or Regression
    learned : sequence of Learned
        Neuron parameters and delays that are trained too. Each step then takes the gradients of all parameters, which
        is slower.

    Raises
    ------
    InvalidInput
        If the parameters do not fit the network or hold decimals, the readout is none or reads another population, or
        what is to be learned is not there, is named twice, starts beyond its walls, or has walls within which a number
        is not allowed, such as a reset above a threshold.
    """

    network: Network
    parameters: Parameters
    readout: Readout | Regression
    learned: Sequence[Learned] = ()

    def __post_init__(self) -> None:
        instance("network", self.network, Network)
        function("readout.loss", getattr(self.readout, "loss", None))
        if has_classes(self.readout):
            function("readout.classes", self.readout.classes)
        self.network.population(getattr(self.readout, "population", ""))
        parameters = instance("parameters", self.parameters, Parameters).checked(self.network)
        if any(w.dtype != np.float64 for w in parameters.weights.values()):
            raise InvalidInput("parameters.weights", "decimals", "binary64: training has no use for more digits")
        object.__setattr__(self, "parameters", parameters)
        learned = members("learned", self.learned, "a sequence of Learned")
        object.__setattr__(self, "learned", tuple(instance("learned", part, Learned) for part in learned))
        names = [(part.of, part.name) for part in self.learned]
        for name in names:
            if names.count(name) > 1:
                raise InvalidInput("learned", name, "every parameter named once")
        self._check_walls()

    def _check_walls(self) -> None:
        """Raise `InvalidInput` if a combination of numbers on their walls is not allowed."""
        for part in self.learned:
            part.initial(self.network, self.parameters)
        for at_threshold, elsewhere in (("low", "high"), ("low", "low")):
            walls = []
            for part in self.learned:
                wall = getattr(part, at_threshold if part.name == "v_th" else elsewhere)
                walls.append((part, np.full(part.size(self.network), wall)))
            network, neurons = with_learned(self.network, self.parameters.neurons, walls)
            Parameters(self.parameters.weights, neurons).checked(network)

    @property
    def wanted(self) -> Wanted:
        """The gradients that a training step takes: of the weights, or of all if more is learned."""
        return "all" if self.learned else "weights"

    def start(self) -> Float64Array:
        """The initial weights, and what else is learned, as one vector, a new one each time."""
        weights = self.joined(self.parameters.weights)
        if not self.learned:
            return weights
        return np.concatenate([weights, *(p.initial(self.network, self.parameters) / p.scale for p in self.learned)])

    def gradient(self, gradients: Gradients) -> Float64Array:
        """The derivative of the loss by the vector that the optimiser sees.

        Raises
        ------
        InvalidInput
            If a gradient is missing, or an array has another shape.
        """
        weights = self.joined(gradients.weights)
        if not self.learned:
            return weights
        return np.concatenate([weights, *(part.scale * part.gradient(gradients) for part in self.learned)])

    def numbers(self, vector: Float64Array) -> list[tuple[Learned, Float64Array]]:
        """Each `Learned` with its numbers in such a vector, none of them beyond its walls."""
        found, start = [], self._n_weights
        for part in self.learned:
            stop = start + part.size(self.network)
            found.append((part, np.clip(part.scale * vector[start:stop], part.low, part.high)))
            start = stop
        return found

    def put_within_walls(self, vector: Float64Array) -> None:
        """Put each number of such a vector that has passed a wall on it, in place."""
        start = self._n_weights
        for part in self.learned:
            own = vector[start : start + part.size(self.network)]
            np.clip(own, part.low / part.scale, part.high / part.scale, out=own)
            start += len(own)

    def trained(self, vector: Float64Array) -> tuple[Network, Parameters]:
        """The network and its parameters with the numbers of such a vector.

        Raises
        ------
        InvalidInput
            If the vector has another length.
        """
        if self.learned:
            length = self._n_weights + sum(part.size(self.network) for part in self.learned)
            if not isinstance(vector, np.ndarray) or vector.shape != (length,):
                given = f"shape {vector.shape}" if isinstance(vector, np.ndarray) else vector
                raise InvalidInput(
                    "vector", given, f"an array of shape ({length},): the weights and what else is learned"
                )
            weights = self.split(vector[: self._n_weights])
        else:
            weights = self.split(vector)
        network, neurons = with_learned(self.network, self.parameters.neurons, self.numbers(vector))
        return network, Parameters(weights, neurons)

    @property
    def _n_weights(self) -> int:
        return len(self.parameters.flat())

    def joined(self, weights: Mapping[str, Array]) -> Float64Array:
        """Weights, or gradients, of all projections as one vector in binary64.

        Raises
        ------
        InvalidInput
            If a projection is missing, or an array has another shape.
        """
        names = [p.name for p in self.network.projections]
        if not isinstance(weights, Mapping) or not all(isinstance(weights.get(name), np.ndarray) for name in names):
            raise InvalidInput("weights", weights, f"arrays by projection: {names}")
        parts = [weights[name].ravel() for name in names]
        return np.concatenate([np.zeros(0), *parts]).astype(np.float64, copy=False)

    def split(self, vector: Float64Array) -> dict[str, Float64Array]:
        """The weights by projection, as views of a vector of all weights."""
        return self.network.split(vector)

    def problem(self, vector: Float64Array, samples: Samples) -> Problem:
        """The problem of these samples with the numbers of such a vector."""
        instance("samples", samples, Samples)
        network, parameters = self.trained(vector)
        return Problem(network, parameters, samples.stimulus, self.readout.loss(samples.answers))
