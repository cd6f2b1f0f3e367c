"""Properties that every exact engine has, on problems drawn from seeds: no answer needs to be known."""

from spikeproof_verification.properties.suite import PropertyRecord, verify

__all__ = ["PropertyRecord", "verify"]
