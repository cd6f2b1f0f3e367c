"""The event engine: float64, event-driven, exact spike times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.event.losses import evaluation
from spikeproof.event.run import Run, Wanted, run
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof.solution import Solution


@dataclass(frozen=True)
class EventEngine:
    """Exact event-driven solution and adjoint in float64.

    Parameters
    ----------
    threads
        Threads that share the samples of a batch; the result has the same bits for any number.
    event_limit
        Most events (spikes and arrivals) of one sample; `EventLimitExceeded` beyond.
    wanted
        ``"all"``: gradients of all parameters; ``"weights"``: of weights and input spike times alone, which takes
        less time.

    Notes
    -----
    Spikes come in the order in which they were found: by component of the network in topological order, and by
    time within a component.
    """

    threads: int = 1
    event_limit: int = 1_000_000
    wanted: Wanted = "all"
    name: str = "event"

    def __post_init__(self) -> None:
        integer("threads", self.threads, low=1, high=1024)
        integer("event_limit", self.event_limit, low=1, high=2**30)
        if self.wanted not in ("all", "weights"):
            raise InvalidInput("wanted", self.wanted, "'all' or 'weights'")

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        return None

    def run(self, problem: Problem) -> Run:
        """Forward pass alone; the result pulls back any function of the spike times."""
        return run(problem.rounded(), self.threads, self.event_limit)

    def solve(self, problem: Problem) -> Solution:
        """Spikes of `problem`, and loss and gradients if it has a loss.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        GrazingSpike
            If the gradient is asked for at a spike with Vdot = 0.
        InvalidInput
            If a current, the loss or its derivative overflows binary64.
        """
        forward = self.run(problem)
        spikes, loss = forward.spikes, forward.problem.loss
        if loss is None:
            forward.discard()
            return Solution(self.name, problem, spikes, forward.v_end, forward.i_end)
        found = evaluation(loss, forward)
        gradients = forward.replayed(found.d_spike, found.sources, self.wanted).gradients()
        forward.discard()
        mean = float(np.mean(found.values))
        return Solution(self.name, problem, spikes, forward.v_end, forward.i_end, mean, found.values, gradients)
