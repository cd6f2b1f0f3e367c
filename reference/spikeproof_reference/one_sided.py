"""One-sided derivatives and limits of the loss where it is not smooth: coincident events, spikes at the end, ties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray, integer
from spikeproof.problem import Problem
from spikeproof.solution import Solution
from spikeproof.stimulus import Stimulus
from spikeproof_reference.differences import Direction
from spikeproof_reference.engine import MpEngine

DIGITS = 1200  # of a shifted number: a binary64 is kept exactly, and what is added to it


class NotOneSided(ArithmeticError):
    """Close to the problem, on one side of it, the derivative still changes: there is another event in between."""

    def __init__(self, side: str, change: str) -> None:
        super().__init__(side, change)
        self.side, self.change = side, change

    def __str__(self) -> str:
        return f"{self.side} of the problem the derivative is not settled: it changes by {self.change} within one step"


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
    """Both sides of a problem; `left` is against the direction, derivatives are along it on both sides."""

    left: Side
    right: Side

    @property
    def jump(self) -> Any:
        """By how much the loss jumps up along the direction."""
        return self.right.loss - self.left.loss

    @property
    def kink(self) -> Any:
        """By how much the derivative does."""
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
        Weights and input times that change; an input time of 0 cannot become smaller.
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
        If g changes by more than ``10**-(dps/2)`` of its size within a step: other events are as close as that.
    GrazingSpike
        If a peak of V cannot be told from the threshold on one of the sides.
    InvalidInput
        If the direction does not fit the problem, or leads out of what is allowed.

    Notes
    -----
    A change of the event sequence closer than `h` is not seen. At a tie of three or more events the sides depend on
    the direction, and there are more than two of them.
    """
    integer("dps", dps, low=15)
    if problem.loss is None:
        raise InvalidInput("problem.loss", None, "a loss")
    _check(problem, direction)
    return OneSided(_side(problem, direction, dps, -1), _side(problem, direction, dps, 1))


def _side(problem: Problem, direction: Direction, dps: int, sign: int) -> Side:
    near, close = (_solved(problem, direction, dps, sign * steps) for steps in (1, 2))
    g, further = _along(near[1], direction), _along(close[1], direction)
    change, size = abs(further - g), max(1, abs(g))
    if change > size * type(g)(10) ** (-dps // 2) or len(near[0].spikes) != len(close[0].spikes):
        raise NotOneSided("left" if sign < 0 else "right", f"{float(change):.3g}")
    h = sign * type(g)(10) ** -dps
    loss: Any = near[0].loss
    return Side(loss - h * g, g, 2 * abs(h) * change, 2 * change, len(near[0].spikes))


def _solved(problem: Problem, direction: Direction, dps: int, steps: int) -> tuple[Solution, dict[str, Any]]:
    """The solution `steps` steps along the direction, and its gradients in the order of the problem's numbers."""
    step = Decimal(steps).scaleb(-dps)
    weights = {
        name: _moved(w, direction.weights[name], step) if name in direction.weights else w
        for name, w in problem.parameters.weights.items()
    }
    stimulus, order = _stimulus(problem.stimulus, direction.input_times, step)
    there = replace(problem, parameters=replace(problem.parameters, weights=weights), stimulus=stimulus)
    solution = MpEngine(dps=2 * dps).solve(there)
    assert solution.gradients is not None
    times = np.empty(len(order), dtype=object)
    times[order] = solution.gradients.input_times
    return solution, {"input_times": times, **solution.gradients.weights}


def _stimulus(stimulus: Stimulus, shift: Any, step: Decimal) -> tuple[Stimulus, IntArray]:
    """The stimulus with its times moved and sorted again, and where each of its spikes was before."""
    times = stimulus.times if shift is None else _moved(stimulus.times, shift, step)
    parts = [np.arange(a, b) for a, b in zip(stimulus.offsets[:-1], stimulus.offsets[1:], strict=True)]
    order = np.concatenate([part[np.argsort(times[part], kind="stable")] for part in parts])
    return Stimulus(times[order], stimulus.channels[order], stimulus.offsets, stimulus.duration), order


def _moved(numbers: Array, direction: Any, step: Decimal) -> Array:
    """`numbers` plus `step` times `direction`, exactly."""
    flat = np.empty(numbers.size, dtype=object)
    with localcontext() as context:
        context.prec = DIGITS
        flat[:] = [
            Decimal(x) + step * Decimal(d)
            for x, d in zip(numbers.ravel().tolist(), np.ravel(direction).tolist(), strict=True)
        ]
    return flat.reshape(numbers.shape)


def _along(gradient: dict[str, Any], direction: Direction) -> Any:
    """Inner product of the gradient and the direction."""
    zero = 0 * next(x for part in gradient.values() for x in np.ravel(part))
    parts = dict(direction.weights)
    if direction.input_times is not None:
        parts["input_times"] = direction.input_times
    total = zero
    for name, part in parts.items():
        for g, d in zip(np.ravel(gradient[name]), np.ravel(part).tolist(), strict=True):
            if d:
                total += g * (zero + (str(d) if isinstance(d, Decimal) else d))
    return total


def _check(problem: Problem, direction: Direction) -> None:
    for name, part in direction.weights.items():
        if name not in problem.parameters.weights:
            raise InvalidInput("direction.weights", name, f"projections: {list(problem.parameters.weights)}")
        wanted = problem.parameters.weights[name].shape
        if np.shape(part) != wanted:
            raise InvalidInput(f"direction.weights.{name}", f"shape {np.shape(part)}", f"shape {wanted}")
    if direction.input_times is not None and np.shape(direction.input_times) != np.shape(problem.stimulus.times):
        wanted = np.shape(problem.stimulus.times)
        raise InvalidInput("direction.input_times", f"shape {np.shape(direction.input_times)}", f"shape {wanted}")
