"""The largest V of one leaky integrator as an inhibitory input spike moves through its rise and fall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spikeproof import (
    EventEngine,
    Input,
    Network,
    NeuronParameters,
    Parameters,
    Population,
    Problem,
    Projection,
    Stimulus,
)
from spikeproof.losses import MaxVoltage
from spikeproof.numbers import Array
from spikeproof_verification.studies.study import Row

WEIGHTS, DURATION = [[6.0], [-7.0]], 40.0  # excitation at t = 0, inhibition at a time that moves


@dataclass(frozen=True)
class LargestVoltage:
    """The largest V of a population's neurons, summed: a user's own loss."""

    population: str
    rule: Literal["complete", "published"] = "complete"

    @property
    def observable(self) -> MaxVoltage:
        """The maxima."""
        return MaxVoltage(self.rule)

    def check(self, network: Network, n_samples: int) -> None:
        """Raise `InvalidInput` if there is no such population."""
        network.population(self.population)

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        """The sum of the maxima and its derivatives."""
        return np.sum(observed, axis=1), np.ones(observed.shape)


def kink_curve(n_points: int = 121) -> Iterator[Row]:
    """Largest V against the time of the inhibitory spike, with its derivative by both rules."""
    times = np.linspace(0.5, 20.0, n_points)
    derivatives = {}
    for rule in ("complete", "published"):
        solution = EventEngine(wanted="weights").solve(problem(times, rule))
        assert solution.gradients is not None
        assert solution.sample_losses is not None
        derivatives[rule] = solution.gradients.input_times[1::2] * n_points  # of each sample, not of their mean
    for k, time in enumerate(times):
        yield {
            "time": float(time),
            "largest": float(solution.sample_losses[k]),
            "complete": float(derivatives["complete"][k]),
            "published": float(derivatives["published"][k]),
        }


def problem(times: Array, rule: Literal["complete", "published"]) -> Problem:
    """One sample for each time of the inhibitory spike."""
    network = Network((Input("in", 2),), (Population("readout", 1, "li"),), (Projection("in", "readout"),))
    parameters = Parameters({"in->readout": WEIGHTS}, {"readout": NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    stimulus = Stimulus.of_samples([([0.0, t], [0, 1]) for t in times], DURATION)
    return Problem(network, parameters, stimulus, LargestVoltage("readout", rule))
