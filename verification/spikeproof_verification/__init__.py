"""Measurements, tolerances, checks and campaigns."""
