"""Properties of the flow, of units and of time."""

from properties import tests_of

from spikeproof_verification.properties import units

globals().update(tests_of(units))
