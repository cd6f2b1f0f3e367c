"""The event engine: float64, event-driven, exact spike times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spikeproof.arguments import choice, instance
from spikeproof.errors import InvalidInput
from spikeproof.event.batch import Batch, Part
from spikeproof.event.forward import forward
from spikeproof.event.losses import evaluation
from spikeproof.event.replay import Replay, Wanted
from spikeproof.event.run import Run
from spikeproof.losses import Loss, is_separable, of_samples
from spikeproof.losses.checked import mean
from spikeproof.numbers import Float64Array, IntArray, integer, quiet
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof.threads import in_threads


@dataclass(frozen=True)
class EventEngine:
    """Exact event-driven solution and adjoint in float64.

    Parameters
    ----------
    threads
        Threads that share the samples of a batch; the result has the same bits for any number. Where several samples
        are refused for different reasons, the number may decide which of them is named.
    event_limit
        Most events (spikes and arrivals) of one sample; `EventLimitExceeded` beyond.
    wanted
        ``"all"``: gradients of all parameters; ``"weights"``: of weights and input spike times alone, which takes
        less time.

    Notes
    -----
    Where neurons act on each other, all of them are taken from one event of their component to the next, and the
    rounding errors of these steps add up like a random walk: while V remembers n events, it loses about ``sqrt(n)``
    times eps of its size. Spike times have been off by 0.04 sqrt(n) eps (t + 1/Vdot), root mean square, and by five
    times as much at the most: by 10 and 46 for n = 59 000. Errors of earlier spikes add to that.

    Spikes come in the order in which they were found: by component of the network in topological order, and by
    time within a component.
    """

    threads: int = 1
    event_limit: int = 1_000_000
    wanted: Wanted = "all"
    name: str = "event"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        integer("threads", self.threads, low=1, high=1024)
        integer("event_limit", self.event_limit, low=1, high=2**30)
        choice("wanted", self.wanted, "all", "weights")

    @quiet
    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        instance("problem", problem, Problem)
        try:
            Batch.of(problem.rounded(), self.event_limit)
        except InvalidInput as error:
            return str(error)
        return None

    @quiet
    def run(self, problem: Problem) -> Run:
        """Forward pass alone; the result pulls back any function of the spike times."""
        batch = Batch.of(instance("problem", problem, Problem).rounded(), self.event_limit)
        return self._run(batch, batch.shares(self.threads))

    @quiet
    def solve(self, problem: Problem) -> Solution:
        """Spikes of `problem`, and loss and gradients if it has a loss.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        GrazingSpike
            If the gradient is asked for at a spike with Vdot = 0.
        InvalidInput
            If a current, the loss or a derivative overflows binary64; if the user's own function returns anything but
            finite numbers of the right shapes; if the loss is an integral that does not converge; or if binary64 cannot
            hold the problem: see `spikeproof.event.limits`.
        """
        batch = Batch.of(instance("problem", problem, Problem).rounded(), self.event_limit)
        bounds, loss = batch.shares(self.threads), batch.problem.loss
        if loss is None:
            run = self._run(batch, bounds)
            solution = Solution(self.name, problem, run.spikes, run.v_end, run.i_end)
        else:
            replay = Replay(batch, bounds, self.wanted)
            of_batch = self._by_parts if is_separable(loss) else self._on_the_batch
            run, values = of_batch(batch, bounds, loss, replay)
            average, gradients = mean(values), replay.gradients()
            solution = Solution(self.name, problem, run.spikes, run.v_end, run.i_end, average, values, gradients)
        run.discard()
        return solution

    def _run(self, batch: Batch, bounds: list[IntArray]) -> Run:
        parts = in_threads(self.threads, lambda own: forward(batch, own), bounds)
        return Run(batch, tuple(parts), self.threads)

    def _on_the_batch(
        self, batch: Batch, bounds: list[IntArray], loss: Loss, replay: Replay
    ) -> tuple[Run, Float64Array]:
        """The run and its losses; all parts wait for the loss between their forward and their backward pass."""
        run = self._run(batch, bounds)
        found = evaluation(loss, run)
        run.replayed(replay, 0, found.d_spike, found.sources)
        return run, found.values

    def _by_parts(self, batch: Batch, bounds: list[IntArray], loss: Loss, replay: Replay) -> tuple[Run, Float64Array]:
        """The same; each part goes all the way by itself."""

        def part(number: int) -> tuple[Part, Float64Array]:
            run = Run(batch, (forward(batch, bounds[number]),), threads=1)
            found = evaluation(of_samples(loss, run.first, run.last), run)
            run.replayed(replay, number, found.d_spike, found.sources)
            return run.parts[0], found.values

        parts, values = zip(*in_threads(self.threads, part, range(len(bounds))), strict=True)
        return Run(batch, parts, self.threads), np.concatenate(values)
