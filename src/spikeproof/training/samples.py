"""Samples with labels or targets, selections of them, and input dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray, array, integers, nonnegative, rounded
from spikeproof.stimulus import Stimulus


@dataclass(frozen=True)
class Samples:
    """Input spikes, and what each sample should be answered by: its class, or its target numbers.

    Parameters
    ----------
    stimulus : Stimulus
    labels : int array, shape (n_samples,), or None
        Classes, >= 0.
    targets : array, shape (n_samples, ...), or None
        For a regression: numbers, as the loss of the readout wants them for each sample.

    Raises
    ------
    InvalidInput
        If there is not one label >= 0, or one target, for each sample, or if there are both or none.
    """

    stimulus: Stimulus
    labels: Any = None
    targets: Any = None

    def __post_init__(self) -> None:
        instance("samples.stimulus", self.stimulus, Stimulus)
        n = self.stimulus.n_samples
        if (self.labels is None) == (self.targets is None):
            given = "neither" if self.labels is None else "both"
            raise InvalidInput("samples", given, "labels, or targets for a regression")
        if self.labels is not None:
            labels = integers("samples.labels", self.labels, low=0, high=np.iinfo(np.int64).max)
            if len(labels) != n:
                raise InvalidInput("samples.labels", f"{len(labels)} labels", f"one per sample: {n}")
            object.__setattr__(self, "labels", labels)
            return
        targets = rounded(array("samples.targets", self.targets))
        if targets.ndim == 0 or len(targets) != n:
            raise InvalidInput("samples.targets", f"shape {targets.shape}", f"({n}, ...): an entry per sample")
        object.__setattr__(self, "targets", targets)

    def __len__(self) -> int:
        return self.stimulus.n_samples

    @property
    def answers(self) -> Array:
        """The labels, or the targets of a regression."""
        found: Array = self.targets if self.labels is None else self.labels
        return found

    def select(self, numbers: IntArray) -> Samples:
        """The samples with these numbers, in this order; `InvalidInput` as `Stimulus.select`."""
        chosen = self.stimulus.select(numbers)
        return self._with(chosen, self.answers[np.asarray(numbers, dtype=np.int64)])

    def _with(self, stimulus: Stimulus, answers: Array) -> Samples:
        return Samples(stimulus, targets=answers) if self.labels is None else Samples(stimulus, answers)

    def thinned(self, dropout: float, rng: np.random.Generator) -> Samples:
        """These samples with each input spike left out with probability `dropout`.

        The weights of the remaining spikes are not scaled up. Where every channel spikes once at most, as in a latency
        code, this is dropout of channels.

        Raises
        ------
        InvalidInput
            If `dropout` is not a number from 0 to 1.
        """
        dropout = float(nonnegative("dropout", dropout))
        if dropout > 1.0:
            raise InvalidInput("dropout", dropout, "a number from 0 to 1")
        instance("rng", rng, np.random.Generator)
        if dropout == 0.0:
            return self
        kept = rng.random(len(self.stimulus.times)) >= dropout
        return self._with(self.stimulus.keep(kept), self.answers)
