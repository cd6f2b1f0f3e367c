"""Compiled kernels: plain arrays in, caller-allocated arrays out, failure as a status code."""
