"""Losses of some of the samples of a batch."""

from __future__ import annotations

from spikeproof.losses.first_spike import FirstSpikeCrossEntropy
from spikeproof.losses.max_voltage import MaxVoltageCrossEntropy
from spikeproof.losses.mixture import LossSum, terms_of
from spikeproof.losses.protocol import Loss

LABELLED = (FirstSpikeCrossEntropy, MaxVoltageCrossEntropy)  # know the samples by their labels alone


def is_separable(loss: Loss) -> bool:
    """True if `of_samples` knows every term, which a class that is derived from a known one need not be."""
    return all(type(part) in LABELLED for _, part in terms_of(loss))


def of_samples(loss: Loss, first: int, last: int) -> Loss:
    """A separable loss, of samples first .. last alone; what is valid needs no check there."""
    if isinstance(loss, LossSum):
        return LossSum([(factor, of_samples(part, first, last)) for factor, part in loss.terms])
    cut: Loss = object.__new__(type(loss))
    cut.__dict__.update(loss.__dict__, labels=loss.labels[first:last])  # type: ignore[attr-defined]
    return cut
