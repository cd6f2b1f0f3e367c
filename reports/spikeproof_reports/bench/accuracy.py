"""Errors of an engine's answer against the reference answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from spikeproof.numbers import Array


def judged_answer(answer: Any, expected: Any, n_samples: int, n_neurons: int) -> dict[str, float]:
    """Errors of spikes and of the loss.

    Parameters
    ----------
    answer, expected : answers with times, neurons, samples, loss and gradients.
    n_samples, n_neurons : sizes of the problem.

    Returns
    -------
    dict
        ``spikes`` (expected number), ``missed`` and ``extra`` (sums over neurons of missing and surplus spikes),
        ``median_time_error`` and ``max_time_error`` over spikes of neurons with the right number of them,
        NaN without any; ``loss``, ``expected_loss`` and ``loss_error`` (relative), NaN without a loss.
    """
    found, wanted = (_counts(a, n_samples, n_neurons) for a in (answer, expected))
    surplus = found - wanted
    errors = np.abs(_times(answer, surplus == 0) - _times(expected, surplus == 0))
    loss, right = (float("nan") if a.loss is None else float(a.loss) for a in (answer, expected))
    return {
        "samples": n_samples,
        "spikes": int(wanted.sum()),
        "missed": int(np.maximum(-surplus, 0).sum()),
        "extra": int(np.maximum(surplus, 0).sum()),
        "median_time_error": _worse(np.median(errors)) if len(errors) else float("nan"),
        "max_time_error": _worse(np.max(errors)) if len(errors) else float("nan"),
        "loss": loss,
        "expected_loss": right,
        "loss_error": _worse(abs(loss - right) / abs(right)) if expected.loss else float("nan"),
    }


def judged_gradients(answer: Any, expected: Any) -> list[dict[str, Any]]:
    """The error of each weight gradient, relative to the norm of the expected one, and the cosine between the two.

    A gradient that is missing or of another shape counts as 0, with error 1 and cosine 0; one that is not finite has an
    infinite error.
    """
    rows = []
    for name, right in expected.gradients.items():
        given = np.asarray(answer.gradients.get(name, np.zeros_like(right)), dtype=np.float64)
        given = given if given.shape == right.shape else np.zeros_like(right)
        if not np.all(np.isfinite(given)):
            rows.append({"weights": name, "error": float("inf"), "cosine": 0.0})
            continue
        size, own = float(np.linalg.norm(right)), float(np.linalg.norm(given))
        error = float(np.linalg.norm(given - right)) / size if size else float("nan")
        cosine = float(np.sum(given * right)) / (own * size) if own * size else 0.0
        rows.append({"weights": name, "error": error, "cosine": cosine})
    return rows


def _worse(error: float) -> float:
    """`error`, or infinity if it is NaN."""
    return float(error) if error == error else float("inf")


def _counts(answer: Any, n_samples: int, n_neurons: int) -> Array:
    counts = np.zeros((n_samples, n_neurons), dtype=np.int64)
    np.add.at(counts, (answer.samples, answer.neurons), 1)
    return counts


def _times(answer: Any, kept: Array) -> Array:
    """Spike times of the (sample, neuron) pairs that are kept, in the order of sample, neuron and time."""
    order = np.lexsort((answer.times, answer.neurons, answer.samples))
    times: Array = np.asarray(answer.times, dtype=np.float64)[order]
    chosen: Array = times[kept[answer.samples[order], answer.neurons[order]]]
    return chosen
