"""A classifier: a network with its initial parameters and a readout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spikeproof.arguments import function, instance
from spikeproof.errors import InvalidInput
from spikeproof.network import Network
from spikeproof.numbers import Array, Float64Array
from spikeproof.parameters import Parameters
from spikeproof.problem import Problem
from spikeproof.training.readout import Readout
from spikeproof.training.samples import Samples


@dataclass(frozen=True)
class Classifier:
    """A network whose weights are trained, with its initial parameters and a readout.

    The optimiser sees the weights of all projections as one vector, in the order of the network's projections.

    Parameters
    ----------
    network : Network
    parameters : Parameters
        Initial weights, in binary64, and the neuron parameters, which are not trained.
    readout : Readout

    Raises
    ------
    InvalidInput
        If the parameters do not fit the network or hold decimals, or the readout is none or reads another population.
    """

    network: Network
    parameters: Parameters
    readout: Readout

    def __post_init__(self) -> None:
        instance("network", self.network, Network)
        for name in ("loss", "classes"):
            function(f"readout.{name}", getattr(self.readout, name, None))
        self.network.population(getattr(self.readout, "population", ""))
        parameters = instance("parameters", self.parameters, Parameters).checked(self.network)
        if any(w.dtype != np.float64 for w in parameters.weights.values()):
            raise InvalidInput("parameters.weights", "decimals", "binary64: training has no use for more digits")
        object.__setattr__(self, "parameters", parameters)

    def start(self) -> Float64Array:
        """The initial weights as one vector, a new one each time."""
        return self.joined(self.parameters.weights)

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
        """The weights by projection, as views of such a vector."""
        return self.network.split(vector)

    def problem(self, vector: Float64Array, samples: Samples) -> Problem:
        """The problem of these samples with these weights."""
        instance("samples", samples, Samples)
        parameters = Parameters(self.split(vector), self.parameters.neurons)
        return Problem(self.network, parameters, samples.stimulus, self.readout.loss(samples.labels))
