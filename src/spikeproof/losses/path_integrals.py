"""Losses that integrate a nonlinear function of V over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import checked
from spikeproof.losses.inside import Inside
from spikeproof.losses.observables import SMOOTH, Integrand, PathIntegral
from spikeproof.losses.protocol import check_kind
from spikeproof.losses.samples import PerSample
from spikeproof.losses.softmax import check_labels, checked_labels, cross_entropy
from spikeproof.network import Network
from spikeproof.numbers import Array, IntArray, Scalar, array, rounded

CHOICE = 1.0  # change of V in which a softmax goes from one class to another


@dataclass(frozen=True)
class VoltagePathIntegral:
    """Integral over [0, T] of the user's own l_V(V, t).

    Parameters
    ----------
    population
        Name of a population; it may spike.
    integrand, order, v_width, t_width
        See `PathIntegral`.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    integrand: Integrand
    order: int = 12
    v_width: Scalar | None = None
    t_width: Scalar | None = None

    def __post_init__(self) -> None:
        _ = self.observable

    @property
    def observable(self) -> PathIntegral:
        return PathIntegral(self.integrand, self.order, v_width=self.v_width, t_width=self.t_width)

    def check(self, network: Network, n_samples: int) -> None:
        check_kind(network, self.population)

    def select(self, samples: IntArray) -> VoltagePathIntegral:
        return replace(self, integrand=self.observable.select(samples).integrand)

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        return observed, np.ones(observed.shape)


@dataclass(frozen=True)
class TargetTrace(PerSample):
    """Integral over [0, T] of half the squared distance of V to a target trace, summed over neurons.

    Parameters
    ----------
    population
        Name of a population; it may spike.
    target : array, shape (size,), or a function
        A constant level per neuron; or a function of times, shape (n,), that returns levels, shape (n, size), smooth.
        See `spikeproof.losses` on how it is written.
    order
        See `PathIntegral`.
    t_width
        See `PathIntegral`; of a function alone.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    target: Any
    order: int = 12
    t_width: Scalar | None = None

    per_sample: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if not callable(self.target):
            object.__setattr__(self, "target", array("loss.target", self.target, ndim=1))
        _ = self.observable

    @property
    def observable(self) -> PathIntegral:
        return PathIntegral(self._integrand, self.order, callable(self.target), SMOOTH, self.t_width)

    def check(self, network: Network, n_samples: int) -> None:
        size = check_kind(network, self.population)
        if not callable(self.target) and len(self.target) != size:
            raise InvalidInput("loss.target", f"{len(self.target)} levels", f"one per neuron: {size}")

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        return observed, np.ones(observed.shape)

    def _integrand(self, v: Array, t: Array, sample: int) -> tuple[Array, Array]:
        distance = v - (self._levels(t, v.shape) if callable(self.target) else rounded(self.target))
        return 0.5 * np.sum(distance**2, axis=1), distance

    def _levels(self, t: Array, shape: tuple[int, ...]) -> Array:
        with Inside("loss.target"):
            levels = self.target(t)
        return checked("loss.target", levels, shape)


@dataclass(frozen=True)
class InstantaneousCrossEntropy(PerSample):
    """Integral over [0, T] of the cross-entropy of V at every instant: ``-log softmax(V(t))[label]``.

    Parameters
    ----------
    population
        Name of a population, one neuron per class; it may spike.
    labels : int array, shape (n_samples,)
        Class of each sample, from 0 to size - 1.
    order
        See `PathIntegral`.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    labels: Any
    order: int = 12

    per_sample: ClassVar[tuple[str, ...]] = ("labels",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", checked_labels(self.labels))
        _ = self.observable

    @property
    def observable(self) -> PathIntegral:
        return PathIntegral(self._integrand, self.order, depends_on_time=False, v_width=CHOICE)

    def check(self, network: Network, n_samples: int) -> None:
        check_labels(self.labels, n_samples, check_kind(network, self.population))

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        return observed, np.ones(observed.shape)

    def _integrand(self, v: Array, t: Array, sample: int) -> tuple[Array, Array]:
        return cross_entropy(v, np.full(len(t), self.labels[sample]))
