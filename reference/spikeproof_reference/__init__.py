"""High-precision reference engines: other algorithms than the fast engines, any precision."""

from spikeproof_reference.analysis.branch import SequenceChanged
from spikeproof_reference.analysis.differences import Direction, central_difference, central_differences
from spikeproof_reference.analysis.jacobian import SpikeTimeJacobian, spike_time_jacobian
from spikeproof_reference.analysis.one_sided import NotOneSided, OneSided, Side, one_sided
from spikeproof_reference.analysis.rounding import RoundingSensitivity, rounding_sensitivity
from spikeproof_reference.mp.engine import MpEngine
from spikeproof_reference.mp.losses.spike_losses import Sample, evaluated
from spikeproof_reference.mp.losses.voltage_losses import Observed, integrand_of, voltage_evaluated
from spikeproof_reference.mp.parameter import Parameter, parameters_of

__all__ = [
    "Direction",
    "MpEngine",
    "NotOneSided",
    "Observed",
    "OneSided",
    "Parameter",
    "RoundingSensitivity",
    "Sample",
    "SequenceChanged",
    "Side",
    "SpikeTimeJacobian",
    "central_difference",
    "central_differences",
    "evaluated",
    "integrand_of",
    "one_sided",
    "parameters_of",
    "rounding_sensitivity",
    "spike_time_jacobian",
    "voltage_evaluated",
]
