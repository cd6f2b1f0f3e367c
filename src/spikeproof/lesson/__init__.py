"""Ways around the derivative that a spike does not have, each as a gradient estimator or a way to train."""

from spikeproof.lesson.delta import DeltaEngine, TiedArrivals
from spikeproof.lesson.discrete import Discrete, Trace
from spikeproof.lesson.estimator import Cost, Estimate, EstimatorEngine, ExactGradient, GradientEstimator
from spikeproof.lesson.surrogate import SurrogateGradient

__all__ = [
    "Cost",
    "DeltaEngine",
    "Discrete",
    "Estimate",
    "EstimatorEngine",
    "ExactGradient",
    "GradientEstimator",
    "SurrogateGradient",
    "TiedArrivals",
    "Trace",
]
