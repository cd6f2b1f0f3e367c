"""High-precision reference engines: other algorithms than the fast engines, any precision."""

from spikeproof_reference.branch import SequenceChanged
from spikeproof_reference.differences import Direction, central_difference, central_differences
from spikeproof_reference.engine import MpEngine
from spikeproof_reference.jacobian import SpikeTimeJacobian, spike_time_jacobian
from spikeproof_reference.losses import Sample, evaluated
from spikeproof_reference.one_sided import NotOneSided, OneSided, Side, one_sided
from spikeproof_reference.parameter import Parameter, parameters_of
from spikeproof_reference.rounding import RoundingSensitivity, rounding_sensitivity
from spikeproof_reference.voltage_losses import Observed, integrand_of, voltage_evaluated

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
