"""Losses: functions of spike times with a value per sample and a derivative per spike."""

from spikeproof.losses.first_spike import FirstSpikeCrossEntropy
from spikeproof.losses.protocol import Loss
from spikeproof.losses.spike_times import SpikeTimeFunction, SpikeTimeSum, SpikeTimeTarget

__all__ = ["FirstSpikeCrossEntropy", "Loss", "SpikeTimeFunction", "SpikeTimeSum", "SpikeTimeTarget"]
