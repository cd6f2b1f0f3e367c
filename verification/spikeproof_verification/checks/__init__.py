"""Checks: comparisons with a reference or a file, their tolerances, and the references."""
