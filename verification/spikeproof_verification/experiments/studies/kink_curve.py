"""The largest V of one leaky integrator as an inhibitory input spike moves through its rise and fall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

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
from spikeproof.losses import MaxVoltage, PerSample
from spikeproof.numbers import Array
from spikeproof_verification.experiments.studies.study import Row

RULES: tuple[Literal["complete", "published"], ...] = ("complete", "published")
WEIGHTS, DURATION = [[6.0], [-7.0]], 40.0  # excitation at t = 0, inhibition at a time that moves


@dataclass(frozen=True)
class LargestVoltage(PerSample):
    """The sum of the largest V of a population's neurons: a loss as a user writes it."""

    population: str
    rule: Literal["complete", "published"] = "complete"
    per_sample: ClassVar[tuple[str, ...]] = ()

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
    complete, published = (EventEngine().solve(problem(times, rule), gradients="weights") for rule in RULES)
    assert complete.gradients is not None
    assert published.gradients is not None
    assert complete.sample_losses is not None
    for k, time in enumerate(times):
        moved = 2 * k + 1  # every sample has two input spikes; the loss is the mean over samples
        yield {
            "time": float(time),
            "largest": float(complete.sample_losses[k]),
            "complete": float(complete.gradients.input_times[moved] * n_points),
            "published": float(published.gradients.input_times[moved] * n_points),
        }


def problem(times: Array, rule: Literal["complete", "published"]) -> Problem:
    """One sample for each time of the inhibitory spike."""
    network = Network((Input("in", 2),), (Population("readout", 1, "li"),), (Projection("in", "readout"),))
    parameters = Parameters({"in->readout": WEIGHTS}, {"readout": NeuronParameters(tau_mem=20.0, tau_syn=5.0)})
    stimulus = Stimulus.of_samples([([0.0, t], [0, 1]) for t in times], DURATION)
    return Problem(network, parameters, stimulus, LargestVoltage("readout", rule))
