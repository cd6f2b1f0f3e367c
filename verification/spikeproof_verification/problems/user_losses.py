"""Losses as a user writes them, one for each kind of observable, and their high-precision forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from spikeproof import Network, Spikes
from spikeproof.losses import Observable, PathIntegral, PerSample
from spikeproof.numbers import Array, IntArray, Scalar
from spikeproof_reference import Observed, Sample, evaluated, voltage_evaluated


@dataclass(frozen=True)
class SquaredSpikes(PerSample):
    """Half the square of the sum of all spike times of a population, in units of `unit`.

    Every spike time is multiplied by every other.
    """

    population: str
    unit: float
    per_sample: ClassVar[tuple[str, ...]] = ()

    def check(self, network: Network, n_samples: int) -> None:
        """Nothing to refuse: the population is one of the network by construction."""

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        """Loss of each sample, and its derivative for each spike."""
        mine = (spikes.neurons >= neurons.start) & (spikes.neurons < neurons.stop)
        samples = spikes.samples()
        total = np.bincount(samples[mine], spikes.times[mine], spikes.n_samples) / self.unit
        return 0.5 * total**2, np.where(mine, total[samples] / self.unit, 0.0)


@dataclass(frozen=True)
class Saturated:
    """Sum of ``x / (1 + x)``, ``x = (m / unit)**2``, over all observed numbers m, whatever is observed."""

    population: str
    observable: Observable
    unit: float

    def select(self, samples: IntArray) -> Saturated:
        """The loss of these samples; an integrand is called with their numbers."""
        return replace(self, observable=_observable_of(self.observable, samples))

    def check(self, network: Network, n_samples: int) -> None:
        """Nothing to refuse, as above."""

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        """Loss of each sample, and its derivative for each observed number."""
        m = observed / self.unit
        values, slopes = m**2 / (1.0 + m**2), 2.0 * m / (1.0 + m**2) ** 2 / self.unit
        return np.sum(values.reshape(len(m), -1), axis=1), slopes


@dataclass(frozen=True)
class SpikesAndPotentials:
    """A `SquaredSpikes` and a `Saturated` of one population in one object."""

    population: str
    observable: Observable
    of_spikes: SquaredSpikes
    of_potentials: Saturated

    def select(self, samples: IntArray) -> SpikesAndPotentials:
        """The loss of these samples."""
        return replace(self, observable=_observable_of(self.observable, samples))

    def check(self, network: Network, n_samples: int) -> None:
        """Nothing to refuse, as above."""

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        """Loss and derivatives of the spikes."""
        return self.of_spikes.evaluate(spikes, neurons, duration)

    def evaluate_voltage(self, observed: Array) -> tuple[Array, Array]:
        """Loss and derivatives of the potentials."""
        return self.of_potentials.evaluate_voltage(observed)


def _observable_of(observable: Observable, samples: IntArray) -> Observable:
    return observable.select(samples) if isinstance(observable, PathIntegral) else observable


def both(population: str, observable: Observable, time_unit: float, v_unit: float) -> SpikesAndPotentials:
    """A loss of spikes and potentials of one population."""
    spikes, potentials = SquaredSpikes(population, time_unit), Saturated(population, observable, v_unit)
    return SpikesAndPotentials(population, observable, spikes, potentials)


@evaluated.register
def _(loss: SquaredSpikes, sample: Sample) -> tuple[Any, list[list[Any]]]:
    unit = sample.ctx.mpf(loss.unit)
    total = sum((t for train in sample.trains for t in train), sample.ctx.zero) / unit
    return total * total / 2, [[total / unit] * len(train) for train in sample.trains]


@voltage_evaluated.register
def _(loss: Saturated, observed: Observed) -> tuple[Any, Any]:
    unit, values = observed.ctx.mpf(loss.unit), []

    def slope(m: Any) -> Any:
        y = 1 + (m / unit) ** 2
        values.append(1 - 1 / y)
        return 2 * m / unit**2 / y**2

    slopes = _each(slope, observed.numbers)
    return sum(values, observed.ctx.zero), slopes


@evaluated.register
def _(loss: SpikesAndPotentials, sample: Sample) -> tuple[Any, list[list[Any]]]:
    value, slopes = evaluated(loss.of_spikes, sample)
    return value, slopes


@voltage_evaluated.register
def _(loss: SpikesAndPotentials, observed: Observed) -> tuple[Any, Any]:
    return voltage_evaluated(loss.of_potentials, observed)


def _each(function: Callable[[Any], Any], numbers: Any) -> Any:
    return [_each(function, x) for x in numbers] if isinstance(numbers, list) else function(numbers)
