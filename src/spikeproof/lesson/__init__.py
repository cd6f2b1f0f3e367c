"""Ways around the derivative that a spike does not have, each as a gradient estimator or a way to train."""

from spikeproof.lesson.conversion import Conversion, Converted, Rates, ReluNetwork
from spikeproof.lesson.delta import DeltaEngine, TiedArrivals
from spikeproof.lesson.discrete import Discrete
from spikeproof.lesson.eprop import EProp
from spikeproof.lesson.estimator import Cost, Estimate, EstimatorEngine, ExactGradient, GradientEstimator
from spikeproof.lesson.evolution import EvolutionStrategy, Evolved, cma_es, evolve, loss_of_weights
from spikeproof.lesson.reservoir import RandomWeights, Reservoir, TrainedReservoir, filtered, random_reservoir
from spikeproof.lesson.ridge import Ridge, ridge
from spikeproof.lesson.score import ScoreFunction
from spikeproof.lesson.single_spike import SingleSpike
from spikeproof.lesson.smoothed import SmoothedStep
from spikeproof.lesson.surrogate import SurrogateGradient
from spikeproof.lesson.trace import Trace

__all__ = [
    "Conversion",
    "Converted",
    "Cost",
    "DeltaEngine",
    "Discrete",
    "EProp",
    "Estimate",
    "EstimatorEngine",
    "EvolutionStrategy",
    "Evolved",
    "ExactGradient",
    "GradientEstimator",
    "RandomWeights",
    "Rates",
    "ReluNetwork",
    "Reservoir",
    "Ridge",
    "ScoreFunction",
    "SingleSpike",
    "SmoothedStep",
    "SurrogateGradient",
    "TiedArrivals",
    "Trace",
    "TrainedReservoir",
    "cma_es",
    "evolve",
    "filtered",
    "loss_of_weights",
    "random_reservoir",
    "ridge",
]
