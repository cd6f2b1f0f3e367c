"""The common part of estimators on the discrete network: step and synapse, refusals, the answer of the hard step."""

from __future__ import annotations

from dataclasses import dataclass, field

from spikeproof.arguments import choice, instance
from spikeproof.lesson.discrete import Discrete
from spikeproof.lesson.tables import Synapse
from spikeproof.numbers import positive
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class OnDiscreteNetwork:
    """An estimator that computes with the discrete network.

    Parameters
    ----------
    dt : float
        Step, > 0, in the unit of the time constants; it divides the duration and every delay.
    synapse : ``"exponential"`` or ``"delta"``
        By name alone.
    name : str
        By name alone.

    Raises
    ------
    InvalidInput
        If an argument is outside its range.
    """

    dt: float
    synapse: Synapse = field(default="exponential", kw_only=True)
    name: str = field(default="discrete", kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dt", float(positive("dt", self.dt)))
        choice("synapse", self.synapse, "exponential", "delta")
        instance("name", self.name, str)

    def unsupported(self, problem: Problem) -> str | None:
        """Why this estimator cannot serve `problem`; None if it can."""
        return Discrete.unsupported(problem, self.dt, self.synapse)

    def discrete(self, problem: Problem) -> Discrete:
        """The discrete network of `problem`.

        Raises
        ------
        InvalidInput
            If the problem is none that it serves.
        """
        return Discrete(problem, self.dt, self.synapse)

    def answer(self, problem: Problem) -> Solution:
        """The spikes of the hard step, the loss and the observed numbers.

        Raises
        ------
        InvalidInput
            If the problem is none that the discrete network serves.
        """
        network = self.discrete(problem)
        traces = ((part, part.run()) for part in network.parts())
        answers = [part.answer(trace, None if part.loss is None else part.read(trace)) for part, trace in traces]
        return network.solution(self.name, *answers)
