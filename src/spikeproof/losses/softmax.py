"""Softmax cross-entropy of one score per class, accurate also where the label is certain."""

from __future__ import annotations

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray, integers


def checked_labels(labels: object) -> IntArray:
    """Labels as non-negative whole numbers, shape (n_samples,)."""
    return integers("loss.labels", labels, low=0, high=np.iinfo(np.int64).max)


def check_labels(labels: IntArray, n_samples: int, size: int) -> None:
    """Raise `InvalidInput` unless there is one label from 0 to size - 1 per sample."""
    if len(labels) != n_samples:
        raise InvalidInput("loss.labels", f"{len(labels)} labels", f"one per sample: {n_samples}")
    integers("loss.labels", labels, low=0, high=size)


def cross_entropy(scores: Array, labels: IntArray) -> tuple[Array, Array]:
    """``-log softmax(scores)[label]`` and its derivative with respect to every score.

    Parameters
    ----------
    scores : array, shape (n, size); -inf for a class that is left out.
    labels : int array, shape (n,)

    Returns
    -------
    values : array, shape (n,)
    slopes : array, shape (n, size)
        P - [class is label], where the label's entry is minus the sum of the others, without the cancellation.
    """
    rows = np.arange(len(labels))
    z = scores - np.max(scores, axis=1, keepdims=True)
    weight = np.exp(z)
    total = np.sum(weight, axis=1)
    others = weight.copy()
    others[rows, labels] = 0.0
    excess = np.sum(others, axis=1)
    z_label = z[rows, labels]
    values = np.where(z_label == 0.0, np.log1p(excess), np.log(total) - z_label)
    slopes = weight / total[:, None]
    slopes[rows, labels] = -excess / total
    return values, slopes
