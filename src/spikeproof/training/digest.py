"""A digest of a training, by which a checkpoint is matched with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace

import numpy as np

import spikeproof
from spikeproof.engine import Engine
from spikeproof.event import EventEngine
from spikeproof.training.classifier import Classifier
from spikeproof.training.samples import Samples
from spikeproof.training.settings import Settings


def run_digest(classifier: Classifier, sets: Iterable[Samples], settings: Settings, engine: Engine) -> str:
    """Digest of network, initial parameters, readout, samples, version, settings but for the epochs, and the engine."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (spikeproof.__version__, classifier.network, classifier.readout, replace(settings, epochs=1)):
        digest.update(repr(part).encode())
    if type(engine) is not EventEngine:  # the settings of the event engine change no number
        digest.update(_settings_of(engine).encode())
    if classifier.learned:
        digest.update(repr(classifier.learned).encode())
    digest.update(classifier.start().tobytes())
    for name, neurons in sorted(classifier.parameters.neurons.items()):
        for field in fields(neurons):
            value = getattr(neurons, field.name)
            digest.update(f"{name}.{field.name}".encode() + (b"" if value is None else value.tobytes()))
    for samples in sets:
        s = samples.stimulus
        for values in (s.times, s.channels, s.offsets, samples.answers, np.asarray(s.duration)):
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _settings_of(engine: Engine) -> str:
    """The settings of an engine without its threads, which change no number."""
    if not is_dataclass(engine):
        return engine.name
    given = {f.name: getattr(engine, f.name) for f in fields(engine) if f.name != "threads"}
    return f"{type(engine).__name__} {given}"
