"""A digest of what is trained and how, by which a checkpoint knows its own run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np

import spikeproof
from spikeproof.training.classifier import Classifier
from spikeproof.training.samples import Samples
from spikeproof.training.settings import Settings


def run_digest(classifier: Classifier, sets: Iterable[Samples], settings: Settings) -> str:
    """Digest of network, initial parameters, readout, samples, version and settings, but for the number of epochs."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (spikeproof.__version__, classifier.network, classifier.readout, replace(settings, epochs=1)):
        digest.update(repr(part).encode())
    digest.update(classifier.start().tobytes())
    for name, neurons in sorted(classifier.parameters.neurons.items()):
        for field in fields(neurons):
            value = getattr(neurons, field.name)
            digest.update(f"{name}.{field.name}".encode() + (b"" if value is None else value.tobytes()))
    for samples in sets:
        s = samples.stimulus
        for values in (s.times, s.channels, s.offsets, samples.labels, np.asarray(s.duration)):
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
