"""Comparisons with what is right: tolerances, measurements, verdicts, and references that have agreed before."""
