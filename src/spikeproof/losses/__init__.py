"""Losses: functions of spike times, of membrane potentials, or of both."""

from spikeproof.losses.first_spike import FirstSpikeCrossEntropy
from spikeproof.losses.integrals import IntegralCrossEntropy, VoltageIntegral
from spikeproof.losses.max_voltage import MaxVoltageCrossEntropy
from spikeproof.losses.mixture import LossSum, is_loss, located_term, terms_of
from spikeproof.losses.observables import (
    ExponentialWeight,
    MaxVoltage,
    Observable,
    PathIntegral,
    VoltageAt,
    WeightedIntegral,
    check_times,
)
from spikeproof.losses.path_integrals import InstantaneousCrossEntropy, TargetTrace, VoltagePathIntegral
from spikeproof.losses.protocol import Loss, SpikeLoss, VoltageLoss, is_spike_loss, is_voltage_loss
from spikeproof.losses.samples import is_separable, of_samples
from spikeproof.losses.spike_count import SpikeCountRegulariser
from spikeproof.losses.spike_times import SpikeTimeFunction, SpikeTimeSum, SpikeTimeTarget
from spikeproof.losses.voltage_values import VoltageFunction, VoltageTarget

__all__ = [
    "ExponentialWeight",
    "FirstSpikeCrossEntropy",
    "InstantaneousCrossEntropy",
    "IntegralCrossEntropy",
    "Loss",
    "LossSum",
    "MaxVoltage",
    "MaxVoltageCrossEntropy",
    "Observable",
    "PathIntegral",
    "SpikeCountRegulariser",
    "SpikeLoss",
    "SpikeTimeFunction",
    "SpikeTimeSum",
    "SpikeTimeTarget",
    "TargetTrace",
    "VoltageAt",
    "VoltageFunction",
    "VoltageIntegral",
    "VoltageLoss",
    "VoltagePathIntegral",
    "VoltageTarget",
    "WeightedIntegral",
    "check_times",
    "is_loss",
    "is_separable",
    "is_spike_loss",
    "is_voltage_loss",
    "located_term",
    "of_samples",
    "terms_of",
]
