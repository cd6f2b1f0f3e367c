"""Statement 1: every loss of the spikes of the discrete network has the derivative zero almost everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gmpy2 import mpq

from spikeproof_reference.lesson.discrete import Path
from spikeproof_verification.experiments.lesson.plateaus import Line, Plateau, located, plateaus, random_line, run
from spikeproof_verification.experiments.lesson.reverse_mode import Variable, derivatives, step_with

LossOfPath = Callable[[Path], Any]


@dataclass(frozen=True)
class ZeroAlmostEverywhere:
    """Plateaus along lines in weight space, in exact arithmetic.

    Attributes
    ----------
    lines, plateaus : number of lines, and of plateaus on all of them.
    jumps : number of places between two plateaus.
    jumps_of_loss : number of these at which the loss changes.
    largest_slope : largest difference quotient of the loss between two places within one plateau; exact.
    located : number of jumps that bisection of binary64 numbers brackets by neighbours.
    narrowest, widest : widths of plateaus, in units of the length of the line.
    largest_derivative : largest derivative of the loss by a weight in reverse mode.
    """

    lines: int
    plateaus: int
    jumps: int
    jumps_of_loss: int
    largest_slope: float
    located: int
    narrowest: float
    widest: float
    largest_derivative: float

    @property
    def holds(self) -> bool:
        """Whether all derivatives are exactly 0, and every change happens at a jump that was located."""
        flat = self.largest_slope == 0.0 and self.largest_derivative == 0.0
        return flat and self.jumps_of_loss > 0 and self.located == self.jumps

    @property
    def verdict(self) -> str:
        """The statement with its numbers."""
        shown = "holds" if self.holds else "does not hold"
        return (
            f"{shown}: {self.plateaus} plateaus on {self.lines} lines, largest slope within one "
            f"{self.largest_slope:g}, {self.jumps_of_loss} jumps of the loss, {self.located} of {self.jumps} jumps "
            f"located between neighbouring numbers; largest derivative in reverse mode {self.largest_derivative:g}"
        )


def zero_almost_everywhere(
    n_lines: int = 6,
    seed: int = 0,
    *,
    loss: LossOfPath | None = None,
    step_derivative: Callable[[Any], Any] = lambda x: 0 * x,
    found: Callable[[Line], list[Plateau]] = plateaus,
) -> ZeroAlmostEverywhere:
    """The plateaus of a loss of spikes along random lines in weight space.

    Parameters
    ----------
    n_lines : int
    seed : int
        Line k follows from ``seed + k``.
    loss : callable or None
        Function of V and S in numbers of any kind; `loss_of_spikes` if None.
    step_derivative : callable
        Derivative of the step at V - v_th in reverse mode; 0 is that of the step, where it has one.
    found : callable
        Finds the plateaus.

    Returns
    -------
    ZeroAlmostEverywhere
    """
    value = loss_of_spikes if loss is None else loss
    lines = [random_line(seed + number) for number in range(n_lines)]
    seen = [_Seen.of(line, found(line), value) for line in lines]
    widths = [width for one in seen for width in one.widths]
    return ZeroAlmostEverywhere(
        lines=n_lines,
        plateaus=len(widths),
        jumps=sum(one.jumps for one in seen),
        jumps_of_loss=sum(one.jumps_of_loss for one in seen),
        largest_slope=max(float(one.largest_slope) for one in seen),
        located=sum(one.located for one in seen),
        narrowest=float(min(widths)),
        widest=float(max(widths)),
        largest_derivative=max(float(abs(x)) for line in lines for x in reverse_mode(line, value, step_derivative)),
    )


@dataclass(frozen=True)
class _Seen:
    """The plateaus of one line: their widths, the jumps between them, and the largest slope within one; exact."""

    widths: list[Any]
    jumps: int
    jumps_of_loss: int
    located: int
    largest_slope: Any

    @classmethod
    def of(cls, line: Line, parts: list[Plateau], value: LossOfPath) -> _Seen:
        losses = [[value(line.at(s)) for s in part.inside()] for part in parts]
        slopes = [
            abs((own[k + 1] - own[k]) / (places[k + 1] - places[k]))
            for places, own in zip((part.inside() for part in parts), losses, strict=True)
            for k in (0, 1)
        ]
        brackets = [(*located(line, left, right), right.start) for left, right in pairwise(parts)]
        return cls(
            widths=[part.stop - part.start for part in parts],
            jumps=len(brackets),
            jumps_of_loss=sum(1 for left, right in pairwise(losses) if left[1] != right[1]),
            located=sum(1 for low, high, jump in brackets if low <= jump <= high),
            largest_slope=max(slopes),
        )


def loss_of_spikes(path: Path) -> Any:
    """A loss of S: the mean time of the output's spikes, weighted by neuron, and the squared excess over two spikes."""
    total, count = 0, 0
    for k, s in enumerate(path.s):
        total = total + mpq(k + 1, len(path.s)) * (s[-1] + 2 * s[-2])
        count = count + s[-1] + s[-2]
    return total + (count - 2) * (count - 2)


def reverse_mode(line: Line, loss: LossOfPath, step_derivative: Callable[[Any], Any]) -> list[Any]:
    """Derivatives of a loss by all weights at the start of a line, by the chain rule through every step."""
    weights = line.weights(lambda w, _: Variable(w))
    result = loss(run(line.problem, weights, step_with(step_derivative)))
    return derivatives(result, [w for matrix in weights.values() for row in matrix for w in row])
