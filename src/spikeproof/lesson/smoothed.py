"""The smoothed step: a network whose S is a sigmoid of V, and the exact gradient of that network."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spikeproof.lesson.derivatives import WeightDerivatives
from spikeproof.lesson.estimator import Estimate, Stopwatch
from spikeproof.lesson.on_discrete import OnDiscreteNetwork
from spikeproof.numbers import positive
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class SmoothedStep(OnDiscreteNetwork):
    """The exact gradient of the discrete network with ``S = 1 / (1 + exp(-beta (V - v_th)))``, forward and backward.

    Parameters
    ----------
    dt : float
        Step, > 0, in the unit of the time constants; it divides the duration and every delay.
    beta : float
        Steepness, > 0, in 1/V; as it grows the network becomes the discrete one with the hard step.
    synapse : ``"exponential"`` or ``"delta"``
    name : str

    Raises
    ------
    InvalidInput
        If an argument is outside its range.

    Notes
    -----
    Every neuron sends a number in every step, and the reset takes a fraction of V away: answers have no spikes, and
    the count of an estimate is the sum of all S.
    """

    beta: float
    name: str = field(default="smoothed", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "beta", float(positive("beta", self.beta)))

    def answer(self, problem: Problem) -> Solution:
        """The smoothed network's loss and observed numbers.

        Raises
        ------
        InvalidInput
            If the problem is none that the discrete network serves.
        """
        network = self.discrete(problem)
        trace = network.run_smoothed(self.beta)
        reading = None if problem.loss is None else network.read(trace)
        return network.solution(self.name, network.answer(trace, reading))

    def estimate(self, problem: Problem) -> Estimate:
        """The gradient of the loss of the smoothed network, exact to rounding.

        Parameters
        ----------
        problem : Problem
            It has a loss, of potentials of leaky integrators.

        Returns
        -------
        Estimate

        Raises
        ------
        InvalidInput
            If the problem is none that the discrete network serves.
        """
        watch, network = Stopwatch(), self.discrete(problem)
        trace = network.run_smoothed(self.beta)
        reading = network.read(trace)
        derivatives = WeightDerivatives(network, shape="sigmoid", slope=self.beta)
        derivatives.add(network, trace, reading.neurons, reading.of_mean())
        gradients = network.by_projection(derivatives.total)
        solution = network.solution(self.name, network.answer(trace, reading))
        assert solution.loss is not None
        spikes = float(np.sum(trace.s)) / problem.stimulus.n_samples
        return Estimate(solution.loss, gradients, watch.cost(1, 1), spikes, solution)
