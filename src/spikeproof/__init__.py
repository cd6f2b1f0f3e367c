"""Verification-first numerics for exact gradients of spiking neural networks."""

from spikeproof.builders import Layer, chain, constant_weights, normal_weights
from spikeproof.engine import Engine
from spikeproof.errors import EventLimitExceeded, GrazingSpike, InvalidInput
from spikeproof.event import EventEngine
from spikeproof.firing import firing_weights
from spikeproof.grid import GridEngine
from spikeproof.initial_weights import fluctuation_driven_weights, mean_rates
from spikeproof.line import LossLine, loss_line
from spikeproof.losses import (
    ExponentialWeight,
    FirstSpikeCrossEntropy,
    InstantaneousCrossEntropy,
    IntegralCrossEntropy,
    Loss,
    LossSum,
    MaxVoltageCrossEntropy,
    SpikeCountRegulariser,
    SpikeTimeFunction,
    SpikeTimeSum,
    SpikeTimeTarget,
    TargetTrace,
    VoltageFunction,
    VoltageIntegral,
    VoltagePathIntegral,
    VoltageTarget,
)
from spikeproof.network import Input, Network, Population, Projection
from spikeproof.parameters import NeuronParameters, Parameters
from spikeproof.probes import adjoint_variables
from spikeproof.problem import Problem
from spikeproof.saved import load, save
from spikeproof.solution import Diagnostics, Gradients, NeuronGradients, Solution
from spikeproof.spikes import Spikes
from spikeproof.stimulus import Stimulus
from spikeproof.synapses import Synapses
from spikeproof.validity import ValidityRadius, validity_radius
from spikeproof.warming import warm

__version__ = "0.1.0"

__all__ = [
    "Diagnostics",
    "Engine",
    "EventEngine",
    "EventLimitExceeded",
    "ExponentialWeight",
    "FirstSpikeCrossEntropy",
    "Gradients",
    "GrazingSpike",
    "GridEngine",
    "Input",
    "InstantaneousCrossEntropy",
    "IntegralCrossEntropy",
    "InvalidInput",
    "Layer",
    "Loss",
    "LossLine",
    "LossSum",
    "MaxVoltageCrossEntropy",
    "Network",
    "NeuronGradients",
    "NeuronParameters",
    "Parameters",
    "Population",
    "Problem",
    "Projection",
    "Solution",
    "SpikeCountRegulariser",
    "SpikeTimeFunction",
    "SpikeTimeSum",
    "SpikeTimeTarget",
    "Spikes",
    "Stimulus",
    "Synapses",
    "TargetTrace",
    "ValidityRadius",
    "VoltageFunction",
    "VoltageIntegral",
    "VoltagePathIntegral",
    "VoltageTarget",
    "adjoint_variables",
    "chain",
    "constant_weights",
    "firing_weights",
    "fluctuation_driven_weights",
    "load",
    "loss_line",
    "mean_rates",
    "normal_weights",
    "save",
    "validity_radius",
    "warm",
]
