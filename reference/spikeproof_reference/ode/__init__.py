"""The ode engine: numerical integration without any closed form."""

from spikeproof_reference.ode.engine import OdeEngine

__all__ = ["OdeEngine"]
