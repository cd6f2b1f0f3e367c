"""Ways around the derivative that a spike does not have, each as a gradient estimator or a way to train."""

from spikeproof.lesson.discrete import Discrete, Trace
from spikeproof.lesson.estimator import Cost, Estimate, EstimatorEngine, ExactGradient, GradientEstimator

__all__ = [
    "Cost",
    "Discrete",
    "Estimate",
    "EstimatorEngine",
    "ExactGradient",
    "GradientEstimator",
    "Trace",
]
