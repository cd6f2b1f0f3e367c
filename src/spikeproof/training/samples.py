"""Labelled samples, selections of them, and input dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spikeproof.arguments import instance
from spikeproof.errors import InvalidInput
from spikeproof.numbers import IntArray, integers, nonnegative
from spikeproof.stimulus import Stimulus


@dataclass(frozen=True)
class Samples:
    """Input spikes and the class of each sample.

    Parameters
    ----------
    stimulus : Stimulus
    labels : int array, shape (n_samples,)
        Classes, >= 0.

    Raises
    ------
    InvalidInput
        If there is not one label >= 0 for each sample.
    """

    stimulus: Stimulus
    labels: Any

    def __post_init__(self) -> None:
        instance("samples.stimulus", self.stimulus, Stimulus)
        labels = integers("samples.labels", self.labels, low=0, high=np.iinfo(np.int64).max)
        if len(labels) != self.stimulus.n_samples:
            raise InvalidInput("samples.labels", f"{len(labels)} labels", f"one per sample: {self.stimulus.n_samples}")
        object.__setattr__(self, "labels", labels)

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, numbers: IntArray) -> Samples:
        """The samples with these numbers, in this order."""
        return Samples(self.stimulus.select(numbers), self.labels[np.asarray(numbers, dtype=np.int64)])

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
        return Samples(self.stimulus.keep(kept), self.labels)
