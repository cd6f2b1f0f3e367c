"""Published schemas of the protocol and of what a run leaves, and checks against them."""

from spikeproof_verification.conformance.schemas.checks import check_definition, load

__all__ = ["check_definition", "load"]
