"""The event engine: float64, event-driven, exact spike times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from spikeproof.arguments import choice, instance
from spikeproof.engine import Wanted, check_wanted
from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof.event.batch import Batch, Part
from spikeproof.event.forward import forward
from spikeproof.event.losses import Evaluation, evaluation
from spikeproof.event.replay import Replay
from spikeproof.event.run import Run
from spikeproof.event.until import forward_until, views_of
from spikeproof.losses import Loss, is_separable, selected
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
        are refused for different reasons, the number of threads may decide which one is named. A loss that can be taken
        apart by samples (`spikeproof.losses.Loss.select`) is evaluated by all threads.
    event_limit
        Largest number of events (spikes and arrivals) of one sample; `EventLimitExceeded` beyond.
    until
        ``"end"``: every sample is followed to T. ``"loss"``: until its loss is determined, which takes less time where
        that is early; loss and gradients have the same bits. `Solution.until` says how far that is. Losses that see all
        of [0, T], or do not say how far they see (`spikeproof.losses.horizon_of`), and networks with sparse layers, or
        large sparse recurrent components with delays, are followed to T all the same.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    Notes
    -----
    Where neurons act on each other, all of them are taken from one event of their component to the next, and the
    rounding errors of these steps add up like a random walk: while V remembers n events, it loses about ``sqrt(n)``
    times eps of its size. Spike times have been off by 0.04 sqrt(n) eps (t + 1/Vdot), root mean square, and by five
    times as much at the most: by 10 and 46 for n = 59 000. Errors of earlier spikes add to that.

    What is refused in a run to the end but happens only after the loss is determined, such as a spike that grazes its
    threshold, an event limit or an overflow, is not seen by a run until then.

    Spikes come in the order in which they were found: by component of the network in topological order, and by
    time within a component.
    """

    threads: int = 1
    event_limit: int = 1_000_000
    name: str = "event"
    until: Literal["loss", "end"] = "end"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        integer("threads", self.threads, low=1, high=1024)
        integer("event_limit", self.event_limit, low=1, high=2**30)
        choice("until", self.until, "loss", "end")

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
    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients.

        Parameters
        ----------
        problem
            What is solved.
        gradients
            ``"all"``: of all parameters; ``"weights"``: of weights and input spike times alone, which takes less time;
            None: none, which takes no adjoint pass.

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
        check_wanted(gradients)
        batch = Batch.of(instance("problem", problem, Problem).rounded(), self.event_limit)
        bounds, loss = batch.shares(self.threads), batch.problem.loss
        if loss is None:
            run = self._run(batch, bounds)
            solution = Solution(self.name, problem, run.spikes, run.v_end, run.i_end)
        else:
            found = self._by_parts(batch, bounds, loss, gradients) if is_separable(loss) else None
            run, values, observed, replay = found or self._on_the_batch(batch, bounds, loss, gradients)
            average, derivatives = mean(values), None if replay is None else replay.gradients()
            ends = run.v_end, run.i_end
            solution = Solution(
                self.name, problem, run.spikes, *ends, average, values, derivatives, observed, run.until
            )
        run.discard()
        return solution

    def _run(self, batch: Batch, bounds: list[IntArray], loss: Loss | None = None) -> Run:
        forward = self._forward(batch, loss)
        parts = in_threads(self.threads, forward, bounds)
        return Run(batch, tuple(parts), self.threads)

    def _forward(self, batch: Batch, loss: Loss | None) -> Callable[[IntArray], Part]:
        """The forward pass of the samples of some chunks, as far as `loss` has to see them."""
        views = None if loss is None or self.until == "end" else views_of(batch, loss)
        if views is None:
            return lambda bounds: forward(batch, bounds)
        return lambda bounds: forward_until(batch, bounds, views)

    def _on_the_batch(self, batch: Batch, bounds: list[IntArray], loss: Loss, wanted: Wanted) -> _Evaluated:
        """Evaluate the loss on the whole batch, between the forward and the backward pass of all parts."""
        run, replay = self._run(batch, bounds, loss), _replay(batch, bounds, wanted)
        found = evaluation(loss, run, slopes=replay is not None)
        if replay is not None:
            run.replayed(replay, 0, found.d_spike, found.sources)
        return _Evaluated(run, found.values, tuple(found.observed), replay)

    def _by_parts(self, batch: Batch, bounds: list[IntArray], loss: Loss, wanted: Wanted) -> _Evaluated | None:
        """Evaluate the loss on each part, between its own passes; None if the loss of a part is refused.

        On the batch it is refused again, by the numbers of samples and spikes in the batch.
        """
        replay, forward = _replay(batch, bounds, wanted), self._forward(batch, loss)

        def part(number: int) -> tuple[Part, Evaluation]:
            run = Run(batch, (forward(bounds[number]),), threads=1)
            own = loss if len(bounds) == 1 else selected(loss, np.arange(run.first, run.last))
            found = evaluation(own, run, slopes=replay is not None)
            if replay is not None:
                run.replayed(replay, number, found.d_spike, found.sources)
            return run.parts[0], found

        try:
            parts, found = zip(*in_threads(self.threads, part, range(len(bounds))), strict=True)
        except (EventLimitExceeded, GrazingSpike):
            raise
        except Exception:
            if len(bounds) == 1:
                raise
            return None
        observed = tuple(
            None if terms[0] is None else np.concatenate(terms)
            for terms in zip(*(f.observed for f in found), strict=True)
        )
        return _Evaluated(Run(batch, parts, self.threads), np.concatenate([f.values for f in found]), observed, replay)


class _Evaluated(NamedTuple):
    """A run whose loss is known; the adjoint pass is over, if there is one."""

    run: Run
    values: Float64Array
    observed: tuple[Float64Array | None, ...]
    replay: Replay | None


def _replay(batch: Batch, bounds: list[IntArray], wanted: Wanted) -> Replay | None:
    return None if wanted is None else Replay(batch, bounds, wanted)
