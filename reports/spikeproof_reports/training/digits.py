"""The 8 x 8 digits that scikit-learn ships, as latencies."""

# ruff: noqa: RUF001 -- minus and times signs are typographic on purpose

from __future__ import annotations

import numpy as np

from spikeproof.datasets import latency_code
from spikeproof.training import Adam, Samples, Sets, Settings
from spikeproof_reports.training.experiment import Experiment, Layers
from spikeproof_reports.training.optional import needed

SETTINGS = Settings(epochs=30, batch=10, adam=Adam(1e-2), decay=0.95, dropout=0.1)
SIZES = {"train": 1200, "validation": 297, "test": 300}
SPLIT_SEED = 0
BRIGHTEST, ENCODING, DURATION = 16.0, 20.0, 40.0
LAYERS = Layers((64, 200, 10), hidden=(0.4, 0.25), readout=(0.0, 0.4))


def digits_experiment() -> Experiment:
    """64 pixels, 200 hidden LIF neurons, 10 leaky integrators, max-voltage cross-entropy.

    Raises
    ------
    InvalidInput
        If scikit-learn is not installed.
    """
    digits = needed("sklearn.datasets", "scikit-learn").load_digits()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(digits.data))
    samples = Samples(
        latency_code(digits.data, brightest=BRIGHTEST, threshold=1.0, t_max=ENCODING, duration=DURATION), digits.target
    )
    parts = np.split(order, np.cumsum(list(SIZES.values()))[:-1])
    train, validation, test = (samples.select(part) for part in parts)
    return Experiment(
        name="digits",
        title="Training on small images of digits",
        paragraphs=(
            "The 1797 handwritten digits of 8 × 8 pixels that scikit-learn ships, drawn from a seed into 1200 to train "
            "on, 297 to validate and 300 to test. A pixel of value p > 1 spikes once, at (1 − p/16) 20 ms. A hidden "
            "layer of 200 LIF neurons drives ten leaky integrators over 40 ms; the class is the one whose V grows "
            "largest, and the loss is the cross-entropy of these maxima.",
        ),
        sets=Sets(train, test, validation),
        classifier=LAYERS.classifier,
    )
