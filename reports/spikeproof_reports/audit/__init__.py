"""Audit: the engines that people use, each in its own environment, through the conformance suite."""
