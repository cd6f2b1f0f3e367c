"""The first-spike cross-entropy of the Yin-Yang experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.horizon import Ranks
from spikeproof.losses.protocol import check_spiking
from spikeproof.losses.ranks import first_spikes
from spikeproof.losses.samples import PerSample
from spikeproof.losses.softmax import check_labels, checked_labels, cross_entropy
from spikeproof.network import Network
from spikeproof.numbers import Array, Scalar, nonnegative, positive, scalar
from spikeproof.spikes import Spikes

Silent = Literal["duration", "absent", "error"]


@dataclass(frozen=True)
class FirstSpikeCrossEntropy(PerSample):
    """Cross-entropy of first spike times, with a second term that keeps the label neuron early.

    ::

        L = -log( exp(-t_l / tau0) / sum_j exp(-t_j / tau0) ) + alpha (exp(t_l / tau1) - 1)

    Parameters
    ----------
    population
        Name of a LIF population, one neuron per class.
    labels : int array, shape (n_samples,)
        Class of each sample, from 0 to size - 1.
    tau0, tau1
        Time scales of the two terms, > 0.
    alpha
        Weight of the second term, >= 0.
    silent
        What a neuron that never spikes counts as. It has no derivative in any case.

        - ``"duration"``: a first spike at T;
        - a number >= 0: a first spike at that time;
        - ``"absent"``: it drops out of the sum; if the label's neuron is silent the sample contributes 0;
        - ``"error"``: refuse, naming sample and neuron.

    Raises
    ------
    InvalidInput
        If an argument is outside its range; from `Problem`, if the loss does not fit the network or the batch; from an
        engine, if a neuron is silent although `silent` is ``"error"``, or if the loss overflows.

    References
    ----------
    docs/theory.md (loss-first-spike); Wunderlich and Pehle (2021), Scientific Reports 11, 12829.
    """

    population: str
    labels: Any
    tau0: Any
    tau1: Any
    alpha: Any = 0.0
    silent: Silent | Scalar = "duration"

    per_sample: ClassVar[tuple[str, ...]] = ("labels",)

    def __post_init__(self) -> None:
        labels = checked_labels(self.labels)
        silent = self.silent
        if not (isinstance(silent, str) and silent in ("duration", "absent", "error")):
            allowed = "'duration', 'absent', 'error' or a time >= 0"
            if isinstance(silent, str) or scalar("loss.silent", silent, allowed) < 0:
                raise InvalidInput("loss.silent", silent, allowed)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "tau0", positive("loss.tau0", self.tau0))
        object.__setattr__(self, "tau1", positive("loss.tau1", self.tau1))
        object.__setattr__(self, "alpha", nonnegative("loss.alpha", self.alpha))

    @property
    def horizon(self) -> Ranks:
        return Ranks(1)

    def check(self, network: Network, n_samples: int) -> None:
        check_labels(self.labels, n_samples, check_spiking(network, self.population))

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        first = first_spikes(spikes, neurons)
        present = first >= 0
        if self.silent == "error" and not np.all(present):
            raise self.silent_neuron(*(int(i) for i in np.argwhere(~present)[0]))
        times = np.full(first.shape, self.silent_time(duration))
        times[present] = spikes.times[first[present]]
        counted = np.isfinite(times[np.arange(len(first)), self.labels])
        values, slopes = np.zeros(len(first)), np.zeros(first.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # an overflow raises below
            values[counted], slopes[counted] = self._terms(times[counted], self.labels[counted])
        if not (np.all(np.isfinite(values)) and np.all(np.isfinite(slopes))):
            raise self.overflow()
        derivative = np.zeros(len(spikes))
        derivative[first[present]] = slopes[present]
        return values, derivative

    def _terms(self, times: Array, labels: Array) -> tuple[Array, Array]:
        """Loss of each sample, and its derivative with respect to every neuron's first spike time."""
        rows, tau0, tau1, alpha = np.arange(len(times)), float(self.tau0), float(self.tau1), float(self.alpha)
        t_label = times[rows, labels]
        values, slopes = cross_entropy(-times / tau0, labels)
        slopes /= -tau0
        if alpha:
            values += alpha * np.expm1(t_label / tau1)
            slopes[rows, labels] += alpha / tau1 * np.exp(t_label / tau1)
        return values, slopes

    def silent_time(self, duration: Scalar) -> float:
        """The first spike time that a silent neuron counts as; infinite if it drops out of the sum."""
        if isinstance(self.silent, str):
            return float(duration) if self.silent == "duration" else np.inf
        return float(self.silent)

    def silent_neuron(self, sample: int, neuron: int) -> InvalidInput:
        """The error for a silent neuron where none is allowed."""
        return InvalidInput("loss.silent", "error", f"no silent neuron, but neuron {neuron} of sample {sample} is")

    def overflow(self) -> InvalidInput:
        """The error for a loss or a derivative that is not finite."""
        return InvalidInput("loss.tau0, loss.tau1", (self.tau0, self.tau1), "time scales that keep the loss finite")
