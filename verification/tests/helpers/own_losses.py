"""A small network, and losses of a user's own that return whatever they are made with."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof import Input, Layer, NeuronParameters, Parameters, Problem, Stimulus, chain

NETWORK = chain(Input("in", 2), Layer(3, recurrent=True), Layer(2, "li", name="readout"))
WEIGHTS = {
    "in->hidden": [[9.0, 4.0, 6.0], [2.0, 8.0, 5.0]],
    "hidden->hidden": np.full((3, 3), 0.25),
    "hidden->readout": [[1.0, 0.5], [0.25, -1.0], [0.5, 0.75]],
}
PARAMETERS = Parameters(WEIGHTS, {p.name: NeuronParameters(20.0, 5.0) for p in NETWORK.populations})
SAMPLES = [([1.0, 4.0], [0, 1]), ([2.0, 2.5], [1, 0]), ([3.0], [0])]


def problem(loss: Any, n_samples: int = 2, duration: float = 30.0) -> Problem:
    """Two or fewer samples of a small recurrent network with a readout."""
    return Problem(NETWORK, PARAMETERS, Stimulus.of_samples(SAMPLES[:n_samples], duration), loss)


@dataclass(frozen=True)
class OfSpikes:
    """A loss of spike times that returns ``returned(spikes)``."""

    returned: Any
    population: str = "hidden"

    def check(self, network, n_samples):
        pass

    def evaluate(self, spikes, neurons, duration):
        return self.returned(spikes)


@dataclass(frozen=True)
class OfVoltages:
    """A loss of V that returns ``returned(observed)``."""

    returned: Any
    observable: Any
    population: str = "readout"

    def check(self, network, n_samples):
        pass

    def evaluate_voltage(self, observed):
        return self.returned(observed)
