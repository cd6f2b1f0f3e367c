"""Kernels of the discrete network."""
