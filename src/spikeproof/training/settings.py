"""The settings of a training."""

from __future__ import annotations

from dataclasses import dataclass, field

from spikeproof.errors import InvalidInput
from spikeproof.numbers import integer, nonnegative, positive
from spikeproof.training.adam import Adam


@dataclass(frozen=True)
class Settings:
    """The settings of a training.

    Parameters
    ----------
    epochs
        How often all training samples are seen, >= 1.
    batch
        Samples per step, >= 1. The last batch of an epoch has the remaining samples.
    adam
        The optimiser.
    decay
        The rate of epoch e = 0, 1, ... is ``adam.rate * decay**e``; > 0, at most 1. Adam already divides by the size of
        the gradients: a rate that falls fast as well stops the training early.
    dropout
        Probability that an input spike is left out of a training step, from 0 to below 1.
    seed
        Seed of the order of the samples and of dropout, >= 0.

    Raises
    ------
    InvalidInput
        If a number is outside its range.
    """

    epochs: int = 100
    batch: int = 32
    adam: Adam = field(default_factory=Adam)
    decay: float = 1.0
    dropout: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low in (("epochs", 1), ("batch", 1), ("seed", 0)):
            integer(name, getattr(self, name), low=low)
        if not isinstance(self.adam, Adam):
            raise InvalidInput("adam", self.adam, "Adam(...)")
        if positive("decay", self.decay) > 1:
            raise InvalidInput("decay", self.decay, "a number > 0, at most 1")
        if nonnegative("dropout", self.dropout) >= 1:
            raise InvalidInput("dropout", self.dropout, "a number from 0 to below 1")

    def factor(self, epoch: int) -> float:
        """The factor of the rate of `adam` in epoch `epoch`, counted from 0."""
        return float(self.decay) ** epoch
