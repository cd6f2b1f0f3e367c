"""The statements of the lesson about derivatives of spikes, one module each, by exact arithmetic."""

from spikeproof_verification.experiments.lesson.zero_almost_everywhere import (
    ZeroAlmostEverywhere,
    zero_almost_everywhere,
)

__all__ = ["ZeroAlmostEverywhere", "zero_almost_everywhere"]
