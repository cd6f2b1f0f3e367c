"""Central differences of the loss in high precision, guarded against changes of the event sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spikeproof.problem import Problem
from spikeproof_reference.adjoint import Totals, no_totals
from spikeproof_reference.branch import require_same_branch
from spikeproof_reference.forward import forward
from spikeproof_reference.model import Model, model_of, shifted
from spikeproof_reference.parameter import Parameter, numbers_of
from spikeproof_reference.precision import exact, working_context
from spikeproof_reference.result import as_array, loss_of
from spikeproof_reference.tape import Tape


@dataclass(frozen=True)
class Direction:
    """A direction in parameter space; what is left out is 0.

    Attributes
    ----------
    weights : mapping from projection name to array, shape (n_pre, n_post).
    input_times : array, shape (n_input_spikes,), or None.
    """

    weights: Mapping[str, Any] = field(default_factory=dict)
    input_times: Any = None


def central_difference(problem: Problem, direction: Direction, dps: int = 40) -> Any:
    """Derivative of the loss along `direction`: ``(L(p + h d) - L(p - h d)) / 2h``.

    Parameters
    ----------
    problem : Problem
        Has a loss.
    direction : Direction
    dps : int
        Digits aimed at, >= 15. h is ``10**-(dps/2 + 6)`` and the two losses are computed to 3 times that many
        digits, so that truncation and rounding both leave `dps` digits and some, as long as third derivatives stay
        below ``10**12`` times the first.

    Returns
    -------
    mpf

    Raises
    ------
    SequenceChanged
        If p - h d, p and p + h d do not lie on one smooth branch; a number would mean nothing.
    GrazingSpike
        If a peak of V cannot be told from the threshold.
    """
    return _Quotient(problem, dps).along(direction)


def central_differences(problem: Problem, parameters: Iterable[Parameter] | None = None, dps: int = 40) -> Any:
    """Derivatives of the loss with respect to single parameters, all if None; shape (n_parameters,).

    See `central_difference` for accuracy and errors; the order of all parameters is that of `parameters_of`.
    """
    quotient = _Quotient(problem, dps)
    chosen, _ = numbers_of(problem, parameters)
    return as_array([quotient.of(p) for p in chosen])


class _Quotient:
    """The clean solution, and what is needed to move away from it."""

    def __init__(self, problem: Problem, dps: int) -> None:
        half = dps // 2 + 6
        self.problem, self.ctx = problem, working_context(problem, 3 * half)
        self.h = self.ctx.mpf(10) ** -half
        self.model = model_of(problem, self.ctx, 3 * half)
        self.clean = self._tapes(self.model)

    def along(self, direction: Direction) -> Any:
        step = no_totals(self.model)
        for p, projection in enumerate(self.problem.network.projections):
            if projection.name in direction.weights:
                rows = direction.weights[projection.name]
                step.weights[p] = [[exact(self.ctx, x) for x in row] for row in rows]
        if direction.input_times is not None:
            step.input_times = [exact(self.ctx, x) for x in direction.input_times]
        return self._quotient(step)

    def of(self, parameter: Parameter) -> Any:
        step = no_totals(self.model)
        if parameter.kind == "input_time":
            step.input_times[parameter.i] = self.ctx.one
        else:
            names = [s.name for s in self.model.synapses]
            step.weights[names.index(parameter.projection)][parameter.i][parameter.j] = self.ctx.one
        return self._quotient(step)

    def _quotient(self, step: Totals) -> Any:
        plus, minus = self._loss(step, self.h), self._loss(step, -self.h)
        return (plus - minus) / (2 * self.h)

    def _loss(self, step: Totals, h: Any) -> Any:
        """Loss at p + h step, on the branch of p."""

        def active(p: int, i: int, j: int) -> bool:
            return bool(self.model.synapses[p].weights[i][j]) or bool(step.weights[p][i][j])

        weights = [[[h * x for x in row] for row in part] for part in step.weights]
        tapes = self._tapes(shifted(self.model, weights, [h * x for x in step.input_times]))
        for clean, tape in zip(self.clean, tapes, strict=True):
            require_same_branch(clean, tape, active)
        return sum((loss_of(self.problem, tape)[0] for tape in tapes), self.ctx.zero) / len(tapes)

    def _tapes(self, model: Model) -> list[Tape]:
        return [forward(model, s) for s in range(self.problem.stimulus.n_samples)]
