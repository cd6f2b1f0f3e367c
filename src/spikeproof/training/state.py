"""The state of a training: all that changes, so that it can be stored between any two steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from spikeproof.numbers import Float64Array, IntArray
from spikeproof.training.adam import Moments
from spikeproof.training.readout import NO_CLASS, TIED

Row: TypeAlias = dict[str, float]


@dataclass
class Tally:
    """Sums over the samples of the current epoch: their losses, how many were right, and how many there were.

    Of those that were not right, `unanswered` had no answer and `tied` had several.
    """

    loss: float = 0.0
    right: int = 0
    unanswered: int = 0
    tied: int = 0
    seen: int = 0

    def add(self, loss: float, size: int) -> None:
        """Count a batch of this mean loss and size."""
        self.loss += loss * size
        self.seen += size

    def judge(self, answers: IntArray, labels: IntArray) -> None:
        """Count the answers of a batch with these labels."""
        self.right += int(np.sum(answers == labels))
        self.unanswered += int(np.sum(answers == NO_CLASS))
        self.tied += int(np.sum(answers == TIED))


@dataclass
class State:
    """The state of a training between two steps.

    Attributes
    ----------
    weights : all weights as one vector, and behind them what else is learned: see `Classifier`.
    moments : the state of Adam.
    rng : generator of the order of samples and of dropout.
    order : numbers of the training samples in the order of the current epoch; empty before an epoch starts.
    position : how many of them have been seen.
    epoch : finished epochs.
    tally : sums over the samples of the current epoch.
    history : one row per finished epoch, and one for the start.
    seconds : wall time so far, over all interruptions.
    """

    weights: Float64Array
    moments: Moments
    rng: np.random.Generator
    order: IntArray
    position: int = 0
    epoch: int = 0
    tally: Tally = field(default_factory=Tally)
    history: list[Row] = field(default_factory=list)
    seconds: float = 0.0

    @classmethod
    def first(cls, weights: Float64Array, seed: int) -> State:
        """The state before the first step."""
        return cls(weights, Moments.zero(len(weights)), np.random.default_rng(seed), np.zeros(0, np.int64))
