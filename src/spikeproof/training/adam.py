"""The Adam optimiser."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Float64Array, integer, positive, scalar

BLOCK = 8192  # numbers updated at a time: they stay in the processor's cache


@dataclass
class Moments:
    """The state of Adam: running means of the gradient and of its square, and the number of steps.

    Attributes
    ----------
    first, second : float64 array, shape (size,)
        Mean of the gradient and of its square.
    step : int
        Steps made so far.
    """

    first: Float64Array
    second: Float64Array
    step: int = 0

    @classmethod
    def zero(cls, size: int) -> Moments:
        """The moments before the first step."""
        integer("size", size, low=0, high=2**40)
        return cls(np.zeros(size), np.zeros(size))


@dataclass(frozen=True)
class Adam:
    """Adam with bias correction.

    ::

        m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
        w <- w - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Parameters
    ----------
    rate
        Step size, > 0, in the unit of the parameters.
    beta1, beta2
        Forgetting factors of the two moments, from 0 to below 1.
    epsilon
        > 0; keeps the step finite where no gradient has ever been.

    Raises
    ------
    InvalidInput
        If a number is outside its range.

    References
    ----------
    Kingma and Ba (2015), ICLR, algorithm 1; the defaults are those published there.
    """

    rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("rate", "epsilon"):
            object.__setattr__(self, name, float(positive(f"adam.{name}", getattr(self, name))))
        for name in ("beta1", "beta2"):
            value = float(scalar(f"adam.{name}", getattr(self, name), "a number from 0 to below 1"))
            if not 0.0 <= value < 1.0:
                raise InvalidInput(f"adam.{name}", value, "a number from 0 to below 1")
            object.__setattr__(self, name, value)

    def update(self, w: Float64Array, gradient: Float64Array, moments: Moments, factor: float = 1.0) -> None:
        """Make one step: change `w` and `moments` in place.

        Parameters
        ----------
        w, gradient : array, shape (size,)
            Parameters, and the derivative of the loss with respect to them.
        moments : Moments
            The state of Adam, of the same size.
        factor : float
            Factor of the step size, from the schedule.
        """
        moments.step += 1
        # numerator and denominator times sqrt(1 - beta2^t): an equal quotient with one pass less
        spread = math.sqrt(1.0 - self.beta2**moments.step)
        size = self.rate * factor / (1.0 - self.beta1**moments.step) * spread
        work = np.empty(min(BLOCK, len(w)))
        for start in range(0, len(w), BLOCK):
            own = slice(start, start + BLOCK)
            self._update_block(w[own], gradient[own], moments.first[own], moments.second[own], size, spread, work)

    def _update_block(
        self, w: Float64Array, g: Float64Array, m: Float64Array, v: Float64Array, size: float, spread: float,
        work: Float64Array,
    ) -> None:  # fmt: skip
        t = work[: len(w)]
        np.multiply(g, 1.0 - self.beta1, out=t)
        m *= self.beta1
        m += t
        np.multiply(g, g, out=t)
        t *= 1.0 - self.beta2
        v *= self.beta2
        v += t
        np.sqrt(v, out=t)
        t += self.epsilon * spread
        np.divide(m, t, out=t)
        t *= size
        w -= t
