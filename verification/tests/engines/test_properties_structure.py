"""Properties of networks and stimuli: numbering, splitting, joining, adding what does nothing."""

from properties import tests_of

from spikeproof_verification.properties import structure

globals().update(tests_of(structure))
