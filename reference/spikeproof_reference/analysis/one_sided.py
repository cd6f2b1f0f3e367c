"""One-sided derivatives and limits of the loss where it is not smooth: coincident events, spikes at the end, ties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.numbers import integer
from spikeproof.problem import Problem
from spikeproof_reference.analysis.branch import SequenceChanged, require_same_branch
from spikeproof_reference.analysis.differences import Direction, step_along
from spikeproof_reference.mp.adjoint import adjoint
from spikeproof_reference.mp.forward import forward
from spikeproof_reference.mp.losses.evaluate import evaluate
from spikeproof_reference.mp.losses.evaluation import Evaluation
from spikeproof_reference.mp.model import Model, model_of, shifted
from spikeproof_reference.mp.precision import working_context
from spikeproof_reference.mp.totals import Totals, no_totals


class NotOneSided(ArithmeticError):
    """Another event lies within a step of the problem on one side, so that the derivative there is not settled.

    Parameters
    ----------
    side : str
        ``"left"`` or ``"right"``.
    what : str
        The change from one step to two, in words.
    """

    def __init__(self, side: str, what: str) -> None:
        super().__init__(side, what)
        self.side, self.what = side, what

    def __str__(self) -> str:
        return f"{self.side} of the problem the derivative is not settled within one step: {self.what}"


@dataclass(frozen=True)
class Side:
    """The loss and its derivative on one side.

    Attributes
    ----------
    loss : limit of the loss.
    derivative : limit of the derivative along the direction.
    loss_error, derivative_error : how far the limits may be off, to first order in the step.
    n_spikes : number of spikes there, over all samples.
    """

    loss: Any
    derivative: Any
    loss_error: Any
    derivative_error: Any
    n_spikes: int


@dataclass(frozen=True)
class OneSided:
    """The limits of the loss and of its derivative on both sides of a problem.

    Attributes
    ----------
    left, right : Side
        The side against the direction and the one along it; derivatives are along the direction on both.
    """

    left: Side
    right: Side

    @property
    def jump(self) -> Any:
        """The jump of the loss along the direction."""
        return self.right.loss - self.left.loss

    @property
    def kink(self) -> Any:
        """The jump of the derivative along the direction."""
        return self.right.derivative - self.left.derivative


def one_sided(problem: Problem, direction: Direction, dps: int = 40) -> OneSided:
    """Left and right derivative of the loss L along `direction` d, and the limits of the loss itself.

    ::

        right:  lim h -> 0+ of  d/dh L(p + h d)         left:  the same for h -> 0-

    Parameters
    ----------
    problem : Problem
        Has a loss. A tie must be one to 2 `dps` digits: what is not exact in binary64 is given as Decimal.
    direction : Direction
        Any parameters that change.
    dps : int
        Digits aimed at, >= 15: the step is ``h = 10**-dps`` and everything is computed to 2 `dps` digits.

    Returns
    -------
    OneSided
        The derivative is the exact one a step off the problem, ``g(h) = grad L(p + h d) . d``, not a difference
        quotient. It is off by ``h L''``, estimated from a second step: ``derivative_error = 2 |g(2h) - g(h)|``. The
        limit of the loss is ``L(p + h d) - h g(h)``, off by ``h derivative_error``.

    Raises
    ------
    NotOneSided
        If the event sequence, or g by more than ``10**-(dps/2)`` of its size, changes from one step to two: other
        events are as close as that.
    GrazingSpike
        If a peak of V cannot be told from the threshold on one of the sides.
    InvalidInput
        If the direction does not fit the problem, or the problem has no loss.

    Notes
    -----
    A change of the event sequence closer than `h` is not seen. At a tie of three or more events the sides depend on
    the direction, and there are more than two of them.
    """
    integer("dps", dps, low=15)
    if instance("problem", problem, Problem).loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    model = model_of(problem, working_context(2 * dps), 2 * dps)
    step = step_along(problem, direction, model)
    return OneSided(_side(problem, model, step, dps, -1), _side(problem, model, step, dps, 1))


def _side(problem: Problem, model: Model, step: Totals, dps: int, sign: int) -> Side:
    h = sign * model.ctx.mpf(10) ** -dps
    near, g = _at(problem, model, step, h)
    further, g_further = _at(problem, model, step, 2 * h)
    _require_settled("left" if sign < 0 else "right", near, further, model, step)
    change = abs(g_further - g)
    if change > max(1, abs(g)) * model.ctx.mpf(10) ** (-dps // 2):
        raise NotOneSided("left" if sign < 0 else "right", f"it changes by {float(change):.3g}")
    loss = sum((e.value for e in near), model.ctx.zero) / len(near)
    n_spikes = sum(len(e.paths.tape.spikes) for e in near)
    return Side(loss - h * g, g, 2 * abs(h) * change, 2 * change, n_spikes)


def _at(problem: Problem, model: Model, step: Totals, h: Any) -> tuple[list[Evaluation], Any]:
    """All samples at p + h d, and the derivative of the mean loss along d there."""
    there, totals, found = shifted(model, step, h), no_totals(model), []
    for sample in range(problem.stimulus.n_samples):
        found.append(evaluate(problem, forward(there, sample)))
        adjoint(found[-1].paths.tape, found[-1], totals)
    pairs = zip(_flat(totals), _flat(step), strict=True)
    return found, sum((g * d for g, d in pairs if d), model.ctx.zero) / len(found)


def _require_settled(side: str, near: list[Evaluation], further: list[Evaluation], model: Model, step: Totals) -> None:
    def active(p: int, i: int, j: int) -> bool:
        return bool(model.synapses[p].weights[i][j]) or bool(step.weights[p][i][j])

    for a, b in zip(near, further, strict=True):
        try:
            require_same_branch(a.paths.tape, b.paths.tape, active, a.marks, b.marks)
        except SequenceChanged as change:
            raise NotOneSided(side, str(change)) from None


def _flat(totals: Totals) -> Iterator[Any]:
    """All numbers, one after the other."""
    for matrices in (totals.weights, totals.delays):
        for matrix in matrices:
            for row in matrix:
                yield from row
    yield from totals.input_times
    for numbers in totals.neurons.values():
        yield from numbers
