"""Losses of V at given times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.checked import checked_pair
from spikeproof.losses.horizon import Until
from spikeproof.losses.inside import Inside
from spikeproof.losses.observables import VoltageAt
from spikeproof.losses.protocol import check_kind
from spikeproof.losses.samples import WithTargets, checked_targets, cut
from spikeproof.network import Network
from spikeproof.numbers import Array, IntArray, array, rounded


@dataclass(frozen=True)
class VoltageTarget:
    """Half the squared distance of V_n(times[k]) to ``targets[n, k]``, summed over n and k.

    Parameters
    ----------
    population
        Name of a population; it may spike. V at a spike is its left limit.
    times : array, shape (n_times,), ascending, from 0 to T.
    targets : array, shape (size, n_times) or (n_samples, size, n_times)

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    times: Any
    targets: Any

    def __post_init__(self) -> None:
        targets = array("loss.targets", self.targets)
        times = VoltageAt(self.times).times
        if targets.ndim not in (2, 3) or targets.shape[-1] != len(times):
            allowed = f"(size, {len(times)}) or (n_samples, size, {len(times)})"
            raise InvalidInput("loss.targets", f"shape {targets.shape}", allowed)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "times", times)

    @property
    def observable(self) -> VoltageAt:
        return VoltageAt(self.times)

    @property
    def horizon(self) -> Until | None:
        return Until(self.times[-1]) if len(self.times) else None

    def check(self, network: Network, n_samples: int) -> None:
        size = check_kind(network, self.population)
        if self.targets.shape[:-1] not in ((size,), (n_samples, size)):
            n = len(self.times)
            raise InvalidInput(
                "loss.targets", f"shape {self.targets.shape}", f"({size}, {n}) or ({n_samples}, {size}, {n})"
            )

    def select(self, samples: IntArray) -> VoltageTarget:
        return cut(self, samples, "targets") if self.targets.ndim == 3 else self

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        distance = observed - rounded(self.targets)
        return 0.5 * np.sum(distance**2, axis=(1, 2)), distance


@dataclass(frozen=True)
class VoltageFunction(WithTargets):
    """The user's own function of V at given times.

    Parameters
    ----------
    population
        Name of a population; it may spike. V at a spike is its left limit.
    times : array, shape (n_times,), ascending, from 0 to T.
    function
        Called per sample with V, shape (size, n_times); returns the loss and its derivatives, same shape. See
        `spikeproof.losses` on how it is written.
    targets : array, shape (n_samples, ...), or None
        Numbers that belong to each sample, such as labels, target times or the number of the sample,
        ``np.arange(n_samples)``. If they are given, the function is called with a second argument, the entry of the
        sample.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch.
    """

    population: str
    times: Any
    function: Callable[..., tuple[Any, Any]]
    targets: Any = None

    per_sample: ClassVar[tuple[str, ...]] = ("targets",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", checked_targets(self.targets))
        object.__setattr__(self, "times", VoltageAt(self.times).times)
        if not callable(self.function):
            raise InvalidInput("loss.function", self.function, "a function of the voltages of one sample")

    @property
    def observable(self) -> VoltageAt:
        return VoltageAt(self.times)

    @property
    def horizon(self) -> Until | None:
        return Until(self.times[-1]) if len(self.times) else None

    def check(self, network: Network, n_samples: int) -> None:
        check_kind(network, self.population)
        self.check_targets(n_samples)

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        values, slopes = np.zeros(len(observed)), np.zeros(observed.shape)
        for number, v in enumerate(observed):
            with Inside("loss.function", number):  # it may work in place, and sums depend on the order
                returned = self.function_of(number)(v.copy(order="K"))
            values[number], slopes[number] = checked_pair("loss.function", returned, (), v.shape)
        return values, slopes
