"""Properties of gradients and losses."""

from properties import tests_of

from spikeproof_verification.properties import adjoint

globals().update(tests_of(adjoint))
