"""Verification-first numerics for exact gradients of spiking neural networks."""

from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof.event import EventEngine
from spikeproof.losses import FirstSpikeCrossEntropy, Loss, SpikeTimeFunction, SpikeTimeSum, SpikeTimeTarget
from spikeproof.network import Input, Network, Population, Projection
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.problem import Problem
from spikeproof.solution import Diagnostics, Engine, Gradients, Solution
from spikeproof.spikes import Spikes
from spikeproof.stimulus import Stimulus

__version__ = "0.1.0"

__all__ = [
    "Diagnostics",
    "Engine",
    "EventEngine",
    "EventLimitExceeded",
    "FirstSpikeCrossEntropy",
    "Gradients",
    "GrazingSpike",
    "Input",
    "InvalidInput",
    "Loss",
    "Network",
    "NeuronParameters",
    "Parameters",
    "Population",
    "Problem",
    "Projection",
    "Solution",
    "SpikeTimeFunction",
    "SpikeTimeSum",
    "SpikeTimeTarget",
    "Spikes",
    "Stimulus",
]
