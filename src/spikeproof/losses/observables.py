"""The observables: what a voltage loss can observe of the membrane potentials of a population.

An engine computes the observed numbers and pulls their derivatives back; a loss is a function of these numbers.
V is taken as its left limit where it jumps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeAlias

import numpy as np

from spikeproof.arguments import choice
from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import checked, checked_pair
from spikeproof.losses.inside import Inside
from spikeproof.numbers import Float64Array, IntArray, Scalar, array, integer, integers, positive, refuse_where


@dataclass(frozen=True)
class VoltageAt:
    """V at given times; observed as an array of shape (n_samples, size, n_times).

    Parameters
    ----------
    times : array, shape (n_times,), ascending, from 0 to T.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or is no function where one is needed.
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

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or is no function where one is needed.
    """

    rule: Literal["complete", "published"] = "complete"

    def __post_init__(self) -> None:
        choice("loss.rule", self.rule, "complete", "published")


@dataclass(frozen=True)
class ExponentialWeight:
    """The weight ``g(t) = exp(-t / tau)`` of an integral of V.

    Parameters
    ----------
    tau
        Time constant, > 0, in the unit of the spike times.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or is no function where one is needed.
    """

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
        function of times, shape (n,), that returns g, shape (n,); smooth between events, integrated by quadrature as
        in `PathIntegral`. See `spikeproof.losses` on how it is written.
    t_width
        See `PathIntegral`; of a function alone.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or is no function where one is needed.
    """

    weight: Weight = "sum"
    t_width: Scalar | None = None

    def __post_init__(self) -> None:
        _set_width(self, "t_width", needed=callable(self.weight), allowed="None where the weight is no function")
        known = (isinstance(self.weight, str) and self.weight in ("sum", "mean")) or callable(self.weight)
        if not (known or isinstance(self.weight, ExponentialWeight)):
            raise InvalidInput("loss.weight", self.weight, "'sum', 'mean', an ExponentialWeight or a function of times")

    def at(self, times: Float64Array) -> Float64Array:
        """The user's own g at these times, checked."""
        assert callable(self.weight)
        with Inside("loss.weight"):
            returned = self.weight(times.copy())
        return checked("loss.weight", returned, times.shape)


SMOOTH = 1e300  # width of a function without a smallest scale
SHARE = 1.0 / 1024.0  # default widths, as fractions of the range of V and of the duration

Integrand: TypeAlias = Callable[[Any, Any, int], tuple[Any, Any]]


@dataclass(frozen=True)
class PathIntegral:
    """Integral of l_V(V(t), t) over [0, T]; observed as an array of shape (n_samples,).

    Parameters
    ----------
    integrand
        Called with V, shape (n, size), times, shape (n,), and the number of the sample; returns l_V, shape (n,), and
        dl_V/dV, shape (n, size). Smooth in V and t. See `spikeproof.losses` on how it is written.
    order
        Order of the Gauss-Legendre rule between events: exact for polynomials of degree ``2 order - 1``. The event
        engine divides intervals until the rule has converged to rounding (to 1e-13 for orders below 6), and refuses a
        function for which it does not.
    depends_on_time
        False says that l_V depends on time through V alone: then `t_width` has no meaning.
    v_width, t_width
        The smallest change of the V of a neuron, and of t, in which l_V does something, finite, > 0; for
        ``exp(-((V - c) / d)**2)`` that is d. What is as wide as that is integrated like all else, or the loss is
        refused; what is narrower may be missed. A width takes about 2 nodes for each time that V, or t, passes it.
        Default: 1/1024 of the range of V in the population in a sample, and of T. `SMOOTH` says that l_V is smooth on
        any scale, a polynomial in V for instance.

    Raises
    ------
    InvalidInput
        If an argument is outside its range, or is no function where one is needed.
    """

    integrand: Integrand
    order: int = 12
    depends_on_time: bool = True
    v_width: Scalar | None = None
    t_width: Scalar | None = None

    def __post_init__(self) -> None:
        if not callable(self.integrand):
            raise InvalidInput("loss.integrand", self.integrand, "a function of V, t and the number of the sample")
        integer("loss.order", self.order, low=1, high=100)
        _set_width(self, "v_width")
        _set_width(self, "t_width", needed=self.depends_on_time, allowed="None where l_V does not depend on time")

    def select(self, samples: IntArray) -> PathIntegral:
        """The observable of the samples with these numbers: the integrand is called with their numbers in the batch."""
        numbers = integers("samples", samples, low=0, high=np.iinfo(np.int64).max)
        return replace(self, integrand=partial(_numbered, self.integrand, numbers))

    def density(self, v: Float64Array, t: Float64Array, sample: int) -> tuple[Float64Array, Float64Array]:
        """l_V and dl_V/dV as the integrand returns them, checked."""
        with Inside("loss.integrand", sample):
            returned = self.integrand(v.copy(order="K"), t.copy(), sample)  # copies: the integrand may work in place
        return checked_pair("loss.integrand", returned, t.shape, v.shape)


def _set_width(
    observable: WeightedIntegral | PathIntegral, name: str, *, needed: bool = True, allowed: str = ""
) -> None:
    """Check a width, which is None unless it is `needed`."""
    width = getattr(observable, name)
    if width is None:
        return
    if not needed:
        raise InvalidInput(f"loss.{name}", width, allowed)
    object.__setattr__(observable, name, positive(f"loss.{name}", width))


def _numbered(integrand: Integrand, numbers: IntArray, v: Any, t: Any, sample: int) -> tuple[Any, Any]:
    return integrand(v, t, int(numbers[sample]))


Observable: TypeAlias = VoltageAt | MaxVoltage | WeightedIntegral | PathIntegral


def check_times(observable: Observable, duration: Scalar) -> None:
    """Raise `InvalidInput` if V is asked for after the end."""
    if isinstance(observable, VoltageAt):
        late = np.asarray(observable.times > duration, dtype=bool)
        refuse_where(late, "loss.times", observable.times, f"times up to the duration {duration}")
