"""The loss of a batch: its values, and what it puts on the adjoint of each sample.

A loss is a function of spike times, or of what is observed of V; that function and its derivative are the model's own
(`spikeproof.losses`), so that a user's loss works here too. What is observed of V is computed in `observed`, `largest`
and `integrals`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses import (
    Located,
    Loss,
    MaxVoltage,
    PathIntegral,
    SpikeLoss,
    VoltageAt,
    VoltageLoss,
    WeightedIntegral,
    is_spike_loss,
    is_voltage_loss,
    terms_of,
)
from spikeproof.numbers import Array, Float64Array
from spikeproof.problem import Problem
from spikeproof.spikes import Spikes
from spikeproof_reference.textbook.integrals import Path, Weighted
from spikeproof_reference.textbook.largest import Largest
from spikeproof_reference.textbook.observed import AtTimes, Observed, Pulled
from spikeproof_reference.textbook.record import Record


class Losses:
    """The loss of a problem on the records of all its samples."""

    observers: ClassVar[dict[type, type[Observed]]] = {
        VoltageAt: AtTimes,
        MaxVoltage: Largest,
        WeightedIntegral: Weighted,
        PathIntegral: Path,
    }

    def __init__(self, problem: Problem, records: list[Record], spikes: Spikes) -> None:
        self.problem, self.records, self.spikes = problem, records, spikes
        self.values: Float64Array = np.zeros(len(records))
        self.pulled = [Pulled([0.0] * len(r.spikes)) for r in records]
        self.observed: list[Array | None] = []  # by each term

    def evaluate(self) -> Losses:
        """The values of all samples, and what is pulled, of all terms of the loss.

        Raises
        ------
        InvalidInput
            If a number is not finite, or an integral does not converge.
        """
        assert self.problem.loss is not None
        for number, (factor, whole) in enumerate(terms_of(self.problem.loss)):
            part = self.term(whole)
            self.observed.append(None)
            with Located(self.problem.loss, number):
                if is_spike_loss(part):
                    self.add_spike_loss(part, float(factor))
                if is_voltage_loss(part):
                    self.add_voltage_loss(part, float(factor))
        if not (np.all(np.isfinite(self.values)) and all(map(_is_finite, self.pulled))):
            raise InvalidInput("loss", "a value or derivative that overflows binary64", "finite numbers")
        return self

    def add_spike_loss(self, part: SpikeLoss, factor: float) -> None:
        """A function of spike times: its derivatives belong to the spikes."""
        values, slopes = self.of_spikes(part)
        self.values += factor * values
        for pulled, start in zip(self.pulled, self.spikes.offsets, strict=False):
            for k in range(len(pulled.d_spike)):
                pulled.d_spike[k] += self.slope_factor(factor) * float(slopes[start + k])

    def add_voltage_loss(self, part: VoltageLoss, factor: float) -> None:
        """A function of what is observed of V: its derivatives go the way of the observation."""
        neurons = self.problem.network.neurons(part.population)
        observer = self.observers[type(part.observable)]
        observed = [observer(part.observable, record, neurons, s) for s, record in enumerate(self.records)]
        seen = np.array([o.seen() for o in observed])
        self.observed[-1] = seen.copy()  # a loss may change what it is given
        values, slopes = self.of_voltages(part, seen)
        self.values += factor * values
        for o, c, pulled in zip(observed, slopes, self.pulled, strict=True):
            o.pull(self.slope_factor(factor) * c, pulled)

    def term(self, loss: Loss) -> Loss:
        """One term of the loss."""
        return loss

    def slope_factor(self, factor: float) -> float:
        """The factor of a term in its derivative."""
        return factor

    def of_spikes(self, part: SpikeLoss) -> tuple[Array, Array]:
        """Values per sample, and derivatives by the times of all spikes."""
        return part.evaluate(self.spikes, self.problem.network.neurons(part.population), self.records[0].model.duration)

    def of_voltages(self, part: VoltageLoss, seen: Any) -> tuple[Array, Array]:
        """Values per sample, and derivatives by the numbers seen."""
        return part.evaluate_voltage(seen)


def _is_finite(pulled: Pulled) -> bool:
    impulses = [c for part in pulled.impulses.values() for _, c in part]
    return bool(np.all(np.isfinite([*pulled.d_spike, *impulses, *pulled.kinks.values()])))
