"""What a voltage loss can observe of the membrane potentials of a population.

An engine computes the observed numbers and pulls their derivatives back; a loss is a function of these numbers.
V is taken as its left limit where it jumps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from spikeproof.arguments import choice
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Scalar, array, integer, positive, refuse_where


@dataclass(frozen=True)
class VoltageAt:
    """V at given times; observed as an array of shape (n_samples, size, n_times).

    Parameters
    ----------
    times : array, shape (n_times,), ascending, from 0 to T.
    """

    times: Any

    def __post_init__(self) -> None:
        times = array("loss.times", self.times, ndim=1)
        refuse_where(np.asarray(times < 0, dtype=bool), "loss.times", times, "times >= 0")
        unsorted = np.zeros(len(times), dtype=bool)
        unsorted[1:] = np.asarray(np.diff(times) < 0, dtype=bool)
        refuse_where(unsorted, "loss.times", times, "ascending times")
        object.__setattr__(self, "times", times)


@dataclass(frozen=True)
class MaxVoltage:
    """Largest V over [0, T] of leaky integrators; observed as an array of shape (n_samples, size).

    Parameters
    ----------
    rule
        How the derivative is taken where an arrival cuts a rising V (a kink maximum).

        - ``"complete"``: exact, see `MaxVoltageCrossEntropy`;
        - ``"published"``: lambda_v jumps at the time of the maximum and nothing else happens. Not a derivative at
          kinks; offered to show what difference it makes.
    """

    rule: Literal["complete", "published"] = "complete"

    def __post_init__(self) -> None:
        choice("loss.rule", self.rule, "complete", "published")


@dataclass(frozen=True)
class ExponentialWeight:
    """The weight ``g(t) = exp(-t / tau)``, tau > 0."""

    tau: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "tau", positive("loss.weight.tau", self.tau))


Weight: TypeAlias = Literal["sum", "mean"] | ExponentialWeight | Callable[[Any], Any]


@dataclass(frozen=True)
class WeightedIntegral:
    """Integral of g(t) V(t) over [0, T]; observed as an array of shape (n_samples, size).

    Parameters
    ----------
    weight
        ``"sum"``: g = 1; ``"mean"``: g = 1/T; an `ExponentialWeight`; all three in closed form. Or the user's own
        function of an array of times, smooth between events, integrated by quadrature as in `PathIntegral`.
    """

    weight: Weight = "sum"

    def __post_init__(self) -> None:
        known = (isinstance(self.weight, str) and self.weight in ("sum", "mean")) or callable(self.weight)
        if not (known or isinstance(self.weight, ExponentialWeight)):
            raise InvalidInput("loss.weight", self.weight, "'sum', 'mean', an ExponentialWeight or a function of times")


Integrand: TypeAlias = Callable[[Any, Any, int], tuple[Any, Any]]


@dataclass(frozen=True)
class PathIntegral:
    """Integral of l_V(V(t), t) over [0, T]; observed as an array of shape (n_samples,).

    Parameters
    ----------
    integrand
        Called with V, shape (n, size), times, shape (n,), and the number of the sample; returns l_V, shape (n,), and
        dl_V/dV, shape (n, size). Smooth in V and t. Written with arithmetic operators and NumPy functions that
        accept object arrays it also serves the high-precision reference.
    order
        Order of the Gauss-Legendre rule between events: exact for polynomials of degree ``2 order - 1``. Intervals
        longer than the shortest time constant of the population are divided.
    """

    integrand: Integrand
    order: int = 12

    def __post_init__(self) -> None:
        if not callable(self.integrand):
            raise InvalidInput("loss.integrand", self.integrand, "a function of V, t and the number of the sample")
        integer("loss.order", self.order, low=1, high=100)


Observable: TypeAlias = VoltageAt | MaxVoltage | WeightedIntegral | PathIntegral


def check_times(observable: Observable, duration: Scalar) -> None:
    """Raise `InvalidInput` if V is asked for after the end."""
    if isinstance(observable, VoltageAt):
        late = np.asarray(observable.times > duration, dtype=bool)
        refuse_where(late, "loss.times", observable.times, f"times up to the duration {duration}")
