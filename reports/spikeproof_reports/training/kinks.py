"""How often maxima of V are kinks, and how far the published rule is off there, while a network is trained."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spikeproof import EventEngine
from spikeproof.event.kernels.reading.maxima import KINK
from spikeproof.numbers import Float64Array
from spikeproof.training import Classifier, Probe, Samples
from spikeproof_reports.training.experiment import RULES, MakeClassifier

LOOKED_AT = 100  # samples


def kink_probe(classifier: MakeClassifier, watched: Samples, engine: EventEngine) -> Probe:
    """A probe that compares the two rules on the first of the watched samples, whatever rule is trained with.

    Its numbers: ``kinks``, the fraction of maxima that are kinks; ``rule_error``, the norm of the difference of the
    two gradients of all weights over that of the complete one; ``rule_cosine``, of the angle between them.
    """
    samples = watched.select(np.arange(min(LOOKED_AT, len(watched))))
    by_rule = [classifier(0, rule) for rule in RULES]

    def probe(weights: Float64Array) -> Mapping[str, float]:
        complete, published = (_gradient(c, weights, samples, engine) for c in by_rule)
        kinds = engine.run(by_rule[0].problem(weights, samples)).maxima(by_rule[0].readout.population).kind
        norms = float(np.linalg.norm(complete)), float(np.linalg.norm(published))
        known = norms[0] > 0 and norms[1] > 0
        return {
            "kinks": float(np.mean(kinds == KINK)),
            "rule_error": float(np.linalg.norm(published - complete)) / norms[0] if norms[0] else np.nan,
            "rule_cosine": float(complete @ published) / (norms[0] * norms[1]) if known else np.nan,
        }

    return probe


def _gradient(classifier: Classifier, weights: Float64Array, samples: Samples, engine: EventEngine) -> Float64Array:
    gradients = engine.solve(classifier.problem(weights, samples), gradients="weights").gradients
    assert gradients is not None
    return classifier.joined(gradients.weights)
