"""The ode engine: no closed form anywhere."""

from spikeproof_reference.ode.engine import OdeEngine

__all__ = ["OdeEngine"]
