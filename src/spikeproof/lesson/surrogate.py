"""Surrogate gradients: the hard step forward, a smoothed derivative in its place backward."""

from __future__ import annotations

from dataclasses import dataclass, field

from spikeproof.arguments import choice
from spikeproof.errors import InvalidInput
from spikeproof.lesson.derivatives import WeightDerivatives
from spikeproof.lesson.estimator import Estimate, Stopwatch
from spikeproof.lesson.on_discrete import OnDiscreteNetwork
from spikeproof.lesson.shapes import SHAPES, Shape
from spikeproof.numbers import positive
from spikeproof.problem import Problem


@dataclass(frozen=True)
class SurrogateGradient(OnDiscreteNetwork):
    """The gradient of the discrete network with a surrogate h(V - v_th) in the place of the derivative of the step.

    Parameters
    ----------
    dt : float
        Step, > 0, in the unit of the time constants; it divides the duration and every delay.
    shape : ``"super_spike"``, ``"sigmoid"``, ``"triangle"`` or ``"arctan"``
        See `spikeproof.lesson.shapes`.
    slope : float
        Slope of the shape, > 0, in 1/V.
    reset_gradient : bool
        False takes S in the reset for a constant ("detached").
    synapse : ``"exponential"`` or ``"delta"``
    name : str

    Raises
    ------
    InvalidInput
        If an argument is outside its range.

    Notes
    -----
    Forward it is exactly the discrete network, backward the derivative of another function, or of none: see
    `spikeproof.lesson.kernels.backward`. Nothing is left out where h is small.

    References
    ----------
    Neftci, Mostafa and Zenke (2019), IEEE Signal Processing Magazine 36, 51.
    """

    shape: Shape = "super_spike"
    slope: float = 25.0
    reset_gradient: bool = True
    name: str = field(default="surrogate", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        choice("shape", self.shape, *SHAPES)
        object.__setattr__(self, "slope", float(positive("slope", self.slope)))
        if not isinstance(self.reset_gradient, bool):
            raise InvalidInput("reset_gradient", self.reset_gradient, "True or False")

    def estimate(self, problem: Problem) -> Estimate:
        """The surrogate gradient of the loss of `problem`.

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
        n_samples, answers = problem.stimulus.n_samples, []
        derivatives = WeightDerivatives(
            network, shape=self.shape, slope=self.slope, reset_gradient=self.reset_gradient
        )  # fmt: skip
        for part in network.parts():
            trace = part.run()
            reading = part.read(trace)
            derivatives.add(part, trace, reading.neurons, reading.d_v / n_samples)
            answers.append(part.answer(trace, reading))
        solution, gradients = network.solution(self.name, *answers), network.by_projection(derivatives.total)
        assert solution.loss is not None
        return Estimate(solution.loss, gradients, watch.cost(1, 1), len(solution.spikes) / n_samples, solution)
