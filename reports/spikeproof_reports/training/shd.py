"""Spoken digits as spike trains of a cochlea model: the Spiking Heidelberg data, or any in its format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from spikeproof import InvalidInput
from spikeproof.training import Adam, Samples, Sets, Settings
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.training.experiment import Experiment, Layers
from spikeproof_reports.training.hdf5 import read_spike_trains

SETTINGS = Settings(epochs=50, batch=32, adam=Adam(1e-3), decay=1.0, dropout=0.1)
CHANNELS, HIDDEN = 700, 256
WEIGHTS = {"hidden": (0.03, 0.01), "readout": (0.0, 0.1)}
SPLIT_SEED, TESTED = 0, 0.2


def shd_experiment(data: Path, test_data: Path | None = None) -> Experiment:
    """700 channels, 256 hidden LIF neurons, one leaky integrator per class, max-voltage cross-entropy.

    Parameters
    ----------
    data : Path
        HDF5 file of the samples to train on.
    test_data : Path, or None
        HDF5 file of the test samples; None: a fifth of `data`, drawn from a fixed seed.

    Raises
    ------
    InvalidInput
        If h5py is not installed or a file is wrong.
    """
    everything = read_spike_trains(data, CHANNELS)
    if test_data is None:
        if len(everything) < 2:
            raise InvalidInput("data", "1 sample", "at least two, or a file with test samples")
        order = np.random.default_rng(SPLIT_SEED).permutation(len(everything))
        n_test = max(1, int(TESTED * len(everything)))
        train, test = everything.select(order[n_test:]), everything.select(order[:n_test])
    else:
        train, test = _of_one_duration(everything, read_spike_trains(test_data, CHANNELS))
    n_classes = int(max(train.labels.max(), test.labels.max())) + 1
    layers = Layers((CHANNELS, HIDDEN, n_classes), hidden=WEIGHTS["hidden"], readout=WEIGHTS["readout"])
    return Experiment(
        name="shd",
        title="Training on spike trains of spoken digits",
        paragraphs=(
            f"Spike trains on {CHANNELS} channels: {count(len(train))} to train on, {count(len(test))} to test, in "
            f"{n_classes} classes. A hidden layer of {HIDDEN} LIF neurons drives one leaky integrator for each class "
            f"over {train.stimulus.duration:g} ms; the class is the one whose V grows largest, and the loss is the "
            "cross-entropy of these maxima.",
        ),
        sets=Sets(train, test),
        classifier=layers.classifier,
    )


def _of_one_duration(*sets: Samples) -> list[Samples]:
    longest = max(samples.stimulus.duration for samples in sets)
    return [Samples(replace(s.stimulus, duration=longest), s.labels) for s in sets]
