"""A gradient that someone has, in words: right, or what is wrong with it."""

from spikeproof_verification.conformance.gradient.check import GradientCheck, check_gradient

__all__ = ["GradientCheck", "check_gradient"]
