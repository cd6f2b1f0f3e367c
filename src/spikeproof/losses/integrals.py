"""Losses of weighted integrals of V."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.observables import Weight, WeightedIntegral
from spikeproof.losses.protocol import check_kind
from spikeproof.losses.samples import PerSample
from spikeproof.losses.softmax import check_labels, checked_labels, cross_entropy
from spikeproof.network import Network
from spikeproof.numbers import Array, Scalar, array, rounded


@dataclass(frozen=True)
class VoltageIntegral(PerSample):
    """Sum over neurons n of ``coefficients[n]`` times the integral of g(t) V_n(t); all coefficients 1 if None.

    Parameters
    ----------
    population
        Name of a population; it may spike.
    coefficients : array, shape (size,), or None
    weight
        g: ``"sum"``, ``"mean"``, an `ExponentialWeight` or a function of time, see `WeightedIntegral`.
    t_width
        The smallest change of t in which a function g does something, see `PathIntegral`.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    coefficients: Any = None
    weight: Weight = "sum"
    t_width: Scalar | None = None

    per_sample: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _ = self.observable
        if self.coefficients is not None:
            object.__setattr__(self, "coefficients", array("loss.coefficients", self.coefficients, ndim=1))

    @property
    def observable(self) -> WeightedIntegral:
        return WeightedIntegral(self.weight, self.t_width)

    def check(self, network: Network, n_samples: int) -> None:
        size = check_kind(network, self.population)
        if self.coefficients is not None and len(self.coefficients) != size:
            raise InvalidInput("loss.coefficients", f"{len(self.coefficients)} entries", f"one per neuron: {size}")

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        c = np.ones(observed.shape[1]) if self.coefficients is None else rounded(self.coefficients)
        return np.sum(c * observed, axis=1), np.broadcast_to(c, observed.shape)


@dataclass(frozen=True)
class IntegralCrossEntropy(PerSample):
    """Cross-entropy of weighted integrals of V: ``L = -log softmax(M)[label]``, ``M_j`` = integral of g(t) V_j(t).

    Parameters
    ----------
    population
        Name of a population, one neuron per class; it may spike.
    labels : int array, shape (n_samples,)
        Class of each sample, from 0 to size - 1.
    weight
        g: ``"sum"``, ``"mean"``, an `ExponentialWeight` or a function of time, see `WeightedIntegral`.
    t_width
        The smallest change of t in which a function g does something, see `PathIntegral`.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.

    Notes
    -----
    L = F(integral of l_V) is not of the form of Wunderlich and Pehle (2021), eq. 1, but by the chain rule its
    adjoint is: lambda_v is driven by ``-dF/dM_j g(t)``.

    References
    ----------
    docs/theory.md (loss-integral).
    """

    population: str
    labels: Any
    weight: Weight = "sum"
    t_width: Scalar | None = None

    per_sample: ClassVar[tuple[str, ...]] = ("labels",)

    def __post_init__(self) -> None:
        _ = self.observable
        object.__setattr__(self, "labels", checked_labels(self.labels))

    @property
    def observable(self) -> WeightedIntegral:
        return WeightedIntegral(self.weight, self.t_width)

    def check(self, network: Network, n_samples: int) -> None:
        check_labels(self.labels, n_samples, check_kind(network, self.population))

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        return cross_entropy(observed, self.labels)
