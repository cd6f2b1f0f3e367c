"""Warnings of a training in which nothing moves: silent networks, and gradients that stay 0."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from spikeproof.numbers import Float64Array
from spikeproof.solution import Solution
from spikeproof.training.classifier import Classifier

ADVICE = "weights with which networks fire: spikeproof.firing_weights, spikeproof.fluctuation_driven_weights"


class TrainingWarning(UserWarning):
    """A training that cannot learn as it is.

    Parameters
    ----------
    text : str
        The reason.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)


class Watch:
    """The gradients that were 0 in all steps of the current epoch, and the populations that were silent in them.

    It is no part of the state of a training: a training that goes on from a checkpoint starts to watch anew.

    Parameters
    ----------
    classifier : Classifier
    whole : bool
        False if the current epoch has begun without it: then nothing is said of that epoch.
    """

    def __init__(self, classifier: Classifier, *, whole: bool = True) -> None:
        self.classifier, self.whole = classifier, whole
        self.said: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self.still = {name for name, _ in self._parts(self.classifier.start())}
        self.silent = {p.name for p in self.classifier.network.populations if p.kind == "lif"}

    def before(self, spikes: float) -> None:
        """Warn if a network with neurons that could spike has no spikes before it is trained."""
        if spikes == 0.0 and self.silent:
            _warn(f"no neuron spikes in any sample of the watched set, before the training; {ADVICE}", 4)

    def see(self, gradient: Float64Array, solution: Solution) -> None:
        """Note which parts of the gradient of a step are not 0, and which populations spike, until all have been."""
        if not self.still:
            return
        self.still -= {name for name, part in self._parts(gradient) if np.any(part)}
        network = self.classifier.network
        for name in sorted(self.silent):
            own = network.neurons(name)
            if np.any((solution.spikes.neurons >= own.start) & (solution.spikes.neurons < own.stop)):
                self.silent.discard(name)

    def end_epoch(self, epoch: int) -> None:
        """Warn of each gradient that was 0 in all steps of the epoch, once in a training."""
        new = sorted(self.still - self.said) if self.whole else []
        if new:
            silent = f" (no spikes of {', '.join(sorted(self.silent))})" if self.silent else ""
            _warn(f"epoch {epoch}: the gradient was 0 in all steps for {'; '.join(new)}{silent}; {ADVICE}", 5)
        self.said |= set(new)
        self.whole = True
        self._begin()

    def _parts(self, vector: Float64Array) -> Iterator[tuple[str, Float64Array]]:
        """The parts of a vector, each after its name in words."""
        classifier, start = self.classifier, 0
        for projection in classifier.network.projections:
            stop = start + classifier.parameters.weights[projection.name].size
            yield f"the weights {projection.name!r}", vector[start:stop]
            start = stop
        for part in classifier.learned:
            stop = start + part.size(classifier.network)
            yield f"{part.name} of {part.of!r}", vector[start:stop]
            start = stop


def _warn(text: str, level: int) -> None:
    """Warn at the line that called `Trainer.run`, so many calls up from here."""
    warnings.warn(text, TrainingWarning, stacklevel=level)
