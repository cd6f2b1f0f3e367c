"""Analyses by the mp engine beyond gradients: differences, one-sided derivatives, rounding, spike-time Jacobian."""
