"""The mp engine: event-driven solution, loss and gradients to any number of digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spikeproof.arguments import choice, instance
from spikeproof.engine import Wanted, check_wanted, only
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof_reference.mp.adjoint import adjoint
from spikeproof_reference.mp.forward import EVENT_LIMIT, forward
from spikeproof_reference.mp.losses.evaluate import evaluate, unsupported_part
from spikeproof_reference.mp.model import model_of
from spikeproof_reference.mp.parameter import numbering_of
from spikeproof_reference.mp.precision import working_context
from spikeproof_reference.mp.result import as_array, by_term, mean_gradients, spikes_of
from spikeproof_reference.mp.sensitivity import pushed_forward
from spikeproof_reference.mp.totals import no_totals


@dataclass(frozen=True)
class MpEngine:
    """Exact event-driven solution and gradient in mpmath.

    Parameters
    ----------
    dps
        Decimal digits of the results, >= 15.
    gradient
        ``"adjoint"``: backward over the stored events; ``"sensitivity"``: the derivatives of V, I and all spike times
        are carried forward. Two derivations of the same numbers.
    event_limit
        Most events (spikes and arrivals) of one sample; `EventLimitExceeded` beyond.

    Notes
    -----
    Accuracy: 30 guard digits are carried above `dps`, and more where tau_mem and tau_syn nearly agree. Results have
    an error of at most ``10**-dps`` relative to their size as long as their conditioning, which
    `rounding_sensitivity` measures in units of roundoff, stays below 1e20. A spike whose time is less certain than
    ``10**-(dps + 10)``, relative to the shortest time constant or to the time if that is longer, raises
    `GrazingSpike`.

    The numbers of a problem may lie beyond the range of binary64: float64 only guesses where a search starts.

    Binary64 numbers of the problem enter exactly, Decimals with all their digits. Functions of the user are called
    with arrays of `spikeproof_reference.mp.losses.number.Number`, and serve float64 and this engine alike if they are
    written with arithmetic operators and NumPy's elementary functions; what would compute with fewer digits is refused.
    """

    dps: int = 50
    gradient: Literal["adjoint", "sensitivity"] = "adjoint"
    event_limit: int = EVENT_LIMIT
    name: str = "mp"

    def __post_init__(self) -> None:
        instance("name", self.name, str)
        integer("dps", self.dps, low=15)
        integer("event_limit", self.event_limit, low=1)
        choice("gradient", self.gradient, "adjoint", "sensitivity")

    def unsupported(self, problem: Problem) -> str | None:
        """Why this engine cannot solve `problem`; None if it can."""
        instance("problem", problem, Problem)
        part = None if problem.loss is None else unsupported_part(problem.loss)
        if part is None:
            return None
        return f"no high-precision form of the loss {type(part).__name__} is registered"

    def solve(self, problem: Problem, gradients: Wanted = "all") -> Solution:
        """Spikes of `problem`, and, if it has a loss, its value, what it observed, and its gradients: mpmath numbers.

        `gradients` is that of `spikeproof.Engine`; None takes no adjoint pass.

        Raises
        ------
        EventLimitExceeded
            If a sample has more than ``event_limit`` events.
        GrazingSpike
            If a peak of V cannot be told from the threshold, or Vdot from 0, at the working precision.
        InvalidInput
            If a spike follows an event so soon that the working precision cannot tell their times apart; or if the
            user's own function returns anything but finite numbers of the right shapes, or loses digits.
        NotImplementedError
            If `unsupported` names a reason.
        """
        check_wanted(gradients)
        reason = self.unsupported(problem)
        if reason:
            raise NotImplementedError(reason)
        ctx = working_context(self.dps)
        model = model_of(problem, ctx, self.dps)
        tapes = [forward(model, s, self.event_limit) for s in range(problem.stimulus.n_samples)]
        v_end, i_end = (
            as_array([x for t in tapes for x in getattr(t, f)], (len(tapes), -1)) for f in ("v_end", "i_end")
        )
        if problem.loss is None:
            return Solution(self.name, problem, spikes_of(tapes), v_end, i_end)
        totals, losses, observed = no_totals(model), [], []
        numbering = numbering_of(problem.dense()) if self.gradient == "sensitivity" else None
        for tape in tapes:
            loss = evaluate(problem, tape, slopes=gradients is not None)
            losses.append(loss.value)
            observed.append(loss.observed)
            if gradients is None:
                continue
            if numbering is None:
                adjoint(tape, loss, totals)
            else:
                pushed_forward(tape, loss, totals, numbering)
        mean, seen = sum(losses, ctx.zero) / len(losses), by_term(observed)
        found = None if gradients is None else only(mean_gradients(problem, totals), gradients)
        return Solution(self.name, problem, spikes_of(tapes), v_end, i_end, mean, as_array(losses), found, seen)
