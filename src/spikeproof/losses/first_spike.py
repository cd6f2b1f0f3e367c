"""The first-spike cross-entropy of the Yin-Yang experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.losses.protocol import check_spiking
from spikeproof.losses.ranks import first_spikes
from spikeproof.network import Network
from spikeproof.numbers import Array, Scalar, integers, nonnegative, positive, scalar
from spikeproof.spikes import Spikes

Silent = Literal["duration", "absent", "error"]


@dataclass(frozen=True)
class FirstSpikeCrossEntropy:
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

    References
    ----------
    Wunderlich and Pehle (2021), Scientific Reports 11, 12829; the notes' eqs. 25 to 31.
    """

    population: str
    labels: Any
    tau0: Any
    tau1: Any
    alpha: Any = 0.0
    silent: Silent | Scalar = "duration"

    def __post_init__(self) -> None:
        labels = integers("loss.labels", self.labels, low=0, high=np.iinfo(np.int64).max)
        silent = self.silent
        if not (isinstance(silent, str) and silent in ("duration", "absent", "error")):
            allowed = "'duration', 'absent', 'error' or a time >= 0"
            if isinstance(silent, str) or scalar("loss.silent", silent, allowed) < 0:
                raise InvalidInput("loss.silent", silent, allowed)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "tau0", positive("loss.tau0", self.tau0))
        object.__setattr__(self, "tau1", positive("loss.tau1", self.tau1))
        object.__setattr__(self, "alpha", nonnegative("loss.alpha", self.alpha))

    def check(self, network: Network, n_samples: int) -> None:
        size = check_spiking(network, self.population)
        if len(self.labels) != n_samples:
            raise InvalidInput("loss.labels", f"{len(self.labels)} labels", f"one per sample: {n_samples}")
        integers("loss.labels", self.labels, low=0, high=size)

    def evaluate(self, spikes: Spikes, neurons: range, duration: Scalar) -> tuple[Array, Array]:
        first = first_spikes(spikes, neurons)
        present = first >= 0
        times = self._first_times(spikes, first, present, float(duration))
        rows = np.arange(len(first))
        t_label = times[rows, self.labels]
        counted = np.isfinite(t_label)
        z = -times / float(self.tau0)
        z -= np.max(z, axis=1, keepdims=True, initial=-np.inf, where=np.isfinite(z) | ~np.any(present, axis=1)[:, None])
        with np.errstate(invalid="ignore"):
            weight = np.where(np.isfinite(z), np.exp(z), 0.0)
        total = np.sum(weight, axis=1)
        others = weight.copy()
        others[rows, self.labels] = 0.0
        excess = np.sum(others, axis=1)  # 1 - P_label without the cancellation

        values = np.zeros(len(first))
        late = np.zeros(len(first))
        late[counted] = np.exp(t_label[counted] / float(self.tau1))
        log_p = z[rows, self.labels][counted] - np.log(total[counted])
        values[counted] = -log_p + float(self.alpha) * np.expm1(t_label[counted] / float(self.tau1))

        safe = np.where(counted, total, 1.0)
        slope = -weight / safe[:, None] / float(self.tau0)
        slope[rows, self.labels] = excess / safe / float(self.tau0) + float(self.alpha) / float(self.tau1) * late
        slope[~counted] = 0.0
        derivative = np.zeros(len(spikes))
        derivative[first[present]] = slope[present]
        return values, derivative

    def _first_times(self, spikes: Spikes, first: Array, present: Array, duration: float) -> Array:
        if self.silent == "error" and not np.all(present):
            sample, neuron = (int(i) for i in np.argwhere(~present)[0])
            raise InvalidInput("loss.silent", "error", f"no silent neuron, but neuron {neuron} of sample {sample} is")
        fill = {"duration": duration, "absent": np.inf, "error": np.inf}
        value = fill[self.silent] if isinstance(self.silent, str) else float(self.silent)
        times = np.full(first.shape, value)
        times[present] = spikes.times[first[present]]
        return times
