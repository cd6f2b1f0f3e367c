"""Properties of sparse projections: synapses that are not there do what weights of zero do, which is nothing."""

from properties import tests_of

from spikeproof_verification.properties import sparse

globals().update(tests_of(sparse))
