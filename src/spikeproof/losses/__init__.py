"""Losses: functions of spike times, of membrane potentials, or of both.

Functions of the user - of spike times, of V, integrands, weights g(t), targets - are written with arithmetic operators
and NumPy's elementary functions (exp, expm1, log, log1p, log10, sqrt, cbrt, the trigonometric and hyperbolic functions
and their inverses)::

    def function(v):
        return np.sum(np.log1p(np.exp(v))), 1 / (1 + np.exp(-v))

The same function then serves the float64 engines, which call it with arrays of float64, and the high-precision
reference, which calls it with arrays of its own numbers. ``math.exp`` and functions of mpmath would compute with other
digits than those asked for: the reference refuses them, and arrays of float64 that its numbers are written into (make
them with ``np.zeros_like``). Constants of a function are binary64 in every engine.

What a function or a loss returns must be real, finite, and of the shape that its docstring gives; nothing is broadcast.
Lists and whole numbers that float64 holds are converted; numbers of another type, booleans and masked arrays are
refused, single precision among them: it has lost the digits that gradients are promised to have.

A loss whose class has a `select` of its own, or `PerSample` and a `per_sample` of its own, can be taken apart by
samples: each thread of the event engine evaluates it for its own samples, so that several threads call the functions
of the user.
"""

from spikeproof.losses.first_spike import FirstSpikeCrossEntropy
from spikeproof.losses.horizon import Horizon, Ranks, Until, horizon_of
from spikeproof.losses.integrals import IntegralCrossEntropy, VoltageIntegral
from spikeproof.losses.max_voltage import MaxVoltageCrossEntropy
from spikeproof.losses.mixture import Located, LossSum, is_loss, is_separable, located_term, selected, terms_of
from spikeproof.losses.observables import (
    SMOOTH,
    ExponentialWeight,
    MaxVoltage,
    Observable,
    PathIntegral,
    VoltageAt,
    WeightedIntegral,
)
from spikeproof.losses.path_integrals import InstantaneousCrossEntropy, TargetTrace, VoltagePathIntegral
from spikeproof.losses.protocol import (
    Loss,
    SpikeLoss,
    VoltageLoss,
    check_reading,
    is_spike_loss,
    is_voltage_loss,
    spike_part,
    voltage_part,
)
from spikeproof.losses.samples import PerSample, cut
from spikeproof.losses.spike_count import SpikeCountRegulariser
from spikeproof.losses.spike_times import SpikeTimeFunction, SpikeTimeSum, SpikeTimeTarget
from spikeproof.losses.voltage_values import VoltageFunction, VoltageTarget

__all__ = [
    "SMOOTH",
    "ExponentialWeight",
    "FirstSpikeCrossEntropy",
    "Horizon",
    "InstantaneousCrossEntropy",
    "IntegralCrossEntropy",
    "Located",
    "Loss",
    "LossSum",
    "MaxVoltage",
    "MaxVoltageCrossEntropy",
    "Observable",
    "PathIntegral",
    "PerSample",
    "Ranks",
    "SpikeCountRegulariser",
    "SpikeLoss",
    "SpikeTimeFunction",
    "SpikeTimeSum",
    "SpikeTimeTarget",
    "TargetTrace",
    "Until",
    "VoltageAt",
    "VoltageFunction",
    "VoltageIntegral",
    "VoltageLoss",
    "VoltagePathIntegral",
    "VoltageTarget",
    "WeightedIntegral",
    "check_reading",
    "cut",
    "horizon_of",
    "is_loss",
    "is_separable",
    "is_spike_loss",
    "is_voltage_loss",
    "located_term",
    "selected",
    "spike_part",
    "terms_of",
    "voltage_part",
]
