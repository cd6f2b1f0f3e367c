"""Invariances of every observable: a later end, a later start, a run in two parts, and all inputs moved together."""

from properties import tests_of

from spikeproof_verification.properties import invariance

globals().update(tests_of(invariance))
