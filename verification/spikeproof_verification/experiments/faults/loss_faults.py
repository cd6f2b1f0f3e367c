"""Faults of losses and observables; `catalogue` describes each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from spikeproof import ExponentialWeight, FirstSpikeCrossEntropy
from spikeproof.losses import Loss, SpikeLoss, VoltageLoss
from spikeproof.numbers import Array, Float64Array
from spikeproof_reference.textbook.engine import TextbookEngine
from spikeproof_reference.textbook.integrals import Integral, Path, Weighted
from spikeproof_reference.textbook.largest import Largest
from spikeproof_reference.textbook.losses import Losses
from spikeproof_reference.textbook.observed import AtTimes, Pulled
from spikeproof_reference.textbook.quadrature import Cut, Piece, piece
from spikeproof_reference.textbook.record import Spike
from spikeproof_verification.experiments.faults.seeded import seeded

COARSE = 3  # nodes


@seeded("sign of dl/dt")
class _Sign(Losses):
    def of_spikes(self, part: SpikeLoss) -> tuple[Array, Array]:
        values, slopes = super().of_spikes(part)
        return values, -slopes


@seeded("second spike taken for the first")
class _SecondForFirst(Losses):
    def of_spikes(self, part: SpikeLoss) -> tuple[Array, Array]:
        values, slopes = super().of_spikes(part)
        slopes, samples = slopes.copy(), self.spikes.samples()
        for sample, n in np.ndindex(self.spikes.n_samples, self.problem.network.n_neurons):
            of_neuron = np.flatnonzero((samples == sample) & (self.spikes.neurons == n))[:2]
            slopes[of_neuron] = slopes[of_neuron[::-1]]
        return values, slopes


@seeded("second term of the first-spike loss missing")
class _NoSecondTerm(Losses):
    def term(self, loss: Loss) -> Loss:
        return replace(loss, alpha=0.0) if isinstance(loss, FirstSpikeCrossEntropy) else loss


@seeded("second term missing in dl/dt")
class _NoSecondTermInSlope(Losses):
    def of_spikes(self, part: SpikeLoss) -> tuple[Array, Array]:
        values, slopes = super().of_spikes(part)
        if isinstance(part, FirstSpikeCrossEntropy):
            slopes = super().of_spikes(replace(part, alpha=0.0))[1]
        return values, slopes


@seeded("wrong label")
class _WrongLabel(Losses):
    def term(self, loss: Any) -> Any:
        size = self.problem.network.population(loss.population).size
        return replace(loss, labels=(loss.labels + 1) % size) if hasattr(loss, "labels") else loss


@seeded("softmax without the label")
class _WithoutLabel(Losses):
    def of_voltages(self, part: VoltageLoss, seen: Any) -> tuple[Array, Array]:
        values, slopes = super().of_voltages(part, seen)
        if hasattr(part, "labels") and slopes.ndim == 2:
            slopes = slopes.copy()
            slopes[np.arange(len(slopes)), part.labels] += 1.0
        return values, slopes


@seeded("factor of a term missing in its derivative")
class _NoFactor(Losses):
    def slope_factor(self, factor: float) -> float:
        return 1.0


@seeded("loss summed over the batch")
class _Summed(TextbookEngine):
    def mean(self, values: Float64Array) -> float:
        return float(np.sum(values))


@seeded("V held since the last event")
class _Held(AtTimes):
    def v(self, n: int, time: float) -> float:
        k = self.record.interval_before(n, time)
        return self.record.v(n, k, self.record.nodes[n][k].time)


@seeded("last V for the largest")
class _Last(Largest):
    def place(self, n: int) -> tuple[int, float]:
        return len(self.record.nodes[n]) - 1, self.record.model.duration


@seeded("published rule at kinks")
class _Published(Largest):
    def pull_kink(self, pulled: Pulled, n: int, k: int, c: float, rule: str) -> None:
        super().pull_kink(pulled, n, k, c, "published")


@seeded("kink term dropped")
class _NoKinkTerm(Largest):
    def vdot_before(self, n: int, k: int, time: float) -> float:
        return 0.0


@seeded("kink on the plus side")
class _PlusSide(Largest):
    def pull_kink(self, pulled: Pulled, n: int, k: int, c: float, rule: str) -> None:
        node = self.record.nodes[n][k + 1]
        self.impulse(pulled, n, k + 1, node.time, c)
        pulled.kinks[node.event] += c * self.vdot_before(n, k, node.time)


@seeded("weight g forgotten")
class _NoWeight(Weighted):
    def g(self, times: Float64Array) -> Float64Array:
        return np.ones_like(times) if isinstance(self.observable.weight, ExponentialWeight) else super().g(times)


@seeded("sum taken for the mean")
class _SumForMean(Weighted):
    def g(self, times: Float64Array) -> Float64Array:
        return np.ones_like(times) if self.observable.weight == "mean" else super().g(times)


class _Coarse(Integral):
    def rule(self, cuts: list[Cut], agreed: float) -> list[Piece]:
        return [piece(self.integrands, cut, COARSE) for cut in cuts]


@seeded("quadrature too coarse")
class _CoarseWeighted(_Coarse, Weighted):
    pass


@seeded("quadrature too coarse")
class _CoarsePath(_Coarse, Path):
    pass


class _NoDrop(Integral):
    def spikes(self) -> list[tuple[int, Spike]]:
        return []


@seeded("l_V^- - l_V^+ dropped")
class _NoDropWeighted(_NoDrop, Weighted):
    pass


@seeded("l_V^- - l_V^+ dropped")
class _NoDropPath(_NoDrop, Path):
    pass
