"""The statements of the lesson about derivatives of spikes, one module each, by exact arithmetic."""

from spikeproof_verification.experiments.lesson.stair import Stair, stair
from spikeproof_verification.experiments.lesson.which_synapse import WhichSynapse, which_synapse
from spikeproof_verification.experiments.lesson.zero_almost_everywhere import (
    ZeroAlmostEverywhere,
    zero_almost_everywhere,
)

__all__ = [
    "Stair",
    "WhichSynapse",
    "ZeroAlmostEverywhere",
    "stair",
    "which_synapse",
    "zero_almost_everywhere",
]
