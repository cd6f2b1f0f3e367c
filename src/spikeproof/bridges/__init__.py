"""Bridges to frameworks and formats: networks as differentiable functions of arrays, and readers of network files."""

from spikeproof.bridges.bridge import Bridge
from spikeproof.bridges.padded import padded
from spikeproof.bridges.readings import MaxVoltages, Reading, SpikeTimes, Voltages

__all__ = ["Bridge", "MaxVoltages", "Reading", "SpikeTimes", "Voltages", "padded"]
